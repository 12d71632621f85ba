"""A summary in the index: what is known of a conversation without opening its file."""

from dataclasses import dataclass, replace
from datetime import datetime

from chat.conversation.storage_values import ConversationSummary


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
