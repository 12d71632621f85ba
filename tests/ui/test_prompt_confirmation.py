"""A page hears that its prompt has arrived when that is stored, and not before: it forgets it then."""

import asyncio
from collections.abc import AsyncIterator, Sequence

import pytest
from nicegui.testing import User
from pydantic_ai.conversation_store import ConversationEntry, ConversationRecord

from chat.conversation.content.metadata import ConversationMetadata
from chat.conversation.conversation_registry import ConversationRegistry
from tests.support.scripted import HeldScript, MemoryStore, ScriptedModels, registry_with
from tests.support.timeouts import WAIT_TIMEOUT
from tests.ui.prompt_box import send


class HeldStore(MemoryStore):
    """A disk that takes its time: it stores details and messages when it is free for them."""

    def __init__(self) -> None:
        super().__init__()
        self.free = asyncio.Event()
        self.records_free = asyncio.Event()
        self.saving = asyncio.Event()
        self.free.set()
        self.records_free.set()

    async def write_metadata(self, conversation_id: str, metadata: ConversationMetadata) -> None:
        await self.free.wait()
        if await self.read_record(conversation_id):  # as on the disk: before, they wait for the first save
            await super().write_metadata(conversation_id, metadata)

    async def write_record(
        self,
        record: ConversationRecord,
        *,
        new_entries: Sequence[ConversationEntry] = (),
        expected_revision: str | None,
    ) -> None:
        self.saving.set()
        await self.records_free.wait()
        await super().write_record(record, new_entries=new_entries, expected_revision=expected_revision)


@pytest.fixture
def store() -> HeldStore:
    return HeldStore()


@pytest.fixture
async def registry(store: HeldStore) -> AsyncIterator[ConversationRegistry]:
    registry = registry_with(ScriptedModels(HeldScript('So far')), store)
    yield registry
    store.free.set()
    store.records_free.set()
    await registry.close()


async def others() -> None:
    """Let others have their turns."""
    for _ in range(50):
        await asyncio.sleep(0)


def address_of(person: User) -> str:
    return person.client.sub_pages_router.current_path if person.client else ''


async def test_the_first_prompt_of_a_chat_is_stored_before_it_is_confirmed(
    person: User, store: HeldStore
) -> None:
    """The page goes to the address of the chat when it has been told that the prompt has arrived."""
    await person.open('/')
    store.records_free.clear()
    send(person, 'Keep this')
    async with asyncio.timeout(WAIT_TIMEOUT):
        await store.saving.wait()
    await others()
    assert address_of(person) == '/'
    store.records_free.set()
    async with asyncio.timeout(WAIT_TIMEOUT):
        while not address_of(person).startswith('/c/'):
            await others()


async def test_a_prompt_that_waits_is_shown_when_it_is_stored(
    person: User, store: HeldStore, registry: ConversationRegistry
) -> None:
    live = registry.new()
    live.send('First')
    await live.wait_until_stored(live.turns[-1].id)
    await person.open(f'/c/{live.id}')
    await person.should_see('So far')
    store.free.clear()
    send(person, 'Second')
    while not live.queue:
        await live.changed.wait()
    await person.should_not_see('Second')
    store.free.set()
    await person.should_see('Second')
    assert len((await store.read_metadata(live.id)).queue) == 1


async def test_what_was_written_in_another_chat_is_not_asked_in_this_one(
    person: User, registry: ConversationRegistry
) -> None:
    """A browser keeps what it has sent until it hears of it, also for its next page of a new chat."""
    other = registry.new()
    await person.open('/')
    send(person, 'Of another chat', other.id)
    send(person, 'Of this chat')
    await person.should_see('So far')
    await person.should_see('Of this chat')
    await person.should_not_see('Of another chat')
    [live] = registry.answering
    assert [turn.question for turn in live.turns] == ['Of this chat']
    assert not live.queue
