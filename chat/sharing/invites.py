"""Invites: temporary access by a link, and the browsers that have accepted each."""

import secrets
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Literal, Protocol
from unicodedata import category

from pydantic import AwareDatetime

from chat.agent_config import OWNER_NAME
from chat.errors import GuestNameRefused, InviteExpired
from chat.sharing.access import Guest, Owner, Session, Visitor, hash_of, new_secret

MAX_SESSIONS = 50
"""Browsers that may accept one invite: enough for a group, few enough not to fill the disk."""

MAX_GUEST_NAME_LENGTH = 40
"""Characters of the name of an invite or a guest."""

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
    names: dict[str, str] = field(default_factory=dict[str, str])
    """By session id: the names that guests have given themselves."""

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

    def guest_name(self, session_id: str) -> str:
        """Return the name that a guest chose, or the label; from the second one on, that has a number."""
        number = list(self.sessions).index(session_id) + 1
        return self.names.get(session_id) or (f'{self.label} {number}' if number > 1 else self.label)

    def _visitor(self, session_id: str) -> Visitor:
        if self.allows == 'everything':
            return Owner(is_remote=True)
        return Guest(
            conversation_id=self.conversation_id,
            permission=self.allows,
            name=self.guest_name(session_id),
            session_id=session_id,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class IssuedInvite:
    """A new invite with its token, which is shown once and stored nowhere."""

    invite: Invite
    token: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AcceptedInvite:
    """A browser that has just accepted an invite."""

    invite: Invite
    secret: str
    """The secret for the cookie of the browser."""


class InviteAuthenticator(Protocol):
    """Authenticates guests for the network listener."""

    async def join(self, token: str, secret: str) -> AcceptedInvite:
        """Accept an invite by its token.

        Raises:
            InviteExpired: If the invite is not valid.
        """
        ...

    def session(self, secret: str) -> Session | None:
        """Return the session of the browser that sends this secret."""
        ...


def clean_guest_name(text: str) -> str:
    """Return a name on one line, without what cannot be seen; '' if nothing of it can."""
    visible = ''.join(' ' if category(character).startswith('C') else character for character in text)
    return ' '.join(visible.split())[:MAX_GUEST_NAME_LENGTH].strip()


def now_in_utc() -> datetime:
    """Return the current time in UTC."""
    return datetime.now(UTC)


class InviteRegistry:
    """Authenticates guests in memory; `Sharing` stores the invites and notifies about changes."""

    def __init__(self, invites: Iterable[Invite] = (), *, clock: Callable[[], datetime] = now_in_utc) -> None:
        self._clock = clock
        self._invites = {invite.id: invite for invite in invites}

    @property
    def invites(self) -> list[Invite]:
        """All valid invites, oldest first, including those that are paused."""
        now = self._clock()
        return [invite for invite in self._invites.values() if not invite.is_expired(now)]

    @property
    def _open(self) -> list[Invite]:
        return [invite for invite in self.invites if not invite.is_paused]

    @property
    def expired(self) -> list[Invite]:
        """All invites that have expired but are still registered."""
        now = self._clock()
        return [invite for invite in self._invites.values() if invite.is_expired(now)]

    @property
    def next_expiry(self) -> timedelta | None:
        """How long until the next registered invite expires, 0 if one has; `None` if none will."""
        now = self._clock()
        left = [left for invite in self._invites.values() if (left := invite.time_left(now)) is not None]
        return max(min(left), timedelta()) if left else None

    def issue(
        self,
        allows: Literal['read', 'write', 'everything'],
        conversation_id: str = '',
        *,
        lasting: timedelta | None,
        name: str = '',
    ) -> IssuedInvite:
        """Create an invite; `lasting` is `None` if it ends when sharing does."""
        token, now = new_secret(), self._clock()
        invite = Invite(
            id=secrets.token_hex(8),
            token_id=hash_of(token),
            allows=allows,
            conversation_id=conversation_id,
            name=name,
            made_at=now,
            ends_at=now + lasting if lasting is not None else None,
        )
        self._invites[invite.id] = invite
        return IssuedInvite(invite=invite, token=token)

    def join(self, token: str, secret: str = '') -> AcceptedInvite:
        """Accept an invite; a browser that sends the `secret` of an earlier visit keeps its session.

        Raises:
            InviteExpired: If no active invite has this token, or too many browsers have accepted it.
        """
        token_id, known = hash_of(token), hash_of(secret)
        invite = next((invite for invite in self._open if invite.token_id == token_id), None)
        if invite and known in invite.sessions:
            return AcceptedInvite(invite=invite, secret=secret)
        if invite is None or invite.is_exhausted:
            raise InviteExpired
        fresh = new_secret()
        self._invites[invite.id] = invite.joined(hash_of(fresh), self._clock())
        return AcceptedInvite(invite=self._invites[invite.id], secret=fresh)

    def session(self, secret: str) -> Session | None:
        """Return the session of a secret; `None` if it is unknown, expired or paused."""
        session_id = hash_of(secret)
        invite = next((invite for invite in self._open if session_id in invite.sessions), None)
        return invite.session(session_id) if invite else None

    def rename(self, session_id: str, name: str) -> Invite | None:
        """Give a guest another name; return their invite, or `None` if they have none any more.

        Raises:
            GuestNameRefused: If somebody else in the conversation is called so.
        """
        invite = next((invite for invite in self._open if session_id in invite.sessions), None)
        if invite is None or invite.allows == 'everything':
            return None
        if name.casefold() in self._names_beside(session_id, invite.conversation_id):
            raise GuestNameRefused
        self._invites[invite.id] = replace(invite, names={**invite.names, session_id: name})
        return self._invites[invite.id]

    def _names_beside(self, session_id: str, conversation_id: str) -> set[str]:
        """Return what all others in a conversation are called, in small letters."""
        shared = (invite for invite in self.invites if invite.conversation_id == conversation_id)
        names = {
            invite.guest_name(each) for invite in shared for each in invite.sessions if each != session_id
        }
        return {name.casefold() for name in names | {OWNER_NAME}}

    def pause(self, *, is_paused: bool) -> list[str]:
        """Pause or resume all invites; return the ids of those that changed."""
        changed = [invite for invite in self.invites if invite.is_paused != is_paused]
        self._invites |= {invite.id: replace(invite, is_paused=is_paused) for invite in changed}
        return [invite.id for invite in changed]

    def find(self, invite_id: str) -> Invite | None:
        """Return the current invite; `None` if it was revoked."""
        return self._invites.get(invite_id)

    def revoke(self, invite_id: str) -> Invite | None:
        """Revoke an invite."""
        return self._invites.pop(invite_id, None)
