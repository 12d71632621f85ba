"""Where the owner sees Parlour: in a desktop window, or in the browser."""

import asyncio
import contextlib
import sys
import threading
import webbrowser
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from chat.server.desktop_window import DesktopWindow
from chat.server.instance import RunningInstance
from chat.server.redirect_page import address_to_open


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
        """Return without waiting; `closed` is called when a person has closed the window."""
        if self.desktop:
            self._show_task = asyncio.create_task(self._in_window(self.desktop, running, closed))
        else:
            self._in_browser(running)

    async def raise_window(self) -> bool:
        """Bring the window before the others; return whether there is one."""
        return bool(self.desktop and self.desktop.is_open and await self.desktop.raise_window())

    async def close(self) -> None:
        """Put the window away."""
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
            open_browser(address_to_open(running, self.folder))


def open_browser(url: str) -> None:
    """Open the page; return without waiting for the browser."""
    threading.Thread(target=webbrowser.open, args=(url,), daemon=True).start()


def print_line(line: str) -> None:
    """Tell the terminal, or the program that reads our standard output."""
    with contextlib.suppress(OSError):  # nobody may be listening any more
        sys.stdout.write(line + '\n')
        sys.stdout.flush()
