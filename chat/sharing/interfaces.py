"""What sharing needs from those who know the network and the disk, and what the network asks it."""

from collections.abc import Iterable, Sequence
from typing import Protocol

from chat.sharing.access import Session
from chat.sharing.invite_registry import AcceptedInvite
from chat.sharing.invites import Invite

ENDED_PATH = '/ended'
"""Where the pages of a share go that has ended."""


class InviteAuthenticator(Protocol):
    """Whom the network asks about those who come by it."""

    async def join(self, token: str, secret: str) -> AcceptedInvite:
        """Let a browser in by a token.

        Raises:
            InviteExpired: If it may not come in.
        """
        ...

    def session(self, secret: str) -> Session | None:
        """Who shows this secret."""
        ...


class NetworkListener(Protocol):
    """The listener on the network."""

    async def open(self, addresses: Sequence[str], guests: InviteAuthenticator) -> list[str]:
        """Listen there; return the URLs, each with a slash at its end.

        Raises:
            SharingFailed: If that is not possible. Then it listens nowhere.
        """
        ...

    async def close(self) -> None:
        """Listen no more; whoever is there is told first. It may be closed already."""
        ...

    async def disconnect(self, session_ids: Iterable[str]) -> None:
        """Tell the pages of these sessions that it is over; from then on nothing reaches them any more."""
        ...


class InviteStorage(Protocol):
    """Where invites outlast the process."""

    async def read(self) -> list[Invite]:
        """Return all that are stored; what cannot be read lets nobody in."""
        ...

    async def put(self, invite: Invite) -> None:
        """Store an invite, in the place of the one with its id.

        Raises:
            OSError: If that failed.
        """
        ...

    async def remove(self, invite_id: str) -> None:
        """Forget an invite.

        Raises:
            OSError: If it may still be there.
        """
        ...
