"""What stands in the box of a page is stored as it is there."""

import asyncio
from collections.abc import Callable

import pytest
from nicegui.testing import User

from chat.conversation.live_conversation import LiveConversation
from chat.conversation.storage import Draft
from chat.ui.app_context import MemoryDrafts
from tests.support.memory_storage import MemoryStorage
from tests.support.timeouts import WAIT_TIMEOUT
from tests.ui.prompt_box import send, text_in_box, told, write
from tests.ui.row_lists import soon


class HeldDrafts(MemoryDrafts):
    """A disk that takes its time: what is written is known at once, and stored when it is free."""

    def __init__(self) -> None:
        super().__init__()
        self.free = asyncio.Event()
        self.stored = asyncio.Queue[str]()

    async def put(self, conversation_id: str, draft: Draft) -> None:
        await super().put(conversation_id, draft)
        await self.free.wait()
        self.stored.put_nowait(draft.text)


@pytest.fixture
def storage() -> MemoryStorage:
    storage = MemoryStorage()
    storage.drafts = HeldDrafts()
    return storage


async def others() -> None:
    """Let others have their turns."""
    for _ in range(50):
        await asyncio.sleep(0)


async def test_what_is_written_while_older_words_are_being_stored_takes_their_place(
    person: User, another: Callable[[], User], storage: MemoryStorage, live: LiveConversation
) -> None:
    """Also if somebody writes elsewhere at that moment, of which every page hears."""
    drafts = storage.drafts
    assert isinstance(drafts, HeldDrafts)
    elsewhere = another()
    await elsewhere.open('/')
    await person.open(f'/c/{live.id}')
    write(person, 'Half', 1)
    await others()
    write(person, 'Half a sentence', 2)
    await others()
    write(elsewhere, 'Another thing', 1)
    await others()
    drafts.free.set()
    async with asyncio.timeout(WAIT_TIMEOUT):
        stored = [await drafts.stored.get() for _ in range(3)]
    assert stored == ['Half', 'Another thing', 'Half a sentence']
    await person.open(f'/c/{live.id}')
    assert text_in_box(person) == 'Half a sentence'


async def test_what_is_written_elsewhere_while_words_are_being_stored_is_shown_after_them(
    person: User, another: Callable[[], User], storage: MemoryStorage, live: LiveConversation
) -> None:
    """A page takes nothing for as long as it waits to hear that its own words are stored."""
    drafts, elsewhere = storage.drafts, another()
    assert isinstance(drafts, HeldDrafts)
    for page in (elsewhere, person):
        await page.open(f'/c/{live.id}')
    write(person, 'from here', 1)
    await soon(lambda: told(elsewhere) == ['showDraft from here'])
    write(elsewhere, 'from there', 1)
    await others()
    assert told(person) == []
    drafts.free.set()
    await soon(lambda: len(told(person)) == 2)
    assert told(person) == ['confirmDraft 1', 'showDraft from there']
    assert told(elsewhere) == ['showDraft from here', 'confirmDraft 1']


async def test_what_begins_takes_no_words_of_another_new_chat_along(
    person: User, another: Callable[[], User], storage: MemoryStorage
) -> None:
    """Two new chats share one draft; what was sent is gone from it, what is written in the other stays."""
    drafts, elsewhere = storage.drafts, another()
    assert isinstance(drafts, HeldDrafts)
    drafts.free.set()
    await person.open('/')
    await elsewhere.open('/')
    for writer, text in ((person, 'Hello'), (elsewhere, 'A paragraph')):
        write(writer, text, 1)
        async with asyncio.timeout(WAIT_TIMEOUT):
            assert await drafts.stored.get() == text
    await others()
    assert [told(each) for each in (person, elsewhere)] == [['confirmDraft 1']] * 2  # and to show nothing
    send(person, 'Hello')
    await person.should_see('Hi **there**.')
    await person.open('/')
    assert text_in_box(person) == 'A paragraph'
    send(person, 'A paragraph')
    await person.should_see('A paragraph')
    await person.should_see('Hi **there**.')
    await person.open('/')
    assert text_in_box(person) == ''
