"""What the page of a guest has in it, and what it has not."""

import pytest
from nicegui import Client
from nicegui.testing import User

from chat.conversation.conversation_registry import ConversationRegistry
from chat.sharing.access import Guest, Owner, Visitor
from chat.storage import Storage
from chat.ui.chat.presence import PageVisibility
from chat.ui.chat.temporary_chat import TemporaryBanner, TemporaryButton
from chat.ui.page_builder import ShareWatchdog
from tests.support.scripted import wait_until_answered


@pytest.fixture(params=['device', 'read', 'write'])
async def visitor(request: pytest.FixtureRequest, registry: ConversationRegistry) -> Visitor:
    """One of them, for whom there is a chat with an answer."""
    live = registry.new()
    live.send('Hello?')
    await wait_until_answered(live)
    if request.param == 'device':
        return Owner(is_remote=True)
    return Guest(conversation_id=live.id, permission=request.param, name='Ann', session_id='ann')


async def opened_page(person: User, storage: Storage) -> Client:
    (summary,) = storage.catalog.summaries
    await person.open(f'/c/{summary.conversation_id}')
    await person.should_see('Hello?')
    assert person.client
    return person.client


async def test_the_page_of_a_guest_is_put_away_while_it_is_offline_and_that_of_a_device_is_not(
    person: User, storage: Storage, visitor: Visitor
) -> None:
    page = await opened_page(person, storage)
    (watchdog,) = (each for each in page.elements.values() if isinstance(each, ShareWatchdog))
    assert watchdog.props['hides-when-offline'] is isinstance(visitor, Guest)


async def test_only_the_owner_can_keep_a_temporary_chat_or_begin_one(
    person: User, storage: Storage, visitor: Visitor
) -> None:
    page = await opened_page(person, storage)
    kinds = (TemporaryBanner, TemporaryButton)
    assert any(isinstance(each, kinds) for each in page.elements.values()) is isinstance(visitor, Owner)


@pytest.mark.parametrize('visitor', ['device'], indirect=True)
async def test_what_an_announcement_may_name_says_no_word_of_a_temporary_chat(
    person: User, registry: ConversationRegistry, visitor: Visitor
) -> None:
    live = registry.new()
    registry.temporary.begin(live)
    live.send('A secret')
    await wait_until_answered(live)
    await person.open(f'/c/{live.id}')
    await person.should_see('A secret')
    assert person.client
    (watching,) = (each for each in person.client.elements.values() if isinstance(each, PageVisibility))
    assert (watching.props['title'], person.client.title) == ('Temporary chat', 'Temporary chat')


async def test_who_may_not_write_cannot_be_seen_typing(
    person: User, storage: Storage, visitor: Visitor
) -> None:
    page = await opened_page(person, storage)
    heard = [
        listener.type
        for element in page.elements.values()
        for listener in element._event_listeners.values()  # noqa: SLF001  # pyright: ignore[reportPrivateUsage]  # nothing public
    ]
    reads_only = isinstance(visitor, Guest) and visitor.permission == 'read'
    assert ('typing' in heard) is not reads_only
    assert ('idle' in heard) is not reads_only


async def test_guests_can_change_what_they_are_called_and_the_owner_has_one_name(
    person: User, storage: Storage, visitor: Visitor
) -> None:
    await opened_page(person, storage)
    if isinstance(visitor, Guest):
        await person.should_see('Change name')
        await person.should_see("You're chatting as Ann." if visitor.permission == 'write' else 'View only.')
    else:
        await person.should_not_see('Change name', retries=1)
