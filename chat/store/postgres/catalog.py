"""What is listed of the conversations of one person, in memory: the sidebar and the trash."""

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, LiteralString

from pydantic import ValidationError

from chat.change_signal import ChangeSignal
from chat.conversation.storage import ConversationSummary, FileProblem, TrashedConversation
from chat.store.postgres.database import Database
from chat.store.postgres.rows import load_summary

log = logging.getLogger(__name__)

UNREADABLE = (
    'What is stored of one or more chats makes no sense, so they are not listed. They are left as they are; '
    'the log of this Parlour names their rows.'
)

LISTED_COLUMNS: LiteralString = 'key, summary, updated_at, deleted_at'


@dataclass(frozen=True, slots=True)
class ListedRow:
    """A row of the table of conversations, as far as lists need it."""

    key: int
    summary: ConversationSummary
    deleted_at: datetime | None

    @classmethod
    def of(cls, key: int, summary: str, updated_at: datetime, deleted_at: datetime | None) -> 'ListedRow':
        """Return what `LISTED_COLUMNS` say; one that is dated in the future would stay on top."""
        dated = min(updated_at.astimezone(UTC), datetime.now(UTC))
        return cls(key, replace(load_summary(summary), updated_at=dated), deleted_at)

    @property
    def trashed(self) -> TrashedConversation | None:
        """What the trash lists; `None` if it is not in it."""
        if self.deleted_at is None:
            return None
        return TrashedConversation(
            conversation_id=self.summary.conversation_id,
            title=self.summary.title,
            updated_at=self.summary.updated_at,
            deleted_at=self.deleted_at.astimezone(UTC),
        )


class PostgresCatalog:
    """A `ConversationCatalog`, with the trash beside it; for the event loop only."""

    def __init__(self) -> None:
        self.changed = ChangeSignal()
        self.trash_changed = ChangeSignal()
        self._rows: dict[int, ListedRow] = {}
        """By their keys, those in the trash among them."""
        self._unreadable: frozenset[int] = frozenset()
        """The keys of those of which nothing can be listed."""
        self._listed: dict[str, ConversationSummary] = {}
        self._keys: dict[str, int] = {}
        self._put_count = 0

    @property
    def problems(self) -> Sequence[FileProblem]:
        return (FileProblem(conversation_id=None, sentence=UNREADABLE),) if self._unreadable else ()

    @property
    def summaries(self) -> list[ConversationSummary]:
        return sorted(self._listed.values(), key=lambda summary: summary.updated_at, reverse=True)

    @property
    def trashed(self) -> list[TrashedConversation]:
        """What is in the trash, the one deleted last first."""
        return [row for _, row in reversed(self.trashed_by_key)]

    @property
    def trashed_by_key(self) -> list[tuple[int, TrashedConversation]]:
        """What is in the trash with its keys, the one deleted first first."""
        found = [(row.key, trashed) for row in self._rows.values() if (trashed := row.trashed)]
        return sorted(found, key=lambda item: item[1].deleted_at)

    def get(self, conversation_id: str) -> ConversationSummary | None:
        return self._listed.get(conversation_id)

    def has(self, conversation_id: str) -> bool:
        return conversation_id in self._listed

    def problem_of(self, conversation_id: str) -> FileProblem | None:
        return None

    def put(self, row: ListedRow) -> None:
        """List a conversation, where it is now."""
        self._put_count += 1
        self._unreadable -= {row.key}
        before = self._rows.get(row.key)
        if row != before:
            self._rows[row.key] = row
            self._notify(before, row)

    def key_of(self, conversation_id: str) -> int | None:
        """Return the key of the row of a conversation that is listed."""
        return self._keys.get(conversation_id)

    def id_of(self, key: int) -> str | None:
        """Return the id of the conversation in a row, if it is listed."""
        row = self._rows.get(key)
        return row.summary.conversation_id if row and row.deleted_at is None else None

    def remove(self, key: int | None) -> None:
        """List it no longer."""
        self._put_count += 1
        if key is not None:
            self._unreadable -= {key}
            self._notify(self._rows.pop(key, None))

    async def read(self, database: Database, owner: str) -> None:
        """List what is stored now, whoever has changed it."""
        rows, unreadable = dict[int, ListedRow](), frozenset[int]()
        seen = -1
        while seen != self._put_count:
            seen = self._put_count
            found = await database.read(f'select {LISTED_COLUMNS} from conversation where owner = %s', owner)
            rows, unreadable = await asyncio.to_thread(_by_key, found)  # of thousands of chats
        if unreadable != self._unreadable:
            self._unreadable = unreadable
            self.changed.notify()
        if rows != self._rows:
            before, self._rows = self._rows, rows
            self._notify(*before.values(), *rows.values())

    async def read_row(self, database: Database, key: int) -> None:
        """List what is stored of one conversation now."""
        rows: list[Any] = []
        seen = -1
        while seen != self._put_count:  # else what was put meanwhile may be newer
            seen = self._put_count
            rows = await database.read(f'select {LISTED_COLUMNS} from conversation where key = %s', key)
        readable, unreadable = _by_key(rows)
        if key in readable:
            self.put(readable[key])
        else:
            self.remove(key)
        if unreadable:
            self._unreadable |= unreadable
            self.changed.notify()

    def _notify(self, *rows: ListedRow | None) -> None:
        changed = [row for row in rows if row]
        if any(row.deleted_at is None for row in changed):
            listed = [row for row in self._rows.values() if row.deleted_at is None]
            self._listed = {row.summary.conversation_id: row.summary for row in listed}
            self._keys = {row.summary.conversation_id: row.key for row in listed}
            self.changed.notify()
        if any(row.deleted_at for row in changed):
            self.trash_changed.notify()


def _by_key(found: Sequence[Sequence[Any]]) -> tuple[dict[int, ListedRow], frozenset[int]]:
    """Return rows by their keys, and the keys of those that make no sense."""
    rows, unreadable = dict[int, ListedRow](), set[int]()
    for key, *rest in found:
        try:
            rows[key] = ListedRow.of(key, *rest)
        except ValidationError:
            log.warning('What is to be listed of the conversation in row %s is invalid; it is left out', key)
            unreadable.add(key)
    return rows, frozenset(unreadable)
