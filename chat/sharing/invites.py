"""Invites: the right to come in by a link, for a time."""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Literal

from pydantic import AwareDatetime

from chat.sharing.access import Guest, Owner, Session, Visitor

MAX_SESSIONS = 50
"""Browsers that may come in by one invite: everyone in a room, and nobody fills the disk by reloading."""

MAX_OWNER_SESSIONS = 1
"""Browsers that may come in by an invite to everything: the device that it was made for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Invite:
    """What a link allows, and which browsers came by it."""

    id: str
    token_id: str
    """The hash of the token; the token itself is in the link, and nowhere else."""
    allows: Literal['read', 'write', 'everything']
    """To read or write in one conversation, or to be the owner on another device."""
    conversation_id: str
    """The one that is shared; where to begin, or empty, if everything is."""
    name: str = ''
    """What the owner calls whom it is for; see `label`."""
    made_at: AwareDatetime
    ends_at: AwareDatetime | None
    """`None` if it ends when sharing does."""
    is_paused: bool = False
    """Whether it was kept when sharing was stopped, and lets nobody in until the owner shares again."""
    sessions: dict[str, AwareDatetime] = field(default_factory=dict[str, AwareDatetime])
    """The ids of the browsers that came by it, and when they did; in that order."""

    @property
    def label(self) -> str:
        """Whom it is for, in words."""
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
        """Where it leads to."""
        return f'/c/{self.conversation_id}' if self.conversation_id else '/'

    def session(self, session_id: str) -> Session:
        """One of its sessions, and who came by it."""
        return Session(id=session_id, visitor=self._visitor(session_id))

    def joined(self, session_id: str, now: datetime) -> 'Invite':
        """The invite with one more session."""
        return replace(self, sessions={**self.sessions, session_id: now})

    def _visitor(self, session_id: str) -> Visitor:
        """Whoever comes by it; who is not the first has a number behind the name."""
        if self.allows == 'everything':
            return Owner(is_remote=True)
        number = list(self.sessions).index(session_id) + 1
        name = f'{self.label} {number}' if number > 1 else self.label
        return Guest(
            conversation_id=self.conversation_id, permission=self.allows, name=name, session_id=session_id
        )
