"""Temporary chats: nothing of them is on the disk, they end when they are left, and they can be kept."""

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from pydantic_ai import Agent, BinaryContent, ModelMessage, RunContext
from pydantic_ai.capabilities import AbstractCapability
from pydantic_ai.models.function import DeltaToolCall, DeltaToolCalls

from chat.agent_config import AgentConfig, AgentRoster
from chat.conversation.conversation_registry import ConversationRegistry
from chat.conversation.live_conversation import LiveConversation
from chat.conversation.storage import EMPTY_DRAFT, NEW_CONVERSATION, Draft
from chat.conversation.temporary.memory_conversations import MAX_FILE_BYTES, MemoryFiles
from chat.conversation.temporary.temporary_chats import GRACE_PERIOD
from chat.conversation.temporary.temporary_drafts import AllAttachments, AllDrafts
from chat.errors import AttachmentRefused, ConversationNotFound
from chat.exchange.export import Export
from chat.exchange.temporary_reader import AllConversations
from chat.store.data_folder import DataFolder, open_store
from tests.support.clock import on_a_clock
from tests.support.files import png
from tests.support.scripted import (
    HeldScript,
    MemoryStore,
    ScriptedModels,
    preferences_store,
    registry_with,
    saying,
    wait_until,
    wait_until_answered,
)

SECRET = 'zanzibar'
"""In all that is said; no file may have it."""

BIG_PICTURE = png(60, 60)


@dataclass(eq=False)
class Page:
    """A page that shows a chat."""

    is_connected: bool = True


@pytest.fixture
async def folder(tmp_path: Path) -> AsyncIterator[DataFolder]:
    folder = await open_store(tmp_path)
    yield folder
    await folder.close()


def begun(registry: ConversationRegistry) -> LiveConversation:
    """A temporary chat in which nothing was said yet."""
    live = registry.new()
    registry.temporary.begin(live)
    return live


async def asked(live: LiveConversation, prompt: str) -> None:
    live.send(prompt)
    await wait_until_answered(live)


def files_with(folder: DataFolder, *contents: bytes) -> list[str]:
    """The files in the data folder that have one of these in them."""
    files = [path for path in folder.path.rglob('*') if path.is_file()]
    return [path.name for path in files if any(content in path.read_bytes() for content in contents)]


async def test_nothing_of_it_is_on_the_disk_until_it_is_kept(folder: DataFolder) -> None:
    """Prompts, answers, versions, drafts, files and settings: `keep` brings all of them there."""
    registry = registry_with(ScriptedModels(saying(f'{SECRET} it is.')), folder.conversations)
    temporary, drafts = registry.temporary, AllDrafts(registry.temporary, folder.drafts, folder.attachments)
    attachments = AllAttachments(temporary, folder.attachments)
    live = registry.new()
    early = await attachments.save('early.png', png(50, 50))  # before the person thinks of it
    await drafts.put(NEW_CONVERSATION, Draft(text=SECRET, attachments=(early,)))
    temporary.begin(live)
    await drafts.put(live.id, drafts.get(NEW_CONVERSATION))
    await drafts.put(NEW_CONVERSATION, EMPTY_DRAFT)
    picture = await temporary.save_file(live.id, 'picture.png', BIG_PICTURE)
    live.send(f'Tell me of {SECRET}', await attachments.read([early, picture]))
    await wait_until_answered(live)
    live.regenerate()
    await wait_until_answered(live)
    await asked(live, 'And more')
    live.edit(live.turns[1].id, f'And {SECRET}')
    await wait_until_answered(live)
    await live.update_metadata(lambda metadata: replace(metadata, instructions=f'Speak of {SECRET}'))
    made = await live.place.storage.store_file('made.png', BinaryContent(png(70, 70), media_type='image/png'))
    await drafts.put(live.id, Draft(text=f'{SECRET}?', attachments=(picture,)))
    assert not files_with(folder, SECRET.encode(), BIG_PICTURE, png(50, 50), png(70, 70))
    assert (await folder.search.search(SECRET), folder.catalog.summaries) == ([], [])
    assert [each.title for each in temporary.summaries] == [f'Tell me of {SECRET}']
    await registry.keep(live, folder.attachments, folder.drafts)
    assert not temporary.has(live.id)
    assert [each.title for each in folder.catalog.summaries] == [f'Tell me of {SECRET}']
    assert all([await folder.attachments.get(each.blob) for each in (early, picture, made)])
    assert drafts.get(live.id) == folder.drafts.get(live.id)
    assert folder.drafts.get(live.id).text == f'{SECRET}?'
    await asked(live, 'One more')
    again = await registry_with(ScriptedModels(saying('Yes.')), folder.conversations).open(live.id)
    assert [turn.question for turn in again.turns] == [f'Tell me of {SECRET}', f'And {SECRET}', 'One more']
    assert [turn.answer_version.count for turn in again.turns] == [2, 1, 1]
    assert again.turns[1].question_version.count == 2
    assert [each.name for each in again.turns[0].attachments] == ['early.png', 'picture.png']
    assert again.metadata.instructions == f'Speak of {SECRET}'


async def test_it_can_be_an_ordinary_chat_again_before_anything_is_said(folder: DataFolder) -> None:
    registry = registry_with(ScriptedModels(saying('Hi.')), folder.conversations)
    live = begun(registry)
    assert registry.temporary.summaries == []
    await registry.keep(live, folder.attachments, folder.drafts)
    assert (live.place.is_temporary, folder.catalog.summaries) == (False, [])
    await asked(live, 'Hello')
    assert folder.catalog.has(live.id)
    registry.temporary.begin(live)  # too late: it is stored
    assert not live.place.is_temporary


async def test_an_answer_under_way_goes_on_where_the_chat_is_kept(folder: DataFolder) -> None:
    """So do the prompts that wait for it."""
    speech = HeldScript('The first half', then=' and the second')
    registry = registry_with(ScriptedModels(speech), folder.conversations)
    live = begun(registry)
    live.send('Tell me')
    live.send('And then?')
    await wait_until(live, lambda: live.turns[-1].text == 'The first half')
    await registry.keep(live, folder.attachments, folder.drafts)
    other = registry_with(ScriptedModels(saying('')), folder.conversations)
    assert [turn.question for turn in (await other.open(live.id)).turns] == ['Tell me']
    assert len((await folder.conversations.read_metadata(live.id)).queue) == 1
    speech.release.set()
    await wait_until(live, lambda: not live.is_running)
    entries = await folder.conversations.load_entries(live.id) or []
    assert str([entry.message for entry in entries]).count('The first half and the second') == 2


class SlowStore(MemoryStore):
    """A store in which something happens while a conversation is being written."""

    def __init__(self, during: Callable[[], object]) -> None:
        super().__init__()
        self._during: list[Callable[[], object]] = [during]
        self.begun, self.happened = asyncio.Event(), asyncio.Event()

    async def write_record(self, *args: object, **kwargs: object) -> None:
        await super().write_record(*args, **kwargs)  # pyright: ignore[reportArgumentType]  # handed on as they are
        if self._during:
            self._during.pop()()
            self.begun.set()
            await self.happened.wait()


async def test_what_changes_while_it_is_being_kept_is_kept_too(folder: DataFolder) -> None:
    store = SlowStore(lambda: live.send('And this?'))
    registry = registry_with(ScriptedModels(saying('Yes.')), store)
    live = begun(registry)
    await asked(live, 'First')
    keeping = asyncio.create_task(registry.keep(live, folder.attachments, folder.drafts))
    await wait_until(live, lambda: len(live.turns) == 2 and not live.is_running)
    store.happened.set()
    await keeping
    again = await registry_with(ScriptedModels(saying('')), store).open(live.id)
    assert [(turn.question, turn.text) for turn in again.turns] == [('First', 'Yes.'), ('And this?', 'Yes.')]


async def test_what_is_being_kept_does_not_end_when_its_page_leaves_it(folder: DataFolder) -> None:
    store = SlowStore(lambda: temporary.end_now(page))
    registry = registry_with(ScriptedModels(saying('Yes.')), store)
    temporary, live, page = registry.temporary, begun(registry), Page()
    temporary.join(page, live.id)
    await asked(live, 'First')
    keeping = asyncio.create_task(registry.keep(live, folder.attachments, folder.drafts))
    await store.begun.wait()
    store.happened.set()
    await keeping
    await temporary.close()
    again = await registry_with(ScriptedModels(saying('')), store).open(live.id)
    assert [turn.question for turn in again.turns] == ['First']


async def test_what_is_deleted_while_it_is_being_kept_is_gone(folder: DataFolder) -> None:
    store = SlowStore(lambda: None)
    registry = registry_with(ScriptedModels(saying('Yes.')), store)
    live = begun(registry)
    await asked(live, 'First')
    await registry.temporary.save_file(live.id, 'cat.txt', b'A cat of no use.')
    keeping = asyncio.create_task(registry.keep(live, folder.attachments, folder.drafts))
    await store.begun.wait()
    await registry.delete(live.id)
    store.happened.set()
    await keeping
    assert await store.read_record(live.id) is None
    assert files_with(folder, b'of no use') == []
    assert (registry.temporary.has(live.id), registry.temporary.has_ended(live.id)) == (False, True)


class FullStore(MemoryStore):
    """A store without any room."""

    async def write_record(self, *args: object, **kwargs: object) -> None:
        raise OSError('No space left on device')


async def test_a_chat_that_cannot_be_stored_is_still_a_temporary_one(folder: DataFolder) -> None:
    registry = registry_with(ScriptedModels(saying('Yes.')), FullStore())
    live = begun(registry)
    picture = await registry.temporary.save_file(live.id, 'picture.png', BIG_PICTURE)
    live.send('First', await AllAttachments(registry.temporary, folder.attachments).read([picture]))
    await wait_until_answered(live)
    with pytest.raises(OSError, match='No space'):
        await registry.keep(live, folder.attachments, folder.drafts)
    assert live.place.is_temporary
    assert files_with(folder, BIG_PICTURE) == []
    await asked(live, 'Second')
    assert [turn.state for turn in live.turns] == ['done', 'done']


async def test_no_model_finds_its_title(folder: DataFolder) -> None:
    """Nor does it when it has a title of its own by then; once it is kept, it is as any other."""

    async def name() -> str:
        return 'A good title'

    models = ScriptedModels(saying('Yes.'), naming=name)
    registry = registry_with(models, folder.conversations)
    live = begun(registry)
    await asked(live, 'First')
    ordinary = registry.new()
    await asked(ordinary, 'Other')
    await wait_until(ordinary, lambda: ordinary.metadata.title == 'A good title')
    assert (live.metadata.title, models.read_for_titles[0].count('First')) == ('First', 0)
    await registry.keep(live, folder.attachments, folder.drafts)
    await wait_until(live, lambda: live.metadata.title == 'A good title')
    await registry.close()


async def _failing(_: list[ModelMessage]) -> AsyncIterator[str]:
    yield 'So far'
    raise ValueError(f'Cannot say {SECRET}')


async def test_what_an_unforeseen_error_says_is_not_logged(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    live = begun(registry_with(ScriptedModels(_failing)))
    await asked(live, f'Tell me of {SECRET}')
    assert live.turns[0].state == 'failed'
    assert 'ValueError' in caplog.text
    assert SECRET not in caplog.text


async def _calling_a_tool(_: list[ModelMessage]) -> AsyncIterator[DeltaToolCalls]:
    yield {0: DeltaToolCall('look_up', json.dumps({'place': SECRET}), tool_call_id='1')}


class Traces(AbstractCapability[None]):
    """Counts the runs that it is given to, as telemetry is."""

    runs = 0

    async def for_run(self, ctx: RunContext[None]) -> AbstractCapability[None]:
        self.runs += 1
        return self


async def test_nor_is_what_the_exception_of_a_tool_says_and_there_is_no_telemetry(
    caplog: pytest.LogCaptureFixture,
) -> None:
    def look_up(place: str) -> str:
        raise ValueError(f'There is no {place}')

    traces, agent = Traces(), AgentConfig(Agent(tools=[look_up]))
    registry = ConversationRegistry(
        agents=AgentRoster([agent]).with_more(agent.tools_for, [traces]),
        model_source=ScriptedModels(_calling_a_tool),
        store=MemoryStore(),
        preferences=preferences_store(),
    )
    live, ordinary = begun(registry), registry.new()
    await asked(live, f'Look up {SECRET}')
    assert live.turns[0].failure == f'The tool “look_up” failed. ValueError: There is no {SECRET}'
    assert 'The tool look_up failed: ValueError' in caplog.text
    assert (SECRET in caplog.text, traces.runs) == (False, 0)
    await asked(ordinary, f'Look up {SECRET}')
    assert (SECRET in caplog.text, traces.runs) == (True, 1)


@on_a_clock
async def test_it_ends_some_time_after_its_last_page_has_gone() -> None:
    """Not while a page is there; and one that is loaded anew comes back in that time."""
    registry = registry_with(ScriptedModels(saying('Yes.')))
    temporary, live = registry.temporary, begun(registry)
    desk, phone = Page(), Page()
    temporary.join(desk, live.id)
    temporary.join(phone, live.id)
    await asked(live, 'First')
    temporary.leave(desk)
    await asyncio.sleep(10 * GRACE_PERIOD)
    temporary.leave(phone)
    await asyncio.sleep(GRACE_PERIOD - 1)
    temporary.join(phone, live.id)
    await asyncio.sleep(10 * GRACE_PERIOD)
    assert (await registry.open(live.id)) is live
    temporary.is_held = lambda: True  # as while Parlour is locked
    temporary.leave(phone)
    await asyncio.sleep(10 * GRACE_PERIOD)
    assert temporary.has(live.id)
    temporary.is_held = lambda: False
    await asyncio.sleep(GRACE_PERIOD + 1)
    assert (temporary.has(live.id), temporary.has_ended(live.id), temporary.summaries) == (False, True, [])
    with pytest.raises(ConversationNotFound):
        await registry.open(live.id)


@on_a_clock
async def test_it_ends_at_once_when_its_only_page_leaves_it() -> None:
    """An answer that is under way ends with it. A page that has lost its connection is none."""
    registry = registry_with(ScriptedModels(HeldScript('So far')))
    temporary, live = registry.temporary, begun(registry)
    desk, phone, gone = Page(), Page(), Page(is_connected=False)
    for page in (desk, phone, gone):
        temporary.join(page, live.id)
    live.send('First')
    temporary.end_now(phone)
    await asyncio.sleep(1)
    assert (temporary.has(live.id), temporary.is_last(desk)) == (True, False)
    temporary.leave(phone)
    assert temporary.is_last(desk)
    temporary.end_now(desk)
    await asyncio.sleep(1)
    assert (temporary.has_ended(live.id), live.is_running, registry.running) == (True, False, frozenset())


@on_a_clock
async def test_a_fork_is_temporary_too_and_ends_with_its_origin() -> None:
    registry = registry_with(ScriptedModels(saying('Yes.')))
    temporary, live = registry.temporary, begun(registry)
    page = Page()
    temporary.join(page, live.id)
    await asked(live, 'First')
    fork = await registry.fork(live, live.turns[0].entries[-1])
    assert fork.place.is_temporary
    assert temporary.family_of(live.id) == [live.id, fork.id]
    temporary.leave(page)
    temporary.join(page, fork.id)
    await asked(fork, 'Second')
    await asyncio.sleep(10 * GRACE_PERIOD)
    assert {each.title for each in temporary.summaries} == {'First', 'First (fork)'}
    await registry.delete(live.id)
    assert [turn.question for turn in fork.turns] == ['First', 'Second']
    fork.regenerate(fork.turns[0].id)
    await wait_until_answered(fork)
    temporary.end_now(page)
    await asyncio.sleep(1)
    assert temporary.has_ended(fork.id)


async def test_files_are_held_up_to_a_limit(folder: DataFolder) -> None:
    registry = registry_with(ScriptedModels(saying('Yes.')), folder.conversations)
    one, other = begun(registry), begun(registry)
    files = registry.temporary.files_of(one.id)
    assert files
    files.put(bytes(MAX_FILE_BYTES - 1000))
    with pytest.raises(AttachmentRefused, match='up to 100 MB in all'):
        await registry.temporary.save_file(other.id, 'notes.txt', b'x' * 2000)
    with pytest.raises(OSError, match='up to 100 MB in all'):
        await other.place.storage.store_file('made', BinaryContent(b'x' * 2000, media_type='text/plain'))
    await registry.delete(one.id)
    assert (await registry.temporary.save_file(other.id, 'notes.txt', b'x' * 2000)).size == 2000
    with pytest.raises(AttachmentRefused, match='has ended'):
        await registry.temporary.save_file(one.id, 'notes.txt', b'x')


def test_a_file_is_there_once() -> None:
    files = MemoryFiles(lambda: MAX_FILE_BYTES - 10)
    assert files.put(b'12345678') == files.put(b'12345678')
    assert files.size == 8


async def test_one_can_be_exported(folder: DataFolder) -> None:
    """By a person, from its menu, in every format; the JSON is that of a chat that is stored."""
    registry = registry_with(ScriptedModels(saying('A picture.')), folder.conversations)
    live = begun(registry)
    picture = await registry.temporary.save_file(live.id, 'picture.png', BIG_PICTURE)
    live.send('What is this?', await AllAttachments(registry.temporary, folder.attachments).read([picture]))
    await wait_until_answered(live)
    reader = AllConversations(registry.temporary, folder.whole)
    before = await exported(reader, live.id)
    whole = await reader.read(live.id)
    await registry.keep(live, folder.attachments, folder.drafts)
    assert (await folder.whole.read(live.id)).tables == whole.tables
    assert before == await exported(reader, live.id)
    assert b'A picture.' in before[0]


async def exported(reader: AllConversations, conversation_id: str) -> list[bytes]:
    """The chat in some formats."""
    files = [
        await Export(reader=reader, chats=[conversation_id], format=each).open()
        for each in ('json', 'html', 'pydantic-ai')
    ]
    return [b''.join([piece async for piece in file.content]) for file in files]
