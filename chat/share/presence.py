"""Who is here: which visitors look at which conversation, and who of them is writing."""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from chat.change import ChangeSignal
from chat.share.visitor import Visitor

PAUSE = 4.0
"""Seconds without a key after which somebody is not writing any more."""


class Page(Protocol):
    """A page that shows a conversation."""

    @property
    def is_connected(self) -> bool:
        """Whether its browser is there; one that is away may come back."""
        ...


@dataclass(frozen=True, slots=True)
class Place:
    """Who looks, and at what."""

    visitor: Visitor
    conversation_id: str


class Presence:
    """Knows every page that shows a conversation; views follow `changed`."""

    def __init__(self) -> None:
        self.changed = ChangeSignal()
        """Notified when somebody comes or goes, and begins to write or ends."""
        self._places: dict[Page, Place] = {}
        self._writing: dict[Page, asyncio.TimerHandle] = {}

    def come(self, page: Page, visitor: Visitor, conversation_id: str) -> None:
        """Note that a page shows a conversation, until it goes."""
        self._places[page] = Place(visitor, conversation_id)
        self.changed.notify()

    def go(self, page: Page) -> None:
        """Note that it does not any more."""
        self._places.pop(page, None)
        self.rest(page)
        self.changed.notify()

    def write(self, page: Page) -> None:
        """Note that somebody has pressed a key there just now."""
        was_writing = self._writing.pop(page, None)
        if was_writing:
            was_writing.cancel()
        self._writing[page] = asyncio.get_running_loop().call_later(PAUSE, self.rest, page)
        if not was_writing:
            self.changed.notify()

    def rest(self, page: Page) -> None:
        """Note that they have sent what they wrote, or write no more."""
        if was_writing := self._writing.pop(page, None):
            was_writing.cancel()
            self.changed.notify()

    def others(self, conversation_id: str, me: Visitor) -> list[str]:
        """The names of those who look at a conversation besides me, who came first first."""
        return self._names(self._places, conversation_id, me)

    def writing(self, conversation_id: str, me: Visitor) -> list[str]:
        """The names of those who are writing there besides me."""
        return self._names(self._writing, conversation_id, me)

    def is_here(self, session_id: str) -> bool:
        """Whether a guest's browser shows something now."""
        return any(
            place.visitor.session_id == session_id and page.is_connected
            for page, place in self._places.items()
        )

    def _names(self, pages: Iterable[Page], at: str, me: Visitor) -> list[str]:
        here = (self._places[page] for page in pages if page.is_connected)
        visitors = dict.fromkeys(place.visitor for place in here if place.conversation_id == at)
        return [visitor.name for visitor in visitors if visitor != me]
