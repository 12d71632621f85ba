"""What the sidebar lists: one summary per conversation, newest first."""

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from chat.change_signal import ChangeSignal
from chat.conversation.storage_values import ConversationSummary, FileProblem
from chat.store.conversations.format import file_name
from chat.store.conversations.summary import IndexedSummary

NO_PROBLEMS: Mapping[str, FileProblem] = MappingProxyType({})


class Catalog:
    """All stored conversations, in memory; for the event loop only."""

    def __init__(
        self, rows: Iterable[IndexedSummary] = (), *, problems: Mapping[str, FileProblem] = NO_PROBLEMS
    ) -> None:
        """List these conversations, and the problems by the names of the files that cannot be read."""
        self.changed = ChangeSignal()
        self._problems = problems
        self._indexed_summaries = {row.summary.conversation_id: row for row in rows}
        self._summaries: list[ConversationSummary] | None = None

    @property
    def summaries(self) -> list[ConversationSummary]:
        """All conversations, newest first."""
        if self._summaries is None:
            summaries = (row.summary for row in self._indexed_summaries.values())
            self._summaries = sorted(summaries, key=lambda summary: summary.updated_at, reverse=True)
        return list(self._summaries)

    @property
    def indexed_summaries(self) -> list[IndexedSummary]:
        """What the index keeps, in no order."""
        return list(self._indexed_summaries.values())

    def get(self, conversation_id: str) -> ConversationSummary | None:
        """What is listed of a conversation, or `None` if it is not stored."""
        row = self._indexed_summaries.get(conversation_id)
        return row.summary if row else None

    def has(self, conversation_id: str) -> bool:
        """Whether this conversation is stored."""
        return conversation_id in self._indexed_summaries

    @property
    def problems(self) -> list[FileProblem]:
        """What could not be read at start."""
        return list(self._problems.values())

    def problem_of(self, conversation_id: str) -> FileProblem | None:
        """Why a conversation could not be read at start, if there is a file of it, maybe set aside."""
        name = file_name(conversation_id)
        return next((problem for each, problem in self._problems.items() if each.startswith(name)), None)

    def put(self, row: IndexedSummary) -> None:
        """List a conversation, or list it anew."""
        self._indexed_summaries[row.summary.conversation_id] = row
        self._notify()

    def remove(self, conversation_id: str) -> None:
        """List a conversation no longer."""
        self._indexed_summaries.pop(conversation_id, None)
        self._notify()

    def _notify(self) -> None:
        self._summaries = None
        self.changed.notify()
