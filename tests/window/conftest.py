"""A desktop under Xvfb, and Parlour with a window on it."""

import os
import shutil
from collections.abc import Callable, Generator, Sequence
from contextlib import ExitStack
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.support.launching import Launch, Process, start_process
from tests.support.ports import reserved_port
from tests.support.process import Parlour
from tests.support.provider import Provider
from tests.window.page import Page, page_at
from tests.window.x_screen import Screen, wait_until, xvfb

NEEDED = ('webview', 'PySide6', 'Xlib')


class Desktop:
    """A person's desktop: a screen, a browser that only notes what it is to open, a home folder."""

    def __init__(self, screen: Screen, home: Path, start: Callable[..., Process]) -> None:
        """`start` starts a command of Python, as `start_process`."""
        self._start = start
        self.screen = screen
        self.data = home / 'data'
        self.downloads = home / 'Downloads'
        self._opened = home / 'opened'
        self._debugging = reserved_port()
        self._pages = ExitStack()
        browser = home / 'browser'
        browser.write_text(f'#!/bin/sh\necho "$1" >> {self._opened}\n')
        browser.chmod(0o700)
        self.environment = {
            'DISPLAY': screen.name,
            'HOME': str(home),
            'BROWSER': str(browser),
            'QTWEBENGINE_REMOTE_DEBUGGING': str(self._debugging),
        }

    @property
    def opened(self) -> list[str]:
        """The addresses that were opened in the system's browser."""
        return self._opened.read_text().split() if self._opened.exists() else []

    def parlour(
        self, *, base_url: str | None = None, command: Sequence[str] = (), **environment: str
    ) -> Parlour:
        """Start Parlour with a window; variables that are empty are left out.

        `command` is how to run it, if not by this Python.
        """
        variables = {**self.environment, **environment}

        def launch(usual: Sequence[str], folder: Path) -> Process:
            flags = [flag for flag in usual[2:] if flag != '--no-browser']
            set_ones = {name: value for name, value in variables.items() if value}
            start = start_process if command else self._start
            return start([*(command or usual[:2]), *flags], folder, set_ones)

        return Parlour(self.data, '--native', base_url=base_url, launch=launch)

    def page(self) -> Page:
        """What the window shows, as soon as it shows Parlour."""
        self.screen.wait_for_window()
        page = self._pages.enter_context(page_at(self._debugging, self.screen))
        page.wait_for('window.socket?.connected')
        return page

    def close(self) -> None:
        """Let go of what is left of the pages, and see that no window is."""
        self._pages.close()
        wait_until(lambda: self.screen.window() is None, 'the window is still there')


@pytest.fixture(scope='session')
def screen() -> Generator[Screen]:
    """A screen; where there can be none the tests are skipped, but for those of CI."""
    missing = [name for name in NEEDED if not find_spec(name)] + (
        ['Xvfb'] if not shutil.which('Xvfb') else []
    )
    if missing:
        reason = f'A window needs {", ".join(missing)}; see the README.'
        if os.environ.get('CI'):
            pytest.fail(reason)
        pytest.skip(reason)
    with xvfb() as started:
        yield started


@pytest.fixture
def desktop(screen: Screen, tmp_path: Path, launch: Launch) -> Generator[Desktop]:
    made = Desktop(screen, tmp_path, launch)
    yield made
    made.close()


@pytest.fixture
def provider() -> Generator[Provider]:
    with Provider() as started:
        yield started
