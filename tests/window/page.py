"""The page in the window, by the protocol of its developer tools: where things are, and what they say."""

import json
from collections.abc import Generator
from contextlib import contextmanager, suppress
from typing import Any

import httpx2
from websockets.sync.client import ClientConnection, connect

from tests.support.timeouts import WAIT_TIMEOUT
from tests.window.x_screen import Screen, wait_until


class PageLeft(Exception):
    """The window went to another page before this one could answer."""


class Page:
    """Looks into the page; what a person does there is done at the screen."""

    def __init__(self, tools: ClientConnection, screen: Screen) -> None:
        self._screen = screen
        self._tools = tools
        self._number = 0

    def value(self, expression: str) -> Any:
        """What a JavaScript expression has as its value, awaited if it is a promise."""
        self._number += 1
        wanted = {'expression': expression, 'returnByValue': True, 'awaitPromise': True, 'userGesture': True}
        order = {'id': self._number, 'method': 'Runtime.evaluate', 'params': wanted}
        self._tools.send(json.dumps(order))
        while (answer := json.loads(self._tools.recv(WAIT_TIMEOUT))).get('id') != self._number:
            pass
        if 'error' in answer:
            raise PageLeft(answer['error'])
        assert 'exceptionDetails' not in answer['result'], answer
        return answer['result']['result'].get('value')

    def wait_for(self, expression: str) -> None:
        """Wait until an expression is true."""

        def holds() -> bool:
            with suppress(PageLeft):  # the next one may be the page that is waited for
                return bool(self.value(f'Boolean({expression})'))
            return False

        wait_until(holds, f'{expression} did not come true')

    def click(self, selector: str, *, button: int = 1) -> None:
        """Click at the middle of an element, with the mouse."""
        element = f'document.querySelector({json.dumps(selector)})'
        self.wait_for(element)
        x, y = self.value(
            f'(({{left, top, width, height}}) => [left + width / 2, top + height / 2])'
            f'({element}.getBoundingClientRect())'
        )
        zoom = self.value('devicePixelRatio')
        left, top, _, _ = self._screen.place
        self._screen.click(left + round(x * zoom), top + round(y * zoom), button=button)

    def enter(self, selector: str) -> None:
        """Click into a field until it has the keyboard: while a page is being built, things move."""
        has_it = f'document.activeElement.matches({json.dumps(selector)})'

        def is_entered() -> bool:
            self.click(selector)
            return bool(self.value(has_it))

        wait_until(is_entered, f'{selector} did not get the keyboard')


@contextmanager
def page_at(port: int, screen: Screen) -> Generator[Page]:
    """The page whose developer tools are at the port that `QTWEBENGINE_REMOTE_DEBUGGING` names."""
    with connect(_address(port), max_size=None, open_timeout=WAIT_TIMEOUT, ping_interval=None) as tools:
        yield Page(tools, screen)


def _address(port: int) -> str:
    pages: list[dict[str, str]] = []

    def is_there() -> bool:
        try:
            pages[:] = httpx2.get(f'http://127.0.0.1:{port}/json', trust_env=False).json()
        except (httpx2.HTTPError, ValueError):  # or somebody else answers
            return False
        return any('127.0.0.1' in page['url'] for page in pages)

    wait_until(is_there, 'the page was not loaded')
    return next(page['webSocketDebuggerUrl'] for page in pages if '127.0.0.1' in page['url'])
