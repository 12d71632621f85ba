"""All invites, and the browsers that have accepted each."""

import secrets
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Literal

from chat.errors import InviteExpired
from chat.sharing.access import Session
from chat.sharing.invites import Invite
from chat.sharing.tokens import hash_of, new_secret


def now_in_utc() -> datetime:
    """Return the current time in UTC."""
    return datetime.now(UTC)


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
        """Return how long until the next invite expires; `None` if none will."""
        now = self._clock()
        return min((left for invite in self.invites if (left := invite.time_left(now))), default=None)

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
