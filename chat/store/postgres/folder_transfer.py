"""Taking a data folder over into the database, and writing one: both say what FORMAT.md says.

One conversation and one file is in memory at a time. What is there already stays as it is, so that doing it
again changes nothing.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterable, Generator, Iterable
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from operator import attrgetter
from pathlib import Path
from typing import Protocol, TypeVar
from uuid import uuid4

from pydantic import TypeAdapter

from chat.conversation.content.chat_settings import Preferences
from chat.conversation.content.folders import ChatFolder
from chat.conversation.content.library import Assistant, SavedPrompt
from chat.conversation.storage import (
    EMPTY_DRAFT,
    NEW_CONVERSATION,
    PreferencesStorage,
    StoredFile,
    TrashedConversation,
)
from chat.conversation.usage_ledger import UsageStorage
from chat.conversation.whole_conversation import ONLY_ID, Tables, blobs_in_tables
from chat.errors import ChatError, ConversationNotFound
from chat.store.conversations.blobs import BlobStore
from chat.store.conversations.conversation_file import ConversationFile
from chat.store.conversations.drafts import read_drafts
from chat.store.conversations.format import FileDamaged
from chat.store.conversations.whole_file import read_whole
from chat.store.data_folder import DataFolder, open_store
from chat.store.filesystem.disk import Disk, DiskThread
from chat.store.filesystem.layout import DataLayout
from chat.store.maintenance.reader import FolderReader, read_summaries
from chat.store.postgres.storage import PostgresStorage
from chat.store.settings_files import PreferencesFile, ValuesFile
from chat.store.trash.trash_folder import now, read_trash_index
from chat.store.usage_files import UsageFiles
from chat.value_storage import ValueStorage

V = TypeVar('V', Assistant, SavedPrompt, ChatFolder)

NOT_TAKEN = 'Keys, servers and links for sharing are not taken along.'

KINDS = ('chats', 'chats in the trash', 'attachments', 'drafts', 'assistants', 'prompts', 'folders')
"""What is counted."""


@dataclass(slots=True)
class Report:
    """What was done, for the terminal."""

    counts: Counter[str] = field(default_factory=Counter[str])
    left: list[str] = field(default_factory=list[str])
    """A sentence for each thing that was not taken along."""

    @property
    def sentences(self) -> list[str]:
        """All that there is to say."""
        done = ', '.join(f'{self.counts[kind]} {kind}' for kind in KINDS)
        return [f'Taken: {done}.', f'Already there: {self.counts["present"]} chats.', *self.left, NOT_TAKEN]


@contextmanager
def left_if_damaged(report: Report, what: str) -> Generator[None]:
    """Do without a chat that cannot be read, and say so: the others are taken all the same."""
    try:
        yield
    except FileDamaged:
        report.left.append(f'{what} is damaged: a message of it is missing.')
    except ConversationNotFound:
        pass  # it was deleted meanwhile


class StoredValues(Protocol):
    """What a person keeps beside conversations, wherever it is."""

    @property
    def preferences(self) -> PreferencesStorage: ...
    @property
    def assistants(self) -> ValueStorage[Assistant]: ...
    @property
    def prompts(self) -> ValueStorage[SavedPrompt]: ...
    @property
    def folders(self) -> ValueStorage[ChatFolder]: ...


class FolderValues:
    """What is in the small files of a data folder that is not opened."""

    def __init__(self, layout: DataLayout, thread: DiskThread) -> None:
        def values(path: Path, kind: type[V]) -> ValuesFile[V]:
            key = attrgetter('id')
            return ValuesFile(path, TypeAdapter(kind), key=key, disk_thread=thread, disk=Disk())

        self.preferences = PreferencesFile(layout.settings, disk_thread=thread, disk=Disk())
        self.assistants = values(layout.assistants, Assistant)
        self.prompts = values(layout.prompts, SavedPrompt)
        self.folders = values(layout.chat_folders, ChatFolder)
        self.usage = UsageFiles(layout.folder, disk_thread=thread, disk=Disk())


async def copy_values(source: StoredValues, target: StoredValues, report: Report) -> None:
    """Copy preferences where there are none, and all other values that are missing."""
    if await target.preferences.read() == Preferences():
        await target.preferences.write(await source.preferences.read())
    report.counts['assistants'] += await _copy_missing(source.assistants, target.assistants)
    report.counts['prompts'] += await _copy_missing(source.prompts, target.prompts)
    report.counts['folders'] += await _copy_missing(source.folders, target.folders)


async def _copy_missing(source: ValueStorage[V], target: ValueStorage[V]) -> int:
    present = {each.id for each in await target.read()}
    missing = [each for each in await source.read() if each.id not in present]
    for each in missing:
        await target.put(each)
    return len(missing)


async def copy_usage(source: UsageStorage, target: UsageStorage) -> None:
    """Copy what was used, of the days and models of which the target has nothing."""
    present = {(usage.day, usage.model) for usage in await target.read()}
    for usage in await source.read():
        if (usage.day, usage.model) not in present:
            await target.add(usage, uuid4())


class FolderImport:
    """Takes what is in a data folder over; a Parlour may be using it meanwhile."""

    def __init__(self, folder: Path, storage: PostgresStorage) -> None:
        self._folder = folder
        self._layout = DataLayout(folder)
        self._blobs = BlobStore(self._layout.blobs)
        self._storage = storage
        self._report = Report()

    async def run(self) -> Report:
        """Take all of it over.

        Raises:
            OSError: If the folder cannot be read, or the database is away for too long.
        """
        summaries, unread = await asyncio.to_thread(read_summaries, self._folder)
        self._report.left += [f'conversations/{name} cannot be read; see `chats verify`.' for name in unread]
        reader = FolderReader(self._folder)
        for summary in reversed(summaries):
            with left_if_damaged(self._report, summary.conversation_id):
                await self._put((await reader.read(summary.conversation_id)).tables, None)
        trashed = await asyncio.to_thread(read_trash_index, self._layout.trash, Disk())
        for name, row in sorted(trashed.items(), key=lambda item: item[1].deleted_at):
            with left_if_damaged(self._report, f'trash/{name}'):
                await self._put_trashed(self._layout.trash / name, row)
        for name, draft in (await asyncio.to_thread(read_drafts, self._layout.drafts, Disk())).items():
            place = Path(name).stem
            if draft != EMPTY_DRAFT and self._storage.drafts.at(place) == EMPTY_DRAFT:
                await self._put_blobs(attachment.blob for attachment in draft.attachments)
                await self._storage.drafts.put_at(place, draft)
                self._report.counts['drafts'] += 1
        thread = DiskThread()
        try:
            kept = FolderValues(self._layout, thread)
            await copy_values(kept, self._storage, self._report)
            await copy_usage(kept.usage, self._storage.usage)
        finally:
            await thread.close()
        return self._report

    async def _put(self, tables: Tables, deleted_at: datetime | None) -> None:
        record = tables['record'][ONLY_ID]
        where = record['conversation_id']
        if await self._storage.whole.has_revision(where, record['revision']):
            self._report.counts['present'] += 1
        elif deleted_at is None and self._storage.catalog.has(where):
            self._report.left.append(f'{where} is another version in the database, and stays so.')
        else:
            await self._put_blobs(blobs_in_tables(tables))
            await self._storage.whole.put_at(tables, deleted_at)
            self._report.counts['chats in the trash' if deleted_at else 'chats'] += 1

    async def _put_blobs(self, names: Iterable[str]) -> None:
        for name in sorted(names):
            is_there = await self._storage.attachments.get(name) is not None
            if not is_there and (content := await asyncio.to_thread(self._blobs.read, name)):
                await self._storage.attachments.put({name: content})
                self._report.counts['attachments'] += 1

    async def _put_trashed(self, path: Path, row: TrashedConversation) -> None:
        try:
            whole = await asyncio.to_thread(lambda: read_whole(ConversationFile(path), self._blobs))
        except (OSError, ChatError):
            self._report.left.append(f'trash/{path.name} cannot be read.')
        else:
            await self._put(whole.tables, row.deleted_at)


class FolderExport:
    """Writes what a person has into a data folder that no Parlour is using."""

    def __init__(self, folder: Path, storage: PostgresStorage) -> None:
        self._folder = folder
        self._storage = storage
        self._deleted_at: datetime | None = None
        """When what goes to the trash next was deleted."""
        self._report = Report()

    async def run(self) -> Report:
        """Write all of it.

        Raises:
            OSError: If the folder cannot be written, or the database is away for too long.
            StartFailed: If the folder cannot be used.
        """
        target = await open_store(self._folder, clock=lambda: self._deleted_at or now())
        try:
            for key, row in self._storage.catalog.trashed_by_key:
                with left_if_damaged(self._report, f'{row.conversation_id} in the trash'):
                    await self._put_trashed(target, key, row)
            for summary in reversed(self._storage.catalog.summaries):
                with left_if_damaged(self._report, summary.conversation_id):
                    whole = await self._storage.whole.read(summary.conversation_id)
                    self._report.counts['chats'] += await self._put(target, whole.tables)
            await copy_values(self._storage, target, self._report)
            await copy_usage(self._storage.usage, target.usage)
            await self._put_drafts(target)
        finally:
            await target.close()
        return self._report

    async def _put_trashed(self, target: DataFolder, key: int, row: TrashedConversation) -> None:
        known = ((each.conversation_id, each.deleted_at) for each in target.trash.conversations)
        if (row.conversation_id, row.deleted_at) in known:
            return
        if target.catalog.has(row.conversation_id):
            self._report.left.append(f'{row.conversation_id} in the trash: another one is in the folder.')
            return
        await self._put(target, (await self._storage.whole.read_row(key)).tables)
        self._deleted_at = row.deleted_at
        try:
            await target.conversations.move_to_trash(row.conversation_id)
        finally:
            self._deleted_at = None
        self._report.counts['chats in the trash'] += 1

    async def _put(self, target: DataFolder, tables: Tables) -> bool:
        """Write a conversation unless it is there; return whether that was done."""
        record = tables['record'][ONLY_ID]
        where = record['conversation_id']
        if target.catalog.has(where):
            if (await target.whole.read(where)).record['revision'] == record['revision']:
                self._report.counts['present'] += 1
            else:
                self._report.left.append(f'{where} is another version in the folder, and stays so.')
            return False
        await self._put_blobs(target, blobs_in_tables(tables))
        await target.whole.put(tables, expected_revision=None)
        return True

    async def _put_blobs(self, target: DataFolder, names: Iterable[str]) -> None:
        for name in sorted(names):
            is_there = await target.attachments.get(name) is not None
            if not is_there and (file := await self._storage.attachments.get(name)):
                await target.attachments.save(name, await _content_of(file), for_prompt=False)
                self._report.counts['attachments'] += 1

    async def _put_drafts(self, target: DataFolder) -> None:
        ids = [summary.conversation_id for summary in self._storage.catalog.summaries]
        for where in (NEW_CONVERSATION, *ids):
            draft = self._storage.drafts.get(where)
            if draft != EMPTY_DRAFT and target.drafts.get(where) == EMPTY_DRAFT:
                await self._put_blobs(target, (attachment.blob for attachment in draft.attachments))
                await target.drafts.put(where, draft)
                self._report.counts['drafts'] += 1


async def _content_of(file: StoredFile) -> bytes:
    if isinstance(file.content, AsyncIterable):
        return b''.join([piece async for piece in file.content])
    return await asyncio.to_thread(file.content.read_bytes)
