"""Check whether this computer can show a window, before Qt does, which would abort the process."""

import ctypes
import shutil
import socket
import sys
from collections.abc import Iterable, Mapping
from importlib.util import find_spec

DISPLAY_TIMEOUT = 2
"""Seconds that a display has to answer."""

X11_SETUP_REQUEST = b'l\0\x0b\0\0\0\0\0\0\0\0\0'
"""The first words of an X client: little-endian, version 11, no authority. Any display answers it."""

LIBRARY_PACKAGES = {
    'libEGL.so.1': 'libegl1',
    'libGL.so.1': 'libgl1',
    'libX11-xcb.so.1': 'libx11-xcb1',
    'libXcomposite.so.1': 'libxcomposite1',
    'libXdamage.so.1': 'libxdamage1',
    'libXrandr.so.2': 'libxrandr2',
    'libXtst.so.6': 'libxtst6',
    'libasound.so.2': 'libasound2',
    'libdbus-1.so.3': 'libdbus-1-3',
    'libfontconfig.so.1': 'libfontconfig1',
    'libgbm.so.1': 'libgbm1',
    'libnss3.so': 'libnss3',
    'libxcb-cursor.so.0': 'libxcb-cursor0',
    'libxcb-icccm.so.4': 'libxcb-icccm4',
    'libxcb-image.so.0': 'libxcb-image0',
    'libxcb-keysyms.so.1': 'libxcb-keysyms1',
    'libxcb-randr.so.0': 'libxcb-randr0',
    'libxcb-render-util.so.0': 'libxcb-render-util0',
    'libxcb-shape.so.0': 'libxcb-shape0',
    'libxcb-xkb.so.1': 'libxcb-xkb1',
    'libxkbcommon-x11.so.0': 'libxkbcommon-x11-0',
    'libxkbfile.so.1': 'libxkbfile1',
}
"""Libraries that Qt and its browser need on Linux, with their Debian packages."""


def missing_requirement(environment: Mapping[str, str]) -> str | None:
    """Return why there can be no window and what to install; `None` if nothing seems to be missing."""
    needed = ('webview', 'PySide6', 'qtpy') if sys.platform == 'linux' else ('webview',)
    if not all(find_spec(name) for name in needed):
        return 'The desktop window needs more packages. Install them with: pip install ".[native]"'
    if sys.platform != 'linux':
        return None
    if environment.get('WAYLAND_DISPLAY'):
        return missing_libraries(name for name in LIBRARY_PACKAGES if not name.startswith(('libX', 'libxcb')))
    if not (display := environment.get('DISPLAY')):
        return 'There is no screen for a desktop window: neither DISPLAY nor WAYLAND_DISPLAY is set.'
    if not display_answers(display):
        return f'There is no screen for a desktop window: nothing answers at DISPLAY={display}.'
    return missing_libraries(LIBRARY_PACKAGES)


def missing_libraries(names: Iterable[str]) -> str | None:
    """Return what to install for the libraries that cannot be loaded; `None` if all can."""
    missing = [name for name in names if not is_loadable(name)]
    if not missing:
        return None
    if shutil.which('apt-get'):
        packages = ' '.join(LIBRARY_PACKAGES[name] for name in missing)
        return f'The desktop window needs system libraries. Install them with: apt install {packages}'
    return f'The desktop window needs these libraries of your system: {", ".join(missing)}.'


def is_loadable(library: str) -> bool:
    """Return whether the system's loader finds the library with its dependencies."""
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


def display_answers(display: str) -> bool:
    """Return whether an X server answers: `:0` on this computer, `host:0` on another."""
    host, _, number = display.rpartition(':')
    screen = number.partition('.')[0]
    if not screen.isdecimal():
        return False
    is_local = host in ('', 'unix')
    try:
        with socket.socket(socket.AF_UNIX) if is_local else socket.socket() as server:
            server.settimeout(DISPLAY_TIMEOUT)
            server.connect(f'/tmp/.X11-unix/X{screen}' if is_local else (host, 6000 + int(screen)))  # noqa: S108  # where X has it
            server.sendall(X11_SETUP_REQUEST)
            return bool(server.recv(1))
    except OSError:
        return False
