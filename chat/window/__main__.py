"""The window's process: `python -m chat.window`, controlled by JSON lines.

The first line on standard input is the configuration: `{"url": …, "folder": …, "icon": …}`. After it may
come `{"to_front": true}`. When standard input ends, so does the window: its parent process is gone.
Standard output has one event per line: `{"event": "opened"}`, `{"event": "closed"}`,
or `{"event": "failed", "sentence": …}` with the reason why there is no window.
"""

import json
import os
import sys
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING

from chat.window.geometry import WindowGeometry
from chat.window.requirements import missing_requirement

if TYPE_CHECKING:
    from webview import Window

MIN_SIZE = (360, 480)
"""The smallest window, in pixels: that of a phone."""


def main() -> int:
    """Show a window until it is closed; return the exit code."""
    order: dict[str, str] = json.loads(sys.stdin.readline() or '{}')
    if not order:
        return 0
    if sentence := missing_requirement(os.environ):
        send_event('failed', sentence=sentence)
        return 1
    show(url=order['url'], folder=Path(order['folder']), icon=order['icon'])
    return 0


def show(*, url: str, folder: Path, icon: str) -> None:
    """Open the window where it was last time, and return when it is closed.

    Args:
        url: The page; external links open in the system's browser.
        folder: Holds `window.json`, the geometry of the window, and the profile of its browser.
        icon: The file of the icon.
    """
    prepare()
    import webview  # here, since it reads the environment, and is not needed to report missing requirements

    geometry_file = folder / 'window.json'
    geometry = WindowGeometry.read(geometry_file)
    window = webview.create_window(  # pyright: ignore[reportUnknownMemberType]
        'Parlour', url, **geometry.as_arguments(), hidden=True, min_size=MIN_SIZE, text_select=True
    )
    assert window is not None  # noqa: S101  # it is `None` only while another one is being started
    if sys.platform == 'linux':
        from chat.window.qt import configure  # Qt is only there on Linux

        configure(window, url, geometry)
    else:
        window.events.closing += lambda: geometry.update(window.x, window.y, window.width, window.height)

    def loaded() -> None:
        window.show()
        send_event('opened')

    window.events.loaded += loaded
    Thread(target=listen, args=(window,), daemon=True).start()
    (storage := folder / 'window').mkdir(mode=0o700, exist_ok=True)
    webview.start(private_mode=False, storage_path=str(storage), icon=icon)
    geometry.write(geometry_file)
    send_event('closed')


def prepare() -> None:
    """Set the environment variables that pywebview and Qt read."""
    if sys.platform == 'linux':
        os.environ['PYWEBVIEW_GUI'] = 'qt'  # else pywebview tries GTK first and logs that it is missing
        os.environ.setdefault('QT_API', 'pyside6')
        if os.geteuid() == 0:
            os.environ['QTWEBENGINE_DISABLE_SANDBOX'] = '1'  # Chromium's sandbox refuses to run as root


def listen(window: 'Window') -> None:
    """Handle the commands of the parent process, and end when it ends."""
    for line in sys.stdin:
        if json.loads(line).get('to_front'):
            window.restore()
    window.events.loaded.wait(5)
    window.destroy()


def send_event(event: str, **more: str) -> None:
    """Report an event; ignore that the parent process may be gone."""
    try:
        sys.stdout.write(json.dumps({'event': event, **more}) + '\n')
        sys.stdout.flush()
    except OSError:
        os._exit(0)


if __name__ == '__main__':
    sys.exit(main())
