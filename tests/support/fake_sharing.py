"""Sharing without a network and a disk: what was opened, dismissed and stored can be looked at."""

from collections.abc import Iterable, Sequence

from chat.errors import SharingFailed
from chat.sharing.invites import Invite, InviteAuthenticator, InviteRegistry
from chat.sharing.sharing import Sharing


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


class MemoryInviteStore:
    """Keeps invites for as long as the test runs; it can be made to fail like a full disk."""

    def __init__(self) -> None:
        self.invites: dict[str, Invite] = {}
        self.is_full = False

    async def read(self) -> list[Invite]:
        return list(self.invites.values())

    async def put(self, invite: Invite) -> None:
        self._write()
        self.invites[invite.id] = invite

    async def remove(self, invite_id: str) -> None:
        self._write()
        self.invites.pop(invite_id, None)

    def _write(self) -> None:
        if self.is_full:
            raise OSError(28, 'No space left on device')


def fake_sharing() -> Sharing:
    """Sharing that has not begun, for pages that have to have one; in a running event loop only."""
    return Sharing(InviteRegistry(), network=FakeNetwork(), invite_store=MemoryInviteStore())
