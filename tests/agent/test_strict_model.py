"""What servers with strict templates are sent: nothing that they refuse, and all that was said."""

from collections.abc import AsyncIterator

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openai.types.chat import ChatCompletionMessageFunctionToolCallParam
from pydantic_ai import Agent

from chat.agent.model_catalog import ModelCatalog
from chat.agent.model_connections import provider_client, provider_model
from chat.agent.strict_model import Message, StrictModel, alternate_roles
from chat.conversation.content.messages import prompt_text
from tests.support import replies
from tests.support.files import attached
from tests.support.http_models import make_registry
from tests.support.provider import Provider
from tests.support.replies import Gate, Reply
from tests.support.request_rules import RequestRules, take_turns
from tests.support.scripted import wait_until, wait_until_answered

FINE = Reply(pieces=['Fine.'])


@pytest.fixture
async def provider() -> AsyncIterator[Provider]:
    async with Provider() as provider:
        provider.always_reply(FINE)
        yield provider


def roles(provider: Provider) -> list[str]:
    return [message['role'] for message in provider.requests[-1]['messages']]


async def test_one_system_message_holds_all_that_the_model_is_told(provider: Provider) -> None:
    """The agent's instructions, the date, a system prompt of a given agent, what is set for the chat."""
    agent = Agent(instructions='Be kind.', system_prompt='You are a bear.')
    live = make_registry(provider.url, agent=agent).new()
    live.send('Hello')
    await wait_until_answered(live)
    live.send('And now?')
    await wait_until_answered(live)
    assert roles(provider) == ['system', 'user', 'assistant', 'user']
    told = provider.requests[-1]['messages'][0]['content']
    assert 'You are a bear.' in told
    assert 'Be kind.' in told


async def test_a_gateway_that_the_environment_names_is_asked_as_strictly(
    provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv('OPENAI_BASE_URL', provider.url)
    environment = {'OPENAI_API_KEY': 'sk-not-a-real-one'}
    models = ModelCatalog(
        preferred='openai-chat:gpt-4o', base_url=None, api_key=None, environment=environment
    )
    live = make_registry(models).new()
    live.send('Hello')
    await wait_until_answered(live)
    await models.close()
    assert live.turns[-1].text == 'Fine.'
    assert roles(provider) == ['system', 'user']


@pytest.mark.parametrize(
    ('name', 'variable'),
    [
        ('openrouter:qwen/qwen3-8b', 'OPENROUTER_API_KEY'),
        ('together:mistralai/Mistral-7B', 'TOGETHER_API_KEY'),
        ('deepseek:deepseek-chat', 'DEEPSEEK_API_KEY'),
    ],
)
async def test_hosts_of_open_models_are_asked_as_strictly(name: str, variable: str) -> None:
    async with provider_client() as client:
        model = provider_model(name, {variable: 'sk-not-a-real-one'}, client)
        openai = provider_model('openai-chat:gpt-4o', {'OPENAI_API_KEY': 'sk-not-a-real-one'}, client)
    assert isinstance(model, StrictModel)
    assert model.profile.get('openai_chat_supports_multiple_system_messages') is False
    assert not isinstance(openai, StrictModel), 'they are known to take more'


async def test_a_template_without_a_system_role_is_told_it_with_the_first_question(
    provider: Provider,
) -> None:
    """It is asked again once; from then on it is asked so at once."""
    provider.rules = RequestRules(system_role=False)
    registry = make_registry(provider.url)
    for count in (2, 3):
        live = registry.new()
        live.send('Hello')
        await wait_until_answered(live)
        assert live.turns[-1].text == 'Fine.'
        assert len(provider.requests) == count
    [message] = provider.requests[-1]['messages']
    assert message['content'].startswith('You are a helpful')
    assert message['content'].endswith('\n\nHello')


async def test_a_refusal_for_another_reason_is_told_as_it_is(provider: Provider) -> None:
    provider.reply(
        replies.refusal(400, 'The template is broken.'), replies.refusal(400, 'Still broken.'), FINE
    )
    live = make_registry(provider.url).new()
    live.send('Hello')
    await wait_until_answered(live)
    assert (live.turns[-1].failure or '').endswith('It says: The template is broken.')
    live.send('Hello?')
    await wait_until_answered(live)
    assert roles(provider)[0] == 'system'


async def test_a_question_without_an_answer_blocks_nothing(provider: Provider) -> None:
    """Stopped before its first word, failed, or an answer that could not be continued: turns are sent."""
    gate = Gate()
    live = make_registry(provider.url).new()
    provider.reply(FINE, Reply(before=gate), replies.failing(500), Reply(pieces=['Half'], ending='cut'))
    live.send('First')
    await wait_until_answered(live)
    live.send('Stopped')
    await gate.reached.wait()
    await live.stop()
    for text in ('Failed', 'Cut'):
        live.send(text)
        await wait_until_answered(live)
    provider.reply(replies.failing(500))
    live.continue_answer()
    await wait_until_answered(live)
    live.send('Last')
    await wait_until(live, lambda: live.turns[-1].state == 'done')
    said = [message['content'] for message in provider.requests[-1]['messages'][1:]]
    assert said == ['First', 'Fine.', 'Stopped\n\nFailed\n\nCut', 'Half', 'Last']
    assert [prompt_text(turn.prompt) for turn in live.turns] == ['First', 'Stopped', 'Failed', 'Cut', 'Last']


async def test_a_server_of_strings_gets_a_text_file_as_a_string(provider: Provider) -> None:
    provider.rules = RequestRules(strings_only=True)
    live = make_registry(provider.url).new()
    live.send('What is this?', attached('note.txt', 'text/plain', 'Grüße'.encode()))
    await wait_until_answered(live)
    assert live.turns[-1].text == 'Fine.'
    assert 'Grüße' in provider.requests[-1]['messages'][-1]['content']


def spoken(number: int, kind: str) -> list[Message]:
    """A message with its number in it, or a call with what it returned."""
    text = f'<{number}>'
    match kind:
        case 'call':
            call = ChatCompletionMessageFunctionToolCallParam(
                id=text, type='function', function={'name': 'look', 'arguments': '{}'}
            )
            return [
                {'role': 'assistant', 'content': None, 'tool_calls': [call]},
                {'role': 'tool', 'tool_call_id': text, 'content': text},
            ]
        case 'system':
            return [{'role': 'system', 'content': text}]
        case 'user':
            return [{'role': 'user', 'content': text}]
        case _:
            return [{'role': 'assistant', 'content': text}]


MESSAGES = st.lists(st.sampled_from(['system', 'user', 'assistant', 'call']), max_size=8)


@given(MESSAGES, st.booleans())
def test_whatever_was_said_is_sent_in_turns(kinds: list[str], takes_system: bool) -> None:
    messages = [message for number, kind in enumerate(kinds) for message in spoken(number, kind)]
    sent = alternate_roles(messages, takes_system=takes_system)
    told = sum(message['role'] == 'system' for message in sent)
    assert told <= 1
    assert all(message['role'] != 'system' for message in sent[1:])
    assert all(f'<{number}>' in str(sent) for number in range(len(kinds)))
    assert take_turns(message['role'] for message in sent if message['role'] != 'system')
