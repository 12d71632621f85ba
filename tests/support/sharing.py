"""Sharing with all that it stands on, and a time that passes when it is told to."""

from datetime import UTC, datetime

from chat.share.guest_book import InviteRegistry
from chat.share.sharing import Sharing
from tests.support.unshared import MemoryKeep, SilentNetwork


class Clock:
    """A time that passes when it is told to."""

    def __init__(self) -> None:
        self.now = datetime(2026, 1, 1, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


class Shared:
    """Sharing with all that it stands on; with the `keep` of another one it is that after a restart."""

    def __init__(self, keep: MemoryKeep | None = None) -> None:
        self.clock, self.network, self.keep = Clock(), SilentNetwork(), keep or MemoryKeep()
        self.book = InviteRegistry(self.keep.invites.values(), clock=self.clock)
        self.sharing = Sharing(self.book, network=self.network, invite_store=self.keep)
