"""Protocols between sharing, the network listener and the invite file."""

from collections.abc import Iterable, Sequence
from typing import Protocol

from chat.sharing.access import Session
from chat.sharing.invite_registry import AcceptedInvite
from chat.sharing.invites import Invite

ENDED_PATH = '/ended'
"""The page to which guests are redirected when sharing has ended."""


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


class NetworkListener(Protocol):
    """The listener on the network."""

    async def open(self, addresses: Sequence[str], guests: InviteAuthenticator) -> list[str]:
        """Listen on these addresses; return the URLs, each with a slash at its end.

        Raises:
            SharingFailed: If that is not possible. Then it listens nowhere.
        """
        ...

    async def close(self) -> None:
        """Stop listening, after telling the connected pages. Closing twice is harmless."""
        ...

    async def disconnect(self, session_ids: Iterable[str]) -> None:
        """Tell the pages of these sessions that sharing has ended, and send them nothing after that."""
        ...


class InviteStorage(Protocol):
    """Where invites outlast the process."""

    async def read(self) -> list[Invite]:
        """Return all that are stored; what cannot be read lets nobody in."""
        ...

    async def put(self, invite: Invite) -> None:
        """Store an invite, replacing the one with its id.

        Raises:
            OSError: If that failed.
        """
        ...

    async def remove(self, invite_id: str) -> None:
        """Remove an invite.

        Raises:
            OSError: If it may still be there.
        """
        ...
