"""Where the owner sees Parlour: in a desktop window, or in the browser."""

import asyncio
import contextlib
import sys
import threading
import webbrowser
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from chat.serve.desktop import Desktop
from chat.serve.entrance import address_to_open
from chat.serve.instance import RunningInstance


@dataclass(eq=False, kw_only=True)
class Screen:
    """Shows the page once the server is ready."""

    folder: Path
    """The data folder."""
    desktop: Desktop | None
    """`None` if the owner wants the browser."""
    no_browser: bool
    _showing: asyncio.Task[None] | None = field(default=None, init=False)

    def show(self, running: RunningInstance, *, closed: Callable[[], None]) -> None:
        """Return without waiting; `closed` is called when a person has closed the window."""
        if self.desktop:
            self._showing = asyncio.create_task(self._in_window(self.desktop, running, closed))
        else:
            self._in_browser(running)

    async def to_front(self) -> bool:
        """Bring the window before the others; return whether there is one."""
        return bool(self.desktop and self.desktop.is_open and await self.desktop.to_front())

    async def close(self) -> None:
        """Put the window away."""
        if self._showing:
            self._showing.cancel()
            await asyncio.wait({self._showing})
        if self.desktop:
            await self.desktop.close()

    async def _in_window(
        self, desktop: Desktop, running: RunningInstance, closed: Callable[[], None]
    ) -> None:
        problem = await desktop.open(running.entrance)
        if problem is None and await desktop.closed():
            return closed()
        say(problem or 'The desktop window has broken off; nothing is lost.')
        return self._in_browser(running)

    def _in_browser(self, running: RunningInstance) -> None:
        if not self.no_browser:
            open_browser(address_to_open(running, self.folder))


def open_browser(url: str) -> None:
    """Open the page; return without waiting for the browser."""
    threading.Thread(target=webbrowser.open, args=(url,), daemon=True).start()


def say(line: str) -> None:
    """Tell the terminal, or the program that reads our standard output."""
    with contextlib.suppress(OSError):  # nobody may be listening any more
        sys.stdout.write(line + '\n')
        sys.stdout.flush()
