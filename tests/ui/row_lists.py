"""What the lists of a simulated page show; they draw their rows in the browser."""

import asyncio
from collections.abc import Callable
from typing import Any, cast

from nicegui import ElementFilter, ui
from nicegui.testing import User

from tests.support.timeouts import WAIT_TIMEOUT


def rows(person: User, marker: str = 'conversations') -> list[dict[str, Any]]:
    """The rows that a page has of a list, from above."""
    with person:
        [shown] = ElementFilter(kind=ui.element, marker=marker)
    return cast('list[dict[str, Any]]', shown.props['rows'])  # NiceGUI does not say what a prop is


def titles(person: User, marker: str = 'conversations') -> list[str]:
    return [row['title'] for row in rows(person, marker)]


async def sees(person: User, *expected: str, marker: str = 'conversations') -> None:
    """Wait until a list has these titles, in this order."""
    await soon(lambda: titles(person, marker) == list(expected))
    assert titles(person, marker) == list(expected)


async def soon(holds: Callable[[], bool]) -> None:
    """Return as soon as something holds of a page, which tells nobody.

    Raises:
        TimeoutError: If it never does.
    """
    async with asyncio.timeout(WAIT_TIMEOUT):  # the machine may be busy
        while not holds():  # noqa: ASYNC110
            await asyncio.sleep(0.01)


def act(person: User, *what: str, marker: str = 'conversations') -> None:
    """Do something to a row, as its menu or its buttons do."""
    person.find(marker=marker).trigger('action', list(what))


async def undo(person: User) -> None:
    """Take back what was done, as soon as that is offered."""
    await person.should_see('Undo')
    person.find('Undo').click()
