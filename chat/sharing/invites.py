"""Invites: temporary access by a link."""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Literal

from pydantic import AwareDatetime

from chat.sharing.access import Guest, Owner, Session, Visitor

MAX_SESSIONS = 50
"""Browsers that may accept one invite: enough for a group, few enough not to fill the disk."""

MAX_OWNER_SESSIONS = 1
"""Browsers that may accept an invite with full access: the device that it was made for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Invite:
    """The access that a link grants, and the browsers that have accepted it."""

    id: str
    token_id: str
    """The hash of the token; the token itself is only in the link."""
    allows: Literal['read', 'write', 'everything']
    """To read or write in one conversation, or full access on another device of the owner."""
    conversation_id: str
    """The shared conversation; with full access the page to start with, or empty."""
    name: str = ''
    """The name that the owner gave it; see `label`."""
    made_at: AwareDatetime
    ends_at: AwareDatetime | None
    """`None` if it ends when sharing does."""
    is_paused: bool = False
    """Whether it was kept when sharing was stopped; it grants no access until the owner shares again."""
    sessions: dict[str, AwareDatetime] = field(default_factory=dict[str, AwareDatetime])
    """The session ids of the browsers that have accepted it, with the time, oldest first."""

    @property
    def label(self) -> str:
        """Its name, or a default for its kind."""
        return self.name or ('My device' if self.allows == 'everything' else 'Guest')

    def is_expired(self, now: datetime) -> bool:
        return self.ends_at is not None and self.ends_at <= now

    def time_left(self, now: datetime) -> timedelta | None:
        return self.ends_at - now if self.ends_at else None

    @property
    def is_exhausted(self) -> bool:
        return len(self.sessions) >= (MAX_OWNER_SESSIONS if self.allows == 'everything' else MAX_SESSIONS)

    @property
    def path(self) -> str:
        """The path of the page that it opens."""
        return f'/c/{self.conversation_id}' if self.conversation_id else '/'

    def session(self, session_id: str) -> Session:
        """Return one of its sessions, with its visitor."""
        return Session(id=session_id, visitor=self._visitor(session_id))

    def joined(self, session_id: str, now: datetime) -> 'Invite':
        """Return the invite with one more session."""
        return replace(self, sessions={**self.sessions, session_id: now})

    def _visitor(self, session_id: str) -> Visitor:
        """Return the visitor; from the second one on, the name has a number."""
        if self.allows == 'everything':
            return Owner(is_remote=True)
        number = list(self.sessions).index(session_id) + 1
        name = f'{self.label} {number}' if number > 1 else self.label
        return Guest(
            conversation_id=self.conversation_id, permission=self.allows, name=name, session_id=session_id
        )
