"""What administrators of a team see: its nodes, the answers under way, and what each user has used.

Nothing of what anybody has written, and no title, is among it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from chat.conversation.usage_ledger import DayUsage


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeStatus:
    """A process that serves the team."""

    name: str
    silent_for: float
    """Seconds since it has said that it is there."""
    is_silent: bool
    """Whether that is so long that others take over what it answers."""
    is_leaving: bool
    """Whether it is about to end, and takes over nothing."""
    answers: int
    """How many it is giving."""
    is_this: bool
    """Whether it is the one that says so."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunStatus:
    """An answer under way."""

    user: str
    node: str
    """'' if its node has given it up."""
    seconds: float
    """Since it began."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UserStatus:
    """What one user has."""

    name: str
    chats: int
    days: Sequence[DayUsage]
    """What they used, of the last 30 days."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TeamReport:
    """All of it at one moment."""

    nodes: Sequence[NodeStatus]
    runs: Sequence[RunStatus]
    """The longest first."""
    users: Sequence[UserStatus]


class Administration(Protocol):
    """Where that is known."""

    async def report(self) -> TeamReport:
        """Return what is so now.

        Raises:
            StorageUnavailable: If the database is away for too long.
        """
        ...
