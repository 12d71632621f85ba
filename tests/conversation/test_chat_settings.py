"""Instructions and parameters: what a model is told, over real HTTP."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from typing import Any

import pytest
from pydantic_ai.exceptions import ModelHTTPError
from pydantic_ai.profiles import ModelProfile

from chat.agent.agent import build_agent
from chat.agent.model_catalog import ModelCatalog
from chat.agent.model_connections import server_client, server_model
from chat.agent.servers import ModelServer
from chat.agent_config import AgentConfig, AgentRoster
from chat.conversation.content.chat_settings import Preferences, PreferencesStore
from chat.conversation.content.messages import OMITTED_PARAMETERS_KEY
from chat.conversation.content.model_parameters import ModelParameters
from chat.conversation.conversation_registry import ConversationRegistry
from chat.conversation.live_conversation import LiveConversation
from chat.conversation.titles import generate_title
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
    await registry.close()
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


async def test_the_parameters_of_a_chat_are_sent(live: LiveConversation, provider: Provider) -> None:
    await live.update_metadata(
        lambda metadata: replace(metadata, thinking='high', top_p=0.5, temperature=0.0, max_tokens=300)
    )
    await asked(live)
    sent = provider.requests[0]
    names = ('reasoning_effort', 'top_p', 'temperature', 'max_completion_tokens')
    assert [sent.get(name) for name in names] == ['high', 0.5, 0.0, 300]
    assert live.turns[0].asked_without(OMITTED_PARAMETERS_KEY) == []
    await live.update_metadata(lambda metadata: replace(metadata, thinking='off', top_p=None))
    await asked(live)
    assert provider.requests[1]['reasoning_effort'] == 'none'
    assert provider.requests[1]['chat_template_kwargs'] == {'enable_thinking': False}
    assert 'top_p' not in provider.requests[1]


async def test_only_the_parameter_that_a_server_names_is_left_out_and_kept_with_the_answer(
    live: LiveConversation, provider: Provider
) -> None:
    await live.update_metadata(lambda metadata: replace(metadata, thinking='low', top_p=0.5, max_tokens=300))
    provider.reply(
        refusal(400, "Unsupported parameter: 'reasoning_effort' is not supported with this model."),
        refusal(422, 'unexpected field'),
        Reply(pieces=['Hi.']),
    )
    await asked(live)
    names = ('reasoning_effort', 'top_p', 'max_completion_tokens')
    sent = [[name for name in names if name in request] for request in provider.requests]
    assert sent == [[*names], ['top_p', 'max_completion_tokens'], []]
    assert live.turns[0].asked_without(OMITTED_PARAMETERS_KEY) == ['max_tokens', 'thinking', 'top_p']
    assert live.turns[0].text == 'Hi.'


async def test_a_server_that_cannot_be_told_not_to_think_is_asked_for_a_title_once_more(
    live: LiveConversation, provider: Provider
) -> None:
    await asked(live)
    provider.title = refusal(400, 'Unknown parameter.')
    server = ModelServer(prefix='server', url=provider.url, heading='Here')
    async with server_client(server) as client:
        with pytest.raises(ModelHTTPError):
            await generate_title(server_model(server, 'parlour-test', client), live.turns[0])
    efforts = [exchange.body.get('reasoning_effort') for exchange in provider.titled]
    assert [*dict.fromkeys(efforts)] == ['none', None]


def test_what_a_known_model_does_not_take_is_said_to_be_left_out() -> None:
    parameters = ModelParameters(thinking='low', temperature=1.0)
    assert parameters.ignored_by(ModelProfile()) == ['thinking']
    assert parameters.ignored_by(ModelProfile(supports_thinking=True)) == []


async def test_another_refusal_is_told_and_not_repeated(live: LiveConversation, provider: Provider) -> None:
    await live.update_metadata(lambda metadata: replace(metadata, temperature=1.0))
    provider.reply(bad_key())
    await asked(live)
    assert (live.turns[0].failure or '').startswith('The API key was refused.')
    assert len(provider.requests) == 1
