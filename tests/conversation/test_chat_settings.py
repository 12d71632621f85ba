"""Instructions and temperature: what a model is told, over real HTTP."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from typing import Any

import pytest

from chat.agent.agent import build_agent
from chat.agent.model_catalog import ModelCatalog
from chat.agent_config import AgentConfig, AgentRoster
from chat.conversation.chat_settings import Preferences, PreferencesStore
from chat.conversation.conversation_registry import ConversationRegistry
from chat.conversation.live_conversation import LiveConversation
from tests.support.provider import Provider
from tests.support.replies import Reply, bad_key, refusal
from tests.support.scripted import MemoryStore, preferences_store, wait_until_answered


@pytest.fixture
def provider() -> Iterator[Provider]:
    with Provider() as provider:
        yield provider


@pytest.fixture
def preferences() -> PreferencesStore:
    return preferences_store(Preferences(instructions='Answer in rhymes.'))


@pytest.fixture
async def live(provider: Provider, preferences: PreferencesStore) -> AsyncIterator[LiveConversation]:
    models = ModelCatalog(preferred='parlour-test', base_url=provider.url, api_key=None, environment={})
    registry = ConversationRegistry(
        agents=AgentRoster([AgentConfig(build_agent())]),
        model_source=models,
        store=MemoryStore(),
        preferences=preferences,
    )
    yield registry.new()
    await models.close()


async def asked(live: LiveConversation) -> None:
    live.send('Hello')
    await wait_until_answered(live)


def instructions_in(request: dict[str, Any]) -> str:
    told = [message['content'] for message in request['messages'] if message['role'] == 'system']
    return '\n\n'.join(told)


async def test_the_preferences_hold_where_a_conversation_says_nothing(
    live: LiveConversation, provider: Provider, preferences: PreferencesStore
) -> None:
    await asked(live)
    assert instructions_in(provider.requests[0]).count('Answer in rhymes.') == 1
    assert instructions_in(provider.requests[0]).startswith('You are a helpful, honest assistant.')
    assert 'temperature' not in provider.requests[0]
    await preferences.update(lambda now: replace(now, instructions=''))
    await asked(live)
    assert 'rhymes' not in instructions_in(provider.requests[1])


async def test_what_a_conversation_says_takes_their_place(live: LiveConversation, provider: Provider) -> None:
    await live.update_metadata(
        lambda metadata: replace(metadata, instructions='Answer in Latin.', temperature=0.2)
    )
    await asked(live)
    assert instructions_in(provider.requests[0]).count('Answer in Latin.') == 1
    assert 'rhymes' not in instructions_in(provider.requests[0])
    assert provider.requests[0]['temperature'] == 0.2


@pytest.mark.parametrize('status', [400, 422])
async def test_a_model_that_takes_no_temperature_answers_all_the_same(
    live: LiveConversation, provider: Provider, status: int
) -> None:
    await live.update_metadata(lambda metadata: replace(metadata, temperature=1.9))
    provider.reply(refusal(status, "Unsupported value: 'temperature'."), Reply(pieces=['Hi.']))
    await asked(live)
    (turn,) = live.turns
    assert (turn.text, turn.state, len(live.conversation.messages)) == ('Hi.', 'done', 2)
    assert [request.get('temperature') for request in provider.requests] == [1.9, None]
    assert instructions_in(provider.requests[1]).count('Answer in rhymes.') == 1


async def test_another_refusal_is_told_and_not_repeated(live: LiveConversation, provider: Provider) -> None:
    await live.update_metadata(lambda metadata: replace(metadata, temperature=1.0))
    provider.reply(bad_key())
    await asked(live)
    assert (live.turns[0].failure or '').startswith('The API key was refused.')
    assert len(provider.requests) == 1
