"""All invites, and whom each has let in."""

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
    """The time, as it is stored."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class IssuedInvite:
    """A new invite with its token, which is not kept anywhere: to be shown once."""

    invite: Invite
    token: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AcceptedInvite:
    """A browser that has just come in by an invite."""

    invite: Invite
    secret: str
    """What the browser keeps, to be known again."""


class InviteRegistry:
    """Answers who may come in. It keeps nothing beyond the process, and tells nobody: `Sharing` does."""

    def __init__(self, invites: Iterable[Invite] = (), *, clock: Callable[[], datetime] = now_in_utc) -> None:
        self._clock = clock
        self._invites = {invite.id: invite for invite in invites}

    @property
    def invites(self) -> list[Invite]:
        """All that are not over, oldest first; those that are paused among them."""
        now = self._clock()
        return [invite for invite in self._invites.values() if not invite.is_expired(now)]

    @property
    def _open(self) -> list[Invite]:
        return [invite for invite in self.invites if not invite.is_paused]

    @property
    def expired(self) -> list[Invite]:
        """All whose time has run out, but who are still in the book."""
        now = self._clock()
        return [invite for invite in self._invites.values() if invite.is_expired(now)]

    @property
    def next_expiry(self) -> timedelta | None:
        """How long until the next one is over; `None` if none will be."""
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
        """Make an invite; `lasting` is `None` if it ends when sharing does."""
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
        """Let a browser in; one that shows the `secret` of an earlier time stays the one it was.

        Raises:
            InviteExpired: If no invite that is not paused has this token, or too many have come by it.
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
        """The session of a browser that shows its secret; `None` if it is unknown, over or paused."""
        session_id = hash_of(secret)
        invite = next((invite for invite in self._open if session_id in invite.sessions), None)
        return invite.session(session_id) if invite else None

    def pause(self, *, is_paused: bool) -> list[str]:
        """Have all invites let nobody in, or let in again; return the ids of those for which that is new."""
        changed = [invite for invite in self.invites if invite.is_paused != is_paused]
        self._invites |= {invite.id: replace(invite, is_paused=is_paused) for invite in changed}
        return [invite.id for invite in changed]

    def find(self, invite_id: str) -> Invite | None:
        """The invite as it is now; `None` if it was taken out of the book."""
        return self._invites.get(invite_id)

    def revoke(self, invite_id: str) -> Invite | None:
        """Take an invite out of the book."""
        return self._invites.pop(invite_id, None)
