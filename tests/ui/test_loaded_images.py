"""Images of the web: who may have one loaded, and who sees it then."""

import asyncio
from collections.abc import Iterator
from functools import partial

import pytest
from nicegui import ElementFilter
from nicegui.testing import User

from chat.conversation.content.metadata import LoadedImage
from chat.conversation.conversation_registry import ConversationRegistry
from chat.conversation.image_loader import with_image
from chat.conversation.live_conversation import LiveConversation
from chat.sharing.access import Guest, Owner, Visitor
from chat.ui.chat.growing_markdown import GrowingMarkdown
from chat.ui.chat.message_list import MessageList
from chat.web_fetch import WebFetcher
from tests.support.files import png
from tests.support.scripted import ScriptedModels, saying, wait_until, wait_until_answered
from tests.support.timeouts import WAIT_TIMEOUT
from tests.support.web_server import Page, WebServer
from tests.ui.handlers import handled_to_the_end


@pytest.fixture
def web_server() -> Iterator[WebServer]:
    with WebServer({'/cat.png': Page(body=png())}) as server:
        yield server


@pytest.fixture
def web(web_server: WebServer) -> WebFetcher:
    return web_server.fetcher()


@pytest.fixture
def url(web_server: WebServer) -> str:
    return f'{web_server.url}/cat.png'


@pytest.fixture
async def live(registry: ConversationRegistry, models: ScriptedModels, url: str) -> LiveConversation:
    models.script = saying(f'Look: ![A cat]({url})')
    live = registry.new()
    live.send('Show me')
    await wait_until_answered(live)
    return live


@pytest.fixture(params=['owner', 'guest'])
def visitor(request: pytest.FixtureRequest, live: LiveConversation) -> Visitor:
    if request.param == 'owner':
        return Owner()
    return Guest(conversation_id=live.id, permission='write', name='Ann', session_id='ann')


def shown_html(person: User) -> str:
    with person:
        (answer,) = ElementFilter(kind=GrowingMarkdown)
        props: dict[str, object] = answer.props
        return f'{props["innerHTML"]}{props["tail"]}'


async def test_the_owner_has_it_loaded_and_a_guest_sees_it(
    person: User, live: LiveConversation, visitor: Visitor, web_server: WebServer, url: str
) -> None:
    """A guest has no button for it, and an event that they make up does nothing."""
    await person.open(f'/c/{live.id}')
    await person.should_see('Show me')
    assert '<span class="image-link">' in shown_html(person)
    list_of_messages = person.find(kind=MessageList)
    (element,) = list_of_messages.elements
    props: dict[str, object] = element.props
    assert ('loadsImages' in props) is isinstance(visitor, Owner)
    async with handled_to_the_end():
        for turn_id, address in (('x', url), (live.turns[0].id, f'{web_server.url}/other.png')):
            list_of_messages.trigger('loadImage', [turn_id, address])
        list_of_messages.trigger('loadImage', [live.turns[0].id, url])
    if isinstance(visitor, Guest):
        assert web_server.paths == []
        image = LoadedImage(url=url, blob='0' * 64)
        await live.update_metadata(partial(with_image, live.turns[0].first_answer_entry_id, image))
    else:
        await wait_until(live, lambda: bool(live.turns[0].images))
        assert web_server.paths == ['/cat.png']
    (blob,) = live.turns[0].images.values()
    async with asyncio.timeout(WAIT_TIMEOUT):
        while f'<img src="/files/{blob}" alt="A cat"' not in shown_html(person):  # noqa: ASYNC110  # the page follows by itself
            await asyncio.sleep(0.01)
    assert live.turns[0].text == f'Look: ![A cat]({url})'


@pytest.mark.parametrize('visitor', ['owner'], indirect=True)
async def test_one_in_a_compared_answer_is_loaded_in_all_that_have_it(
    person: User, live: LiveConversation, models: ScriptedModels, web_server: WebServer, url: str
) -> None:
    models.scripts = {'none': saying('No cat.'), 'one': models.script, 'two': models.script}
    live.comparing.answer_again(live.turns[0].id, ['none', 'one', 'two'])
    await wait_until_answered(live)
    await person.open(f'/c/{live.id}')
    await person.should_see('Show me')
    async with handled_to_the_end():
        person.find(kind=MessageList).trigger('loadImage', [live.turns[0].id, url])
    await wait_until(live, lambda: bool(live.turns[0].compared[2].images))
    assert [[*column.images] for column in live.turns[0].compared] == [[], [url], [url]]
    assert web_server.paths == ['/cat.png'] * 2
