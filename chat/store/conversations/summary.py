"""What is known of a conversation without opening its file."""

from dataclasses import dataclass, replace
from datetime import datetime

from pydantic import AwareDatetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ConversationSummary:
    """One conversation, as the sidebar shows it."""

    conversation_id: str
    title: str
    """Empty as long as the conversation has none."""
    updated_at: AwareDatetime
    """When messages were last stored."""
    is_pinned: bool = False
    is_archived: bool = False
    is_unread: bool = False
    """These three: see `ConversationMetadata`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexedSummary:
    """A summary, and what tells whether the file it was made from is still the same."""

    summary: ConversationSummary
    size: int
    """Of the file, in bytes."""
    mtime_ns: int


def not_in_future(now: datetime, row: IndexedSummary) -> IndexedSummary:
    """The row; what a wrong clock has dated later than now is dated now, else it would stay on top."""
    if row.summary.updated_at <= now:
        return row
    return replace(row, summary=replace(row.summary, updated_at=now))
