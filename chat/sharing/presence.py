"""Presence: which visitors view which conversation, and who is typing."""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Protocol

from chat.change_signal import ChangeSignal
from chat.sharing.access import Guest, Visitor

TYPING_TIMEOUT = 4.0
"""Seconds without a key after which somebody has stopped typing."""


class Viewer(Protocol):
    """A page that shows a conversation."""

    @property
    def is_connected(self) -> bool:
        """Whether its browser is connected; one that is away may reconnect."""
        ...


@dataclass(frozen=True, slots=True)
class Viewing:
    """A page, its visitor and the conversation."""

    visitor: Visitor
    conversation_id: str


class Presence:
    """Tracks every page that shows a conversation; views follow `changed`."""

    def __init__(self) -> None:
        self.changed = ChangeSignal()
        """Notified when somebody joins, leaves or has another name, and starts or stops typing.

        Whoever connects a browser, or loses it, notifies it too.
        """
        self._viewings: dict[Viewer, Viewing] = {}
        self._typing_since: dict[Viewer, asyncio.TimerHandle] = {}
        self._viewers: dict[str, list[Visitor]] = {}
        """By conversation, who is there; found once after each change, however many look."""
        self._viewers_of = 0
        """The count of the change after which they were found."""

    def join(self, page: Viewer, visitor: Visitor, conversation_id: str) -> None:
        """Add a page that shows a conversation."""
        self._viewings[page] = Viewing(visitor, conversation_id)
        self._viewers.clear()
        self.changed.notify_soon()

    def leave(self, page: Viewer) -> None:
        """Remove the page."""
        self._viewings.pop(page, None)
        self._viewers.clear()
        self.stopped_typing(page)
        self.changed.notify_soon()

    def visitor_on(self, page: Viewer) -> Visitor | None:
        """Return the visitor of a page, by their name of now."""
        return viewing.visitor if (viewing := self._viewings.get(page)) else None

    def rename(self, session_id: str, name: str) -> None:
        """Call a guest by another name, on all their pages."""
        for page, viewing in self._viewings.items():
            if isinstance(guest := viewing.visitor, Guest) and guest.session_id == session_id:
                self._viewings[page] = replace(viewing, visitor=replace(guest, name=name))
        self._viewers.clear()
        self.changed.notify()

    def typing(self, page: Viewer) -> None:
        """Note that somebody is typing on that page."""
        was_writing = self._typing_since.pop(page, None)
        if was_writing:
            was_writing.cancel()
        self._typing_since[page] = asyncio.get_running_loop().call_later(
            TYPING_TIMEOUT, self.stopped_typing, page
        )
        if not was_writing:
            self.changed.notify()

    def stopped_typing(self, page: Viewer) -> None:
        """Note that they have sent their message or stopped typing."""
        if was_writing := self._typing_since.pop(page, None):
            was_writing.cancel()
            self.changed.notify()

    def other_names(self, conversation_id: str, me: Visitor) -> list[str]:
        """Return the names of the other viewers of a conversation, in the order in which they joined."""
        if self._viewers_of != self.changed.count:
            self._viewers_of, self._viewers = self.changed.count, {}
        if conversation_id not in self._viewers:
            self._viewers[conversation_id] = self._visitors(self._viewings, conversation_id)
        return [one.name for one in self._viewers[conversation_id] if one.session_id != me.session_id]

    def typing_names(self, conversation_id: str, me: Visitor) -> list[str]:
        """Return the names of the others who are typing there."""
        typing = self._visitors(self._typing_since, conversation_id) if self._typing_since else []
        return [one.name for one in typing if one.session_id != me.session_id]

    def is_online(self, session_id: str) -> bool:
        """Return whether a guest's browser is connected now."""
        return any(
            place.visitor.session_id == session_id and page.is_connected
            for page, place in self._viewings.items()
        )

    def _visitors(self, pages: Iterable[Viewer], at: str) -> list[Visitor]:
        here = (self._viewings[page] for page in pages if page.is_connected)
        return list(dict.fromkeys(place.visitor for place in here if place.conversation_id == at))
