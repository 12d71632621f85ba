"""Somebody at a simulated page."""

from typing import Any

from nicegui.element import Element
from nicegui.testing import User

from tests.support.timeouts import WAIT_TIMEOUT

LOOKS_FOR_IT = round(WAIT_TIMEOUT * 10)
"""How often a person looks for what must come: ten times a second, in NiceGUI 3.18."""
LOOKS_WHETHER_GONE = round(WAIT_TIMEOUT * 20)
"""How often a person looks for what must go: twenty times a second."""

_ANY_ELEMENT: Any = Element
_displayed_contents = _ANY_ELEMENT._displayed_contents  # noqa: SLF001


def _with_html(self: Any, *, only_visible: bool) -> list[Any]:
    return [*_displayed_contents(self, only_visible=only_visible), self.props.get('innerHTML')]


_ANY_ELEMENT._displayed_contents = _with_html  # noqa: SLF001


class PatientUser(User):
    """A `User` with patience, who also sees what is HTML."""

    async def should_see(self, *args: Any, retries: int = LOOKS_FOR_IT, **filters: Any) -> None:
        await super().should_see(*args, retries=retries, **filters)

    async def should_not_see(self, *args: Any, retries: int = LOOKS_WHETHER_GONE, **filters: Any) -> None:
        await super().should_not_see(*args, retries=retries, **filters)
