"""Sharing without a network and a disk: what was opened, dismissed and stored can be looked at."""

from collections.abc import Iterable, Sequence

from chat.errors import SharingFailed
from chat.sharing.invites import InviteAuthenticator, InviteRegistry
from chat.sharing.sharing import Sharing
from tests.support.memory_values import MemoryValues


class FakeNetwork:
    """Listens nowhere, and remembers what it was told."""

    def __init__(self) -> None:
        self.is_open = False
        self.disconnected: list[str] = []
        """The ids of sessions, in the order in which they were dismissed."""

    async def open(self, addresses: Sequence[str], guests: InviteAuthenticator) -> list[str]:
        assert guests
        if 'nowhere' in addresses:
            raise SharingFailed('There is no such address.')
        self.is_open = True
        return [f'http://{address}:8080/' for address in addresses]

    async def close(self) -> None:
        self.is_open = False

    async def disconnect(self, session_ids: Iterable[str]) -> None:
        self.disconnected += session_ids


def fake_sharing() -> Sharing:
    """Sharing that has not begun, for pages that have to have one; in a running event loop only."""
    return Sharing(InviteRegistry(), network=FakeNetwork(), invite_store=MemoryValues())
