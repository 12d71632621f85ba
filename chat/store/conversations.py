"""Conversations on disk: pydantic-ai's store, one TinyDB file per conversation."""

import asyncio
import logging
from collections.abc import Coroutine, Sequence
from pathlib import Path
from typing import Any, TypeVar

from pydantic_ai import AgentRunResult, Conversation
from pydantic_ai.conversation_store import ConversationEntry, ConversationRecord, ConversationStore

from chat.conversation.details import Details
from chat.store.catalog import Catalog
from chat.store.conversation_files import ConversationFiles
from chat.store.format import dumped_entry, dumped_record
from chat.store.worker import Worker

log = logging.getLogger(__name__)

T = TypeVar('T')


class TinyDBConversationStore(ConversationStore):
    """Keeps each conversation, with its details, in a file of its own; it is a `DetailsStore` too.

    Whatever changes a file is finished even if the caller is cancelled meanwhile.

    A fork gets copies of the entries it keeps. So deleting a conversation erases its messages, except
    those that a fork has copied.
    """

    def __init__(self, folder: Path, *, worker: Worker, catalog: Catalog) -> None:
        """Keep the files in this folder, which exists, and list them in the catalog."""
        self._files = ConversationFiles(folder)
        self._worker = worker
        self._catalog = catalog
        self._saving = asyncio.Lock()
        self._under_way = set[asyncio.Task[Any]]()

    async def save(
        self, conversation: Conversation | AgentRunResult[Any], *, scope: str | None = None
    ) -> list[ConversationEntry]:
        """As in the base class, and one save after the other, so that none sees another half done."""
        return await self._finished(self._save(conversation, scope))

    async def _save(
        self, conversation: Conversation | AgentRunResult[Any], scope: str | None
    ) -> list[ConversationEntry]:
        async with self._saving:
            return await super().save(conversation, scope=scope)

    async def read_record(self, conversation_id: str) -> ConversationRecord | None:
        return await self._worker.run(self._files.record, conversation_id)

    async def read_records(
        self, *, scope: str | None = None, limit: int | None = None
    ) -> list[ConversationRecord]:
        ids = [summary.conversation_id for summary in self._catalog.summaries]
        return await self._worker.run(self._files.records, ids, scope, limit)

    async def write_record(
        self,
        record: ConversationRecord,
        *,
        new_entries: Sequence[ConversationEntry] = (),
        expected_revision: str | None,
    ) -> None:
        entries = {
            entry.id: dumped_entry(entry) for entry in new_entries
        }  # now: the caller may change them later
        await self._finished(self._commit(dumped_record(record), entries, expected_revision))

    async def _commit(
        self, record: dict[str, Any], entries: dict[str, Any], expected_revision: str | None
    ) -> None:
        self._catalog.put(await self._worker.run(self._files.commit, record, entries, expected_revision))

    async def delete_record(self, conversation_id: str, *, expected_revision: str) -> None:
        await self._finished(self._delete(conversation_id, expected_revision))

    async def _delete(self, conversation_id: str, expected_revision: str) -> None:
        await self._worker.run(self._files.remove, conversation_id, expected_revision)
        self._catalog.remove(conversation_id)

    async def read_entry(self, entry_id: str) -> ConversationEntry:
        return await self._worker.run(self._files.entry, entry_id)

    async def read_history(self, head_id: str | None, *, limit: int | None = None) -> list[ConversationEntry]:
        return [] if head_id is None else await self._worker.run(self._files.history, head_id, limit)

    async def read_details(self, conversation_id: str) -> Details:
        return await self._worker.run(self._files.details, conversation_id)

    async def write_details(self, conversation_id: str, details: Details) -> None:
        await self._finished(self._put_details(conversation_id, details))

    async def _put_details(self, conversation_id: str, details: Details) -> None:
        if row := await self._worker.run(self._files.put_details, conversation_id, details):
            self._catalog.put(row)

    async def close(self) -> None:
        """Return when all that was begun is done."""
        while self._under_way:
            await asyncio.wait(self._under_way)

    async def _finished(self, work: Coroutine[Any, Any, T]) -> T:
        """Do the work in a task of its own, which goes on if the caller is cancelled."""
        task = asyncio.create_task(work)
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)
        try:
            return await asyncio.shield(task)
        except asyncio.CancelledError:
            task.add_done_callback(_log_failure)
            raise


def _log_failure(task: asyncio.Task[Any]) -> None:
    if not task.cancelled() and (error := task.exception()):
        log.error('What a cancelled caller wanted to store was not stored', exc_info=error)
