"""What the sidebar lists: one summary per conversation, newest first."""

from collections.abc import Iterable

from chat.change import ChangeSignal
from chat.store.files.summary import Row, Summary


class Catalog:
    """All stored conversations, in memory; for the event loop only."""

    def __init__(self, rows: Iterable[Row] = (), *, notes: Iterable[str] = ()) -> None:
        self.changed = ChangeSignal()
        self.notes = list(notes)
        """What the person should know: a sentence for each file that cannot be read, and for a bad place."""
        self._rows = {row.summary.conversation_id: row for row in rows}
        self._summaries: list[Summary] | None = None

    @property
    def summaries(self) -> list[Summary]:
        """All conversations, newest first."""
        if self._summaries is None:
            summaries = (row.summary for row in self._rows.values())
            self._summaries = sorted(summaries, key=lambda summary: summary.updated_at, reverse=True)
        return list(self._summaries)

    @property
    def rows(self) -> list[Row]:
        """What the index keeps, in no order."""
        return list(self._rows.values())

    def find(self, conversation_id: str) -> Summary | None:
        """What is listed of a conversation, or `None` if it is not stored."""
        row = self._rows.get(conversation_id)
        return row.summary if row else None

    def knows(self, conversation_id: str) -> bool:
        """Whether this conversation is stored."""
        return conversation_id in self._rows

    def put(self, row: Row) -> None:
        """List a conversation, or list it anew."""
        self._rows[row.summary.conversation_id] = row
        self._tell()

    def remove(self, conversation_id: str) -> None:
        """List a conversation no longer."""
        self._rows.pop(conversation_id, None)
        self._tell()

    def _tell(self) -> None:
        self._summaries = None
        self.changed.notify()
