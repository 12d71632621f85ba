"""What it costs to watch an answer grow: `python tests/benchmarks/streaming.py [characters …]`.

Parlour and a naive NiceGUI page show the same Markdown from the same provider on loopback, in tokens of 4
characters at about 400 a second. Needs Chromium; reads CPU times from /proc, so it runs on Linux only.
"""

import os
import platform
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2]))  # it also runs from a copy that is not installed

from playwright.sync_api import Browser, Error, WebSocket, expect, sync_playwright

from tests.benchmarks.blocks import mixed
from tests.support.process import Parlour
from tests.support.provider import Provider
from tests.support.replies import Reply

LENGTHS = (4_000, 16_000)
PAUSE = 0.0025
PATIENCE = 300_000
END = 'This is the end.'


@dataclass(frozen=True, slots=True, kw_only=True)
class App:
    """A running app: where its page is, and which process serves it."""

    name: str
    url: str
    pid: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What one answer cost."""

    app: str
    length: int
    payload: float
    """Bytes per character that came over the page's websocket, before compression."""
    server: float
    """Seconds of CPU in the server, what it spends on talking to the provider included."""
    browser: float
    """Seconds of the page's main thread."""
    seconds: float
    """From the key to the end of the answer on the page."""


@contextmanager
def parlour(provider: Provider) -> Generator[App]:
    with (
        tempfile.TemporaryDirectory() as folder,
        Parlour(Path(folder) / 'data', base_url=provider.url) as app,
    ):
        app.wait_until_ready()
        yield App(name='Parlour', url=app.url, pid=app.pid)


@contextmanager
def naive(provider: Provider) -> Generator[App]:
    with socket.create_server(('127.0.0.1', 0)) as free:
        port = free.getsockname()[1]
    script = str(Path(__file__).with_name('naive_app.py'))
    process = subprocess.Popen([sys.executable, script, str(port), provider.url])  # noqa: S603  # our own
    try:
        yield App(name='naive NiceGUI', url=f'http://127.0.0.1:{port}', pid=process.pid)
    finally:
        process.terminate()
        process.wait()


def cpu_of(pid: int) -> float:
    """Seconds of CPU that a process has used."""
    fields = Path(f'/proc/{pid}/stat').read_text().rpartition(')')[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf('SC_CLK_TCK')


class Watched:
    """A page that can be used, and what it has cost so far."""

    def __init__(self, browser: Browser, url: str) -> None:
        self.page = browser.new_page(viewport={'width': 1280, 'height': 800})
        self.received = 0
        """Bytes that came over websockets, before compression."""
        self.page.on('websocket', self._listen)
        session = self.page.context.new_cdp_session(self.page)
        self._ask: Callable[..., dict[str, Any]] = session.send  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
        self._ask('Performance.enable', {'timeDomain': 'threadTicks'})
        self._visit(url)

    @property
    def main_thread(self) -> float:
        """Seconds that the main thread has worked."""
        metrics = self._ask('Performance.getMetrics')['metrics']
        return next(metric['value'] for metric in metrics if metric['name'] == 'TaskDuration')

    def _listen(self, websocket: WebSocket) -> None:
        websocket.on('framereceived', self._count)

    def _count(self, payload: str | bytes) -> None:
        self.received += len(payload)

    def _visit(self, url: str) -> None:
        """Open the page; not every app says when it is ready."""
        for _ in range(100):
            with suppress(Error):
                self.page.goto(url)
                break
            time.sleep(0.1)
        expect(self.page.get_by_test_id('composer')).to_be_editable()


def measure(browser: Browser, app: App, provider: Provider, length: int) -> Result:
    text = f'{mixed(length)}\n\n{END}'
    provider.say(Reply(pieces=[text[at : at + 4] for at in range(0, len(text), 4)], pause=PAUSE))
    watched = Watched(browser, app.url)
    page = watched.page
    before = cpu_of(app.pid), watched.main_thread, watched.received, time.perf_counter()
    page.get_by_test_id('composer').fill('Go')
    page.get_by_test_id('composer').press('Enter')
    expect(page.get_by_test_id('answer').last).to_contain_text(END, timeout=PATIENCE)
    result = Result(
        app=app.name,
        length=length,
        payload=(watched.received - before[2]) / len(text),
        server=cpu_of(app.pid) - before[0],
        browser=watched.main_thread - before[1],
        seconds=time.perf_counter() - before[3],
    )
    page.close()
    return result


def row(result: Result) -> str:
    return (
        f'{result.app:16}{result.length:>9,}{result.payload:>12.1f}{result.server:>12.2f}'
        f'{result.browser:>14.2f}{result.seconds:>10.1f}'
    )


def main() -> None:
    lengths = [int(length) for length in sys.argv[1:]] or list(LENGTHS)
    chromium = os.environ.get('PARLOUR_CHROMIUM') or shutil.which('chromium')
    print(f'Python {platform.python_version()}, NiceGUI {version("nicegui")}, {os.cpu_count()} cores')
    print(f'{"":16}{"length":>9}{"bytes/char":>12}{"server s":>12}{"main thread s":>14}{"seconds":>10}')
    results: dict[str, list[Result]] = {}
    with sync_playwright() as playwright, Provider() as provider:
        browser = playwright.chromium.launch(executable_path=chromium, args=['--no-sandbox', '--disable-gpu'])
        for start in (parlour, naive):
            with start(provider) as app:
                measure(browser, app, provider, 500)  # the first answer imports the provider's client
                results[app.name] = [measure(browser, app, provider, length) for length in lengths]
                print(*map(row, results[app.name]), sep='\n')
        browser.close()
    for ours, theirs in zip(results['Parlour'], results['naive NiceGUI'], strict=True):
        print(
            f'at {ours.length:,}: {theirs.payload / ours.payload:.0f} times less over the wire, '
            f'{theirs.server / ours.server:.1f} times less server, '
            f'{theirs.browser / ours.browser:.1f} times less browser'
        )


if __name__ == '__main__':
    main()
