"""Open Parlour for its owner: in a desktop window, or in the browser."""

import asyncio
import contextlib
import json
import logging
import re
import sys
import threading
import webbrowser
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from chat.server.instance import RunningInstance

log = logging.getLogger(__name__)

START_TIMEOUT = 60
"""Seconds that a window has to show the page, also on a slow computer."""

CLOSE_TIMEOUT = 2
"""Seconds that a window has to close, before its process is killed."""

WINDOW_FAILED_MESSAGE = 'The desktop window could not be shown. Start with --log-level debug to see why.'

SCREEN_ERROR_PATTERN = re.compile(r'could not connect to display ?(?P<display>\S*)')
"""What Qt 6 writes before it ends the process because no screen answers."""


@dataclass(eq=False, kw_only=True)
class DesktopWindow:
    """A window in a process of its own, `chat.window`, which is controlled by lines of JSON.

    The process ends when our end of its standard input is closed, so it does not outlive even a SIGKILL.
    """

    folder: Path
    """Where it saves its geometry."""
    icon: Path
    _process: asyncio.subprocess.Process | None = field(default=None, init=False)
    _log_task: asyncio.Task[None] | None = field(default=None, init=False)
    _screen_problem: str = field(default='', init=False)

    @property
    def is_open(self) -> bool:
        return self._process is not None and self._process.returncode is None

    async def open(self, url: str) -> str | None:
        """Show the page; return `None` once it is visible, or a sentence that says why it cannot be."""
        self._process = await asyncio.create_subprocess_exec(
            sys.executable,
            *('-m', 'chat.window'),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            cwd=Path(__file__).parents[2],  # where `chat` is found, in a checkout and installed
            start_new_session=True,  # Ctrl-C at the terminal is for us
        )
        self._log_task = asyncio.create_task(self._read_log(self._process.stderr))
        await self._send(url=url, folder=str(self.folder.absolute()), icon=str(self.icon))
        try:
            async with asyncio.timeout(START_TIMEOUT):
                event = await self._next_event()
        except TimeoutError:
            event = {}
        if event.get('event') == 'opened':
            return None
        await self.close()
        return event.get('sentence') or self._screen_problem or WINDOW_FAILED_MESSAGE

    async def wait_closed(self) -> bool:
        """Wait until the window is gone; return whether a person closed it, or else it has crashed."""
        event = await self._next_event()
        if self._process:
            await self._process.wait()
        return event.get('event') == 'closed'

    async def raise_window(self) -> bool:
        """Bring the window to the front; return whether there is one."""
        await self._send(to_front=True)
        return self.is_open

    async def close(self) -> None:
        """End the process, and wait for its end."""
        if not self._process or not self._log_task:
            return
        if self._process.stdin:
            self._process.stdin.close()
        try:
            async with asyncio.timeout(CLOSE_TIMEOUT):
                await self._process.wait()
        except TimeoutError:
            self._process.kill()
            await self._process.wait()
        await self._log_task

    async def _send(self, **order: str | bool) -> None:
        if self._process and self._process.stdin:
            self._process.stdin.write(json.dumps(order).encode() + b'\n')
            with contextlib.suppress(ConnectionError):  # it has ended; `wait_closed` says how
                await self._process.stdin.drain()

    async def _next_event(self) -> dict[str, str]:
        """Return the next event; an empty one if the process has ended without any."""
        assert self._process  # noqa: S101  # it is open
        assert self._process.stdout  # noqa: S101  # as it was started with one
        line = await self._process.stdout.readline()
        return json.loads(line) if line else {}

    async def _read_log(self, output: asyncio.StreamReader | None) -> None:
        """Log what Qt and its browser write, most of which never matters; note why there is no screen."""
        while output and (line := await output.readline()):
            text = line.decode(errors='replace').rstrip()
            log.debug('window: %s', text)
            if match := SCREEN_ERROR_PATTERN.search(text):
                screen = f'DISPLAY={match["display"]}' if match['display'] else 'WAYLAND_DISPLAY'
                self._screen_problem = (
                    f'There is no screen for a desktop window: nothing answers at {screen}.'
                )


@dataclass(eq=False, kw_only=True)
class Launcher:
    """Shows the page once the server is ready."""

    folder: Path
    """The data folder."""
    desktop: DesktopWindow | None
    """`None` if the owner wants the browser."""
    no_browser: bool
    _show_task: asyncio.Task[None] | None = field(default=None, init=False)

    def show(self, running: RunningInstance, *, closed: Callable[[], None]) -> None:
        """Show the page, without waiting for it; `closed` is called when a person has closed the window."""
        if self.desktop:
            self._show_task = asyncio.create_task(self._in_window(self.desktop, running, closed))
        else:
            self._in_browser(running)

    async def raise_window(self) -> bool:
        """Bring the window to the front; return whether there is one."""
        return bool(self.desktop and self.desktop.is_open and await self.desktop.raise_window())

    async def close(self) -> None:
        """Close the window."""
        if self._show_task:
            self._show_task.cancel()
            await asyncio.wait({self._show_task})
        if self.desktop:
            await self.desktop.close()

    async def _in_window(
        self, desktop: DesktopWindow, running: RunningInstance, closed: Callable[[], None]
    ) -> None:
        problem = await desktop.open(running.entrance)
        if problem is None and await desktop.wait_closed():
            return closed()
        print_line(problem or 'The desktop window has crashed; nothing is lost.')
        return self._in_browser(running)

    def _in_browser(self, running: RunningInstance) -> None:
        if not self.no_browser:
            # Which need not be waited for.
            threading.Thread(target=open_browser, args=(running, self.folder), daemon=True).start()


def open_browser(running: RunningInstance, folder: Path) -> None:
    """Open its page, or say where it is; `folder` is the data folder."""
    try:
        webbrowser.open(running.address_to_open(folder))
    except OSError as error:
        print_line(f'Open {running.entrance} in a browser; Parlour cannot: {error.strerror}.')


def print_line(line: str) -> None:
    """Write a line to the terminal, or to the program that reads our standard output."""
    with contextlib.suppress(OSError):  # nobody may be listening any more
        sys.stdout.write(line + '\n')
        sys.stdout.flush()
