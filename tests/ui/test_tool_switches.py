"""The switches of the tools of one chat, on an open page."""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from nicegui.testing import User
from nicegui.testing.user_interaction import UserInteraction
from pydantic_ai import Agent

from chat.agent_config import AgentConfig, AgentRoster, BuiltInTool, ToolsForRun
from chat.conversation.content.chat_settings import PreferencesStore
from chat.conversation.conversation_registry import ConversationRegistry
from chat.conversation.live_conversation import LiveConversation
from chat.sharing.sharing import Sharing
from chat.storage import Storage
from chat.ui.chat.chat_settings_dialog import ChatSettingsButton
from chat.ui.html import HtmlElement
from tests.support.scripted import ScriptedModels
from tests.support.scripted_stream import ScriptedStream
from tests.support.timeouts import WAIT_TIMEOUT


def tool(name: str, *, is_for_guests: bool = True) -> BuiltInTool:
    return BuiltInTool(
        name=name,
        title=name.title(),
        sentence=f'About {name}.',
        build=lambda asking, options: ToolsForRun(),
        is_for_guests=is_for_guests,
    )


@pytest.fixture
async def registry(
    models: ScriptedModels, storage: Storage, preferences: PreferencesStore
) -> AsyncIterator[ConversationRegistry]:
    """One agent with tools that can be switched on, and another that was given."""
    own = AgentConfig(
        Agent(), ref='parlour', built_in_tools=(tool('dice'), tool('cellar', is_for_guests=False))
    )
    registry = ConversationRegistry(
        agents=AgentRoster([own, AgentConfig(Agent(name='Weather'), ref='weather')]),
        model_source=models,
        store=storage.conversations,
        preferences=preferences,
    )
    yield registry
    await registry.close()


def box(page: User, name: str) -> UserInteraction[HtmlElement]:
    """The switch of a tool on a page."""
    assert page.client
    found = {
        each
        for each in page.client.elements.values()
        if isinstance(each, HtmlElement)
        and {'data-testid': 'tool-switch', 'data-name': name}.items() <= each.props.items()
    }
    return UserInteraction(page, found, None)


async def until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(WAIT_TIMEOUT):
        while not holds():  # noqa: ASYNC110  # no event says that the page has followed
            await asyncio.sleep(0)


async def test_a_tool_is_switched_on_in_one_chat(
    person: User, another: Callable[[], User], live: LiveConversation
) -> None:
    """Every page of the chat shows it; what is set of a tool outlives a second click."""
    other = another()
    for page in (person, other):
        await page.open(f'/c/{live.id}')
        page.find(kind=ChatSettingsButton).click()
        await page.should_see('Off until you switch one on')
        await page.should_see('About cellar. Never for guests.')
        (switch,) = box(page, 'dice').elements
        assert switch.props['checked'] is False
    box(person, 'dice').trigger('change', True)
    await until(lambda: switch.props['checked'] is True)
    assert live.metadata.tools == {'dice': {}}
    await live.update_metadata(lambda metadata: replace(metadata, tools={'dice': {'sides': 20}}))
    box(person, 'dice').trigger('change', True)
    box(person, 'cellar').trigger('change', True)
    await until(lambda: len(live.metadata.tools) == 2)
    assert live.metadata.tools == {'dice': {'sides': 20}, 'cellar': {}}
    box(other, 'dice').trigger('change', False)
    await until(lambda: live.metadata.tools == {'cellar': {}})


async def test_it_says_who_can_use_them_in_a_shared_chat(
    person: User, live: LiveConversation, sharing: Sharing
) -> None:
    await person.open(f'/c/{live.id}')
    person.find(kind=ChatSettingsButton).click()
    await person.should_see('About dice.')
    await person.should_not_see('This chat is shared.')
    await sharing.invite('write', 'another', lasting=timedelta(hours=1))
    read = await sharing.invite('read', live.id, lasting=timedelta(hours=1))
    await person.should_see('Guests see that a tool was used')
    write = await sharing.invite('write', live.id, lasting=timedelta(hours=1))
    await person.should_see('each of their calls asks you first')
    for issued in (read, write):
        await sharing.revoke(issued.invite.id)
    await person.should_not_see('This chat is shared.')


async def test_an_agent_that_was_given_has_its_own_tools(
    person: User, live: LiveConversation, registry: ConversationRegistry
) -> None:
    """The sentence, and no switches; as soon as the agent of the chat is another."""
    await person.open(f'/c/{live.id}')
    person.find(kind=ChatSettingsButton).click()
    await person.should_see('About dice.')
    await live.update_metadata(lambda metadata: registry.with_agent(metadata, 'weather'))
    await person.should_see('“Weather” has tools of its own.')
    await person.should_not_see('About dice.')


async def test_an_open_page_is_not_sent_them_again_while_an_answer_grows(
    person: User, models: ScriptedModels, registry: ConversationRegistry
) -> None:
    models.script = speech = ScriptedStream()
    live = registry.new()
    live.send('Tell us')
    await person.open(f'/c/{live.id}')
    assert person.client
    outbox = person.client.outbox
    for word in ('first', 'second', 'third'):
        speech.send(f'{word} ')
        await person.should_see(word)
    await until(lambda: not (outbox.messages or outbox.updates))
    kinds = [kind for _, _, (_, kind, _) in outbox.message_history]
    assert kinds[-2:] == ['grow', 'grow']
