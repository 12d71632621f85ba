"""Sharing with all that it stands on, and a time that passes when it is told to."""

from datetime import UTC, datetime

from chat.sharing.invites import Invite, InviteRegistry
from chat.sharing.sharing import Sharing
from tests.support.fake_sharing import FakeNetwork
from tests.support.memory_values import MemoryValues


class Clock:
    """A time that passes when it is told to."""

    def __init__(self) -> None:
        self.now = datetime(2026, 1, 1, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


class SharingSetup:
    """Sharing with all that it stands on; with the `keep` of another one it is that after a restart."""

    def __init__(self, keep: MemoryValues[Invite] | None = None) -> None:
        self.clock, self.network, self.keep = Clock(), FakeNetwork(), keep or MemoryValues[Invite]()
        self.book = InviteRegistry(self.keep.values.values(), clock=self.clock)
        self.sharing = Sharing(self.book, network=self.network, invite_store=self.keep)
