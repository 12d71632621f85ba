"""The catalog of all conversations, newest first, and the index, a cache of it on disk.

The index spares opening every file at start, and may be deleted. A row of it counts only if the file still
has the size and the time that the row names. It is never synced to the disk; a failure to read or write it is
logged and nothing more.
"""

import json
import logging
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

from pydantic import TypeAdapter, ValidationError

from chat.change_signal import ChangeSignal
from chat.conversation.storage import ConversationSummary, FileProblem
from chat.store.conversations.conversation_file import IndexedSummary
from chat.store.conversations.format import file_name
from chat.store.filesystem.disk import Disk

log = logging.getLogger(__name__)

NO_PROBLEMS: Mapping[str, FileProblem] = MappingProxyType({})

_INDEXED_SUMMARY = TypeAdapter(IndexedSummary)

_INDEXED_SUMMARIES = TypeAdapter(list[IndexedSummary])


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
        """Return the summary of a conversation; `None` if it is not stored."""
        row = self._indexed_summaries.get(conversation_id)
        return row.summary if row else None

    def has(self, conversation_id: str) -> bool:
        """Return whether this conversation is stored."""
        return conversation_id in self._indexed_summaries

    @property
    def problems(self) -> list[FileProblem]:
        """What could not be read at start."""
        return list(self._problems.values())

    def problem_of(self, conversation_id: str) -> FileProblem | None:
        """Return why a conversation could not be read at start; `None` if there is no file of it."""
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


def read_index(path: Path) -> dict[str, IndexedSummary]:
    """Read the rows by file name, without those that make no sense."""
    try:
        rows: list[Any] = list(json.loads(path.read_bytes()))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, TypeError, RecursionError) as error:
        log.warning('The index cannot be read and is rebuilt: %s', error)
        return {}
    return {
        file_name(row.summary.conversation_id): row for row in map(_indexed_summary, rows) if row is not None
    }


def _indexed_summary(value: Any) -> IndexedSummary | None:
    try:
        return _INDEXED_SUMMARY.validate_python(value)
    except ValidationError:
        return None


def write_index(path: Path, rows: Iterable[IndexedSummary], disk: Disk) -> None:
    """Replace the index."""
    try:
        disk.replace(path, _INDEXED_SUMMARIES.dump_json(list(rows)), durable=False)
    except OSError as error:
        log.warning('The index was not written: %s', error)
