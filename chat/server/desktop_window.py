"""The desktop window, as the server sees it: a process that lives no longer than this one."""

import asyncio
import contextlib
import json
import logging
import sys
from dataclasses import dataclass, field
from pathlib import Path

log = logging.getLogger(__name__)

START_TIMEOUT = 60
"""Seconds that a window has to show the page, on a slow computer too."""

CLOSE_TIMEOUT = 2
"""Seconds that it has to close, before it is ended."""

WINDOW_FAILED_MESSAGE = 'The desktop window could not be shown. Start with --log-level debug to see why.'


@dataclass(eq=False, kw_only=True)
class DesktopWindow:
    """A window in a process of its own, `chat.window`, told what to do by lines of JSON.

    The process ends when our end of its standard input is closed, so it does not outlive even a SIGKILL.
    """

    folder: Path
    """Where it keeps its place on the screen."""
    icon: Path
    _process: asyncio.subprocess.Process | None = field(default=None, init=False)
    _log_task: asyncio.Task[None] | None = field(default=None, init=False)

    @property
    def is_open(self) -> bool:
        return self._process is not None and self._process.returncode is None

    async def open(self, url: str) -> str | None:
        """Show the page; return why that cannot be, in a sentence, or `None` once it is seen."""
        self._process = await asyncio.create_subprocess_exec(
            sys.executable,
            *('-m', 'chat.window'),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            cwd=Path(__file__).parents[2],  # where `chat` is found, in a checkout and installed
            start_new_session=True,  # Ctrl-C at the terminal is for us
        )
        self._log_task = asyncio.create_task(_log_output(self._process.stderr))
        await self._send(url=url, folder=str(self.folder.absolute()), icon=str(self.icon))
        try:
            event = await asyncio.wait_for(self._next_event(), START_TIMEOUT)
        except TimeoutError:
            event = {}
        if event.get('event') == 'opened':
            return None
        await self.close()
        return event.get('sentence', WINDOW_FAILED_MESSAGE)

    async def wait_closed(self) -> bool:
        """Wait until the window is gone; return whether a person closed it, else it has broken off."""
        event = await self._next_event()
        if self._process:
            await self._process.wait()
        return event.get('event') == 'closed'

    async def raise_window(self) -> bool:
        """Bring the window before the others; return whether there is one."""
        await self._send(to_front=True)
        return self.is_open

    async def close(self) -> None:
        """End the process, and wait for its end."""
        if not self._process or not self._log_task:
            return
        if self._process.stdin:
            self._process.stdin.close()
        try:
            await asyncio.wait_for(self._process.wait(), CLOSE_TIMEOUT)
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
        """What has happened next; nothing if the process has ended without a word."""
        assert self._process  # noqa: S101  # it is open
        assert self._process.stdout  # noqa: S101  # as it was started with one
        line = await self._process.stdout.readline()
        return json.loads(line) if line else {}


async def _log_output(said: asyncio.StreamReader | None) -> None:
    """Take what Qt and its browser say, which is much and rarely matters."""
    while said and (line := await said.readline()):
        log.debug('window: %s', line.decode(errors='replace').rstrip())
