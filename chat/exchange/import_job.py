"""One import: look at what is in some files, store it chat by chat, and take all of it back."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, TypeAlias, TypeVar
from uuid import uuid4

from pydantic_ai.conversation_store import ConversationConflict

from chat.change_signal import ChangeSignal
from chat.conversation.error_messages import error_message
from chat.conversation.whole_conversation import Json, Tables, WholeConversation, blobs_in_tables
from chat.errors import ChatError
from chat.exchange.imported import DamagedChat
from chat.exchange.imported_files import with_stored_files
from chat.exchange.imported_folders import ImportedFolders
from chat.exchange.ledger import ImportEntry, ImportLedger, IsOpen
from chat.exchange.merging import is_known, merged
from chat.exchange.own_settings import OwnSettings
from chat.exchange.prepared import PreparedChat
from chat.exchange.reading import SourceProblem, read_chats
from chat.exchange.report import ChatState, FoundChat, ImportReport
from chat.exchange.settings_file import NO_SETTINGS, ExportedSettings, named_lines
from chat.storage import Storage

T = TypeVar('T')

ImportState = Literal['reading', 'found', 'importing', 'done', 'cancelled', 'undoing', 'undone', 'failed']

EndSharing: TypeAlias = Callable[[str], Awaitable[None]]
"""Ends the links that lead to a conversation."""


async def not_shared(_: str) -> None:
    """End nothing, where nothing is shared."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """What an import has to do with one chat."""

    state: ChatState
    tables: Tables = field(default_factory=dict[str, dict[str, Json]])
    """What is to be stored; empty for nothing."""
    before: WholeConversation | None = None
    """What is there."""


@dataclass(eq=False, kw_only=True)
class Import:
    """One import, from the first look at its files to its end. For the event loop only.

    Whoever makes it runs `read` and then `run` in a task. If that is cancelled, the chats that are stored by
    then stay, and `undo` takes them back.
    """

    storage: Storage
    ledger: ImportLedger
    paths: Sequence[Path]
    is_open: IsOpen = lambda _: False
    own_settings: OwnSettings | None = None
    """Takes over what is not a chat; without, only chats are imported."""
    takes_settings: bool = True
    """Whether that is wanted."""
    end_sharing: EndSharing = not_shared
    restores_deleted: bool = False
    """Whether chats come back that are in the trash here."""
    left_out: set[str] = field(default_factory=set[str])
    """The ids of chats that a person does not want."""
    id: str = field(default_factory=lambda: str(uuid4()))
    state: ImportState = 'reading'
    found: ImportReport = field(default_factory=ImportReport)
    """What the first look has found."""
    result: ImportReport = field(default_factory=ImportReport)
    """What became of it."""
    chats: dict[str, FoundChat] = field(default_factory=dict[str, FoundChat])
    """What the first look has found that can be imported, by id."""
    done: int = 0
    """How many chats were looked at, or stored, so far."""
    failure: str = ''
    """Why nothing was imported, in words."""
    changed: ChangeSignal = field(default_factory=ChangeSignal)
    _settings: ExportedSettings = field(default=NO_SETTINGS, init=False)
    """What was found besides chats; after the first look, what of it is new here."""
    _notes: list[str] = field(default_factory=list[str], init=False)
    """What a person should know before and after it is stored."""
    _entry: ImportEntry = field(default_factory=ImportEntry, init=False)
    _begun: set[str] = field(default_factory=set[str], init=False)
    """The ids of the chats that are stored, or about to be."""
    _folders: ImportedFolders | None = field(default=None, init=False)
    _thread: ThreadPoolExecutor = field(init=False)
    """Reads the files, from the first to the last."""

    async def read(self) -> None:
        """Look at all that is in the files; nothing is written."""
        self.found, self._entry = ImportReport(), ImportEntry(names=[path.name for path in self.paths])
        self.chats = {}
        async with self._in_words():
            await self.ledger.prepare()
            self._settings = NO_SETTINGS
            async for chat in self._chats(self.found):
                compared = await self._compared(chat)
                is_again = compared.state == 'new' and chat.id in self._entry.created
                self.found.states['same' if is_again else compared.state] += 1
                if compared.state in ('new', 'changed', 'in trash'):
                    self.chats[chat.id] = FoundChat(
                        chat.title, chat.updated_at, compared.state, chat.is_pinned, chat.folder_name
                    )
                if compared.tables:  # noted now, in case the process dies while it is made
                    self._entry.note(compared.tables, compared.before)
            if self.own_settings:
                self._settings, self._notes = self.own_settings.news_in(self._settings)
                self.found.settings = named_lines(self._settings)
                self.found.folders = [
                    *dict.fromkeys(each.folder for each in self.chats.values() if each.folder)
                ]
                times = [each.updated_at for each in self.chats.values() if not each.is_pinned]
                self._notes += self.own_settings.going_soon(times)
                self.found.problems[:0] = self._notes
            self._set_state('found')

    async def run(self) -> None:
        """Store the chats. If that fails, nothing of it stays; if it is cancelled, what is done does."""
        self._set_state('importing')
        async with self._in_words():
            await self.ledger.write(self.id, self._entry, 'running')
            try:
                await self._make_folders()
                async for chat in self._chats(self.result):
                    self.result.states[await self._take(chat)] += 1
                await self._take_settings()
                self.result.problems[:0] = self._notes
                await self.ledger.write(self.id, self._entry.only(self._begun), 'done')
            except asyncio.CancelledError:
                made = self.ledger.write(self.id, self._entry.only(self._begun), 'done')
                await asyncio.shield(asyncio.create_task(made))
                self._set_state('cancelled')
                raise
            except BaseException:
                await asyncio.shield(asyncio.create_task(self._roll_back()))
                raise
            self._set_state('done')

    async def _make_folders(self) -> None:
        """Make the folders that the chats are in there, and are not here."""
        chats = {key: each for key, each in self.chats.items() if key not in self.left_out}
        names = dict.fromkeys(each.folder for each in chats.values() if each.folder and each.state == 'new')
        if self.own_settings is None or not names:
            return
        collection = self.own_settings.preferences.folders
        self._folders = ImportedFolders(collection, names)
        self._entry.settings = ExportedSettings(things={'folders': self._folders.missing})
        await self.ledger.write(self.id, self._entry, 'running')
        for folder in self._folders.missing:
            await collection.put(folder)

    async def _take_settings(self) -> None:
        """Take over what the first look has found besides chats, if it is wanted."""
        if self.own_settings is None or not self.takes_settings or not self.found.settings:
            return
        made = self._entry.settings
        self._entry.settings = self._settings.and_things_of(made)
        await self.ledger.write(self.id, self._entry, 'running')
        taken, problems = await self.own_settings.take(self._settings)
        self._entry.settings = taken.and_things_of(made)
        self.result.settings = named_lines(taken)
        for sentence in problems:
            self.result.add_refused(sentence)

    async def undo(self) -> int:
        """Move to the trash what was imported and not touched since; return how many chats were left.

        Raises:
            OSError: If the disk fails; it can be tried again.
            ChatError: If a chat is still shared.
        """
        before = self.state
        self._set_state('undoing')
        try:
            undone, left = await self.ledger.undo(self.id)
        except BaseException:
            self._set_state(before)
            raise
        self._set_state('undone')
        for conversation_id in undone:
            await self.end_sharing(conversation_id)
        return left

    async def _roll_back(self) -> None:
        await self.ledger.roll_back(self.id, self._entry)
        self.result = ImportReport()

    @asynccontextmanager
    async def _in_words(self) -> AsyncGenerator[None]:
        try:
            yield
        except Exception as error:  # noqa: BLE001  # the border of a task: what is unforeseen is logged
            self.failure = error_message(error)
            self._set_state('failed')

    def _set_state(self, state: ImportState) -> None:
        self.state = state
        self.changed.notify()

    async def _chats(self, report: ImportReport) -> AsyncIterator[PreparedChat]:
        """Yield the chats, read in a thread of their own; count what is in them, and what is not."""
        self.done = 0
        found = read_chats(self.paths)
        self._thread = ThreadPoolExecutor(1, 'import')
        try:
            while (each := await self._in_thread(lambda: next(found, None))) is not None:
                match each:
                    case ExportedSettings():
                        self._settings = each if report is self.found else self._settings
                        continue
                    case SourceProblem():
                        (report.add_refused if each.is_refused else report.add_problem)(each.sentence)
                    case DamagedChat():
                        report.add_refused(f'“{each.title}”: {each.sentence}')
                    case chat:
                        report.count(chat)
                        yield chat
                self.done += 1
                self.changed.notify_soon()
        finally:
            self._thread.submit(found.close)
            self._thread.shutdown(wait=False)  # what it reads now may take its time

    def _in_thread(self, work: Callable[[], T], /) -> Awaitable[T]:
        return asyncio.get_running_loop().run_in_executor(self._thread, work)

    async def _compared(self, chat: PreparedChat) -> Comparison:
        """Return what is to be done with a chat."""
        catalog = self.storage.catalog
        if self._is_restorable(chat.id):
            return Comparison('new')
        if not catalog.has(chat.id):
            if self.storage.trash.has(chat.id):
                return Comparison('in trash')
            return Comparison('failed') if catalog.problem_of(chat.id) else Comparison('new', chat.tables)
        ours = await self.storage.whole.read(chat.id)
        if is_known(ours, chat):
            return Comparison('same')
        tables = await self._in_thread(lambda: merged(ours, chat))
        if tables is None:
            return Comparison('same')
        return Comparison('open') if self.is_open(chat.id) else Comparison('changed', tables, ours)

    def _is_restorable(self, conversation_id: str) -> bool:
        """Return whether a chat comes back from the trash: an import was taken back, or a person wants it."""
        is_wanted = self.restores_deleted or self.ledger.was_undone(conversation_id)
        is_there = self.storage.trash.has(conversation_id)
        return is_wanted and is_there and not self.storage.catalog.has(conversation_id)

    async def _take(self, chat: PreparedChat) -> ChatState:
        """Store a chat, or what it has more than ours; return what it was."""
        if chat.id in self.left_out:
            return 'left out'
        self._begun.add(chat.id)
        try:
            is_restored = self._is_restorable(chat.id)
            if is_restored:
                await self._restore(chat.id)
            compared = await self._compared(chat)
            if compared.tables:
                await self._store(chat, compared.tables, compared.before)
        except ConversationConflict:
            self.result.add_problem(f'“{chat.title}” was changed in this moment. Import again.')
            return 'failed'
        except ChatError as error:
            self.result.add_problem(f'“{chat.title}”: {error}')
            return 'failed'
        return 'new' if is_restored else compared.state

    async def _restore(self, conversation_id: str) -> None:
        await self.storage.trash.restore(conversation_id)
        record = (await self.storage.whole.read(conversation_id)).record
        self._entry.restored[conversation_id] = record['revision']

    async def _store(self, chat: PreparedChat, tables: Tables, before: WholeConversation | None) -> None:
        """Store the files that the entries name, then the entries."""
        tables = await with_stored_files(
            chat,
            tables,
            self.storage.attachments,
            known=blobs_in_tables(before.tables) if before else set[str](),
            in_thread=self._in_thread,
            report=self.result.add_problem,
        )
        if self._folders and before is None:
            tables = self._folders.placed(tables, chat.folder_name)
        if before and self.is_open(chat.id):  # by now
            raise ConversationConflict(chat.id)
        revision = before.record['revision'] if before else None
        await self.storage.whole.put(tables, expected_revision=revision)
        self._entry.note(tables, before)
