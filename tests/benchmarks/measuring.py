"""The apps that are measured, and what sees their cost: bytes, processor time, the main thread of a page."""

import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Generator, Iterable
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Error, WebSocket, expect

from tests.support.launching import Launch, start_process
from tests.support.process import Parlour
from tests.support.provider import Provider
from tests.support.replies import Reply
from tests.support.stored_chats import StoredChat, write_chats

END_TIMEOUT = 400_000
"""Milliseconds after which an answer does not come any more."""
SEEN = Path(__file__).with_name('seen.js')
TOKEN = 4
COUNT = count(1)
"""Tells each answer from those before it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class App:
    """A running app: where its page is, and which process serves it."""

    name: str
    url: str
    pid: int

    @property
    def cpu(self) -> float:
        """Seconds of processor time that it has used."""
        fields = Path(f'/proc/{self.pid}/stat').read_text().rpartition(')')[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf('SC_CLK_TCK')

    @property
    def memory(self) -> float:
        """MB that it holds."""
        pages = int(Path(f'/proc/{self.pid}/statm').read_text().split()[1])
        return pages * os.sysconf('SC_PAGE_SIZE') / 1e6


@contextmanager
def parlour(
    provider: Provider, books: Iterable[StoredChat] = (), launch: Launch = start_process
) -> Generator[App]:
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / 'data'
        write_chats(data, books)
        with Parlour(data, base_url=provider.url, launch=launch) as app:
            app.wait_until_ready()
            yield App(name='Parlour', url=app.url, pid=app.pid)


@contextmanager
def naive(provider: Provider) -> Generator[App]:
    """The page that one writes first; see `naive_app.py`."""
    with socket.create_server(('127.0.0.1', 0)) as free:
        port = free.getsockname()[1]
    script = str(Path(__file__).with_name('naive_app.py'))
    process = subprocess.Popen([sys.executable, script, str(port), provider.url])  # noqa: S603  # our own
    try:
        yield App(name='naive NiceGUI', url=f'http://127.0.0.1:{port}', pid=process.pid)
    finally:
        process.terminate()
        process.wait()


class Watched:
    """A page that can be used, and what it has cost so far."""

    def __init__(self, browser: Browser, url: str) -> None:
        self.page = browser.new_page(viewport={'width': 1280, 'height': 800})
        self.received = 0
        """Bytes that came over websockets, before compression."""
        self.page.on('websocket', self._listen)
        self.page.add_init_script(path=SEEN)
        session = self.page.context.new_cdp_session(self.page)
        self._ask: Callable[..., dict[str, Any]] = session.send  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
        self._ask('Performance.enable', {'timeDomain': 'threadTicks'})
        self._visit(url)

    @property
    def main_thread(self) -> float:
        """Seconds that the main thread has worked."""
        metrics = self._ask('Performance.getMetrics')['metrics']
        return next(metric['value'] for metric in metrics if metric['name'] == 'TaskDuration')

    @property
    def seen(self) -> dict[str, float]:
        """Of the last answer that was asked for, see `seen.js`."""
        return self.page.evaluate('seen')

    def send(self) -> None:
        self.page.get_by_test_id('composer').fill('Go')
        self.page.evaluate('lookForAnswer()')
        self.page.get_by_test_id('composer').press('Enter')

    def wait_for(self, text: str) -> None:
        """Wait until the last answer ends with this."""
        self.page.evaluate('text => lookForEnd(text)', text)
        # The page notes when it was; to be asked more often would cost it a tenth of what an answer does.
        self.page.wait_for_function('seen.end', polling=500, timeout=END_TIMEOUT)

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
        expect(self.page.get_by_test_id('composer')).to_be_editable(timeout=END_TIMEOUT)


def spoken(text: str, *, pause: float) -> Reply:
    """An answer in tokens, with an end of its own."""
    text = f'{text}\n\nThis is the end of answer {next(COUNT)}.'
    return Reply(pieces=[text[at : at + TOKEN] for at in range(0, len(text), TOKEN)], pause=pause)


def end_of(reply: Reply) -> str:
    """What a page shows once the answer is whole."""
    return reply.text.rpartition('\n')[2]
