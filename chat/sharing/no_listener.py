"""What takes the place of the network listener where nothing is shared on a network."""

from collections.abc import Iterable, Sequence

from chat.errors import SharingFailed
from chat.sharing.invites import InviteAuthenticator


class NoListener:
    """Opens nothing, and says why."""

    def __init__(self, why: str) -> None:
        self._why = why

    async def open(self, addresses: Sequence[str], guests: InviteAuthenticator) -> list[str]:
        raise SharingFailed(self._why)

    async def close(self) -> None:
        """Do nothing: there is none."""

    async def disconnect(self, session_ids: Iterable[str]) -> None:
        """Do nothing: nobody is there."""
