"""What is left behind by pages that have moved on or were closed: nothing."""

import gc
import weakref
from collections import Counter
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import pytest
from nicegui import Client, app
from nicegui.testing import User

from chat.conversation.conversation_registry import ConversationRegistry
from chat.conversation.live_conversation import LiveConversation
from chat.rendering.incremental import IncrementalMarkdown
from chat.server.security.pages import PageMemory
from chat.ui.chat.chat_page import ChatPage
from chat.ui.chat.growing_markdown import GrowingMarkdown
from chat.ui.chat.message_list import TurnView
from chat.ui.follow_changes import Follower
from tests.support.live_objects import count_alive, existing_objects
from tests.support.profile import sized
from tests.support.scripted import HeldScript, ScriptedModels, saying, wait_until, wait_until_answered
from tests.support.stored_chats import StoredChat, write_chats
from tests.ui.row_lists import soon

KINDS = (ChatPage, TurnView, GrowingMarkdown, IncrementalMarkdown, LiveConversation, Follower)
TURNS = sized(200, 3_000)
LONG = StoredChat(
    number=1, title='Long', turns=tuple((f'Question {n}.', f'Answer {n}.') for n in range(TURNS))
)
SHORT = StoredChat(number=2, title='Short', turns=LONG.turns[:20])


@pytest.fixture
def tmp_path(tmp_path: Path) -> Path:
    """The data folder, with two conversations in it."""
    write_chats(tmp_path, [LONG, SHORT])
    return tmp_path


def left() -> Counter[str]:
    """How many there are of what a page is made of, and of what it follows by."""
    return count_alive(*KINDS)


def elements(person: User) -> int:
    assert person.client
    return len(person.client.elements)


async def test_a_closed_tab_leaves_nothing_behind(
    person: User, models: ScriptedModels, registry: ConversationRegistry
) -> None:
    """Not even after an answer that grew in it."""
    before = left()
    await watch_an_answer(person, models, registry)
    assert person.client
    person.client.delete()
    person.client = None
    await soon(lambda: left() <= before)
    assert left() <= before


async def test_what_a_closed_tab_had_goes_though_nothing_else_happens(person: User) -> None:
    """Python looks for garbage when much is made; here it may not, as on a quiet evening."""
    app.on_delete(PageMemory(quiet_time=0.5).collect_soon)  # pyright: ignore[reportUnknownMemberType]  # its handlers are not typed
    before = len(existing_objects(Client, *KINDS))
    await person.open(f'/c/{SHORT.id}')
    await person.should_see('Answer 19.')
    assert person.client
    with without_garbage_collection():
        person.client.delete()
        person.client = None
        await soon(lambda: sum(type(one) in (Client, *KINDS) for one in gc.get_objects()) <= before)


async def test_many_pages_are_left_out_of_collections_and_go_when_they_are_closed(person: User) -> None:
    memory = PageMemory(quiet_time=0.5, many_pages=1)
    app.on_connect(memory.leave_out_many)  # pyright: ignore[reportUnknownMemberType]  # its handlers are not typed
    app.on_delete(memory.collect_soon)  # pyright: ignore[reportUnknownMemberType]  # nor these
    try:
        await person.open(f'/c/{SHORT.id}')
        await person.should_see('Answer 19.')
        assert person.client
        assert not any(one is person.client for one in gc.get_objects())  # in which a collection looks
        page = weakref.ref(person.client)
        person.client.delete()
        person.client = None
        await soon(lambda: page() is None)
        assert page() is None
    finally:
        gc.unfreeze()


@contextmanager
def without_garbage_collection() -> Generator[None]:
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


async def watch_an_answer(person: User, models: ScriptedModels, registry: ConversationRegistry) -> None:
    models.script = speech = HeldScript('Once', then=' upon a time.')
    live = registry.new()
    live.send('Tell me')
    await wait_until(live, lambda: live.turns[-1].text == 'Once')
    await person.open(f'/c/{live.id}')
    await person.should_see('Once')
    speech.release.set()
    await wait_until_answered(live)
    await person.should_see('Once upon a time.')
    models.script = saying()


@pytest.mark.long
async def test_many_visits_leave_as_much_as_one(person: User) -> None:
    async def visit() -> None:
        for address, sight in ((f'/c/{SHORT.id}', 'Answer 19.'), (f'/c/{LONG.id}', f'Answer {TURNS - 1}.')):
            person.navigate.to(address)
            await person.should_see(sight)

    await person.open('/')
    await visit()
    before, size = left(), elements(person)
    for _ in range(sized(3, 5)):
        await visit()
    await soon(lambda: left() <= before)
    assert left() <= before
    assert elements(person) <= size


@pytest.mark.long
async def test_a_long_chat_makes_a_page_no_larger(person: User) -> None:
    before = existing_objects(TurnView)
    await person.open(f'/c/{SHORT.id}')
    await person.should_see('Answer 19.')
    short = elements(person)
    await person.open(f'/c/{LONG.id}')
    await person.should_see(f'Answer {TURNS - 1}.')
    assert elements(person) <= short
    assert count_alive(TurnView).total() - len(before) == 2 * len(SHORT.turns)  # of both pages
