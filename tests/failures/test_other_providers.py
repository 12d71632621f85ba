"""The same failures in the languages of Anthropic and Google, as far as they differ from OpenAI's."""

import json
from dataclasses import dataclass
from typing import Any

import pytest
from pydantic_ai.models import Model

from chat.conversation.content.context_window import CONTEXT_FULL_ADVICE
from chat.conversation.content.turns import Turn
from tests.failures.other_models import anthropic, google
from tests.support.http_models import make_registry
from tests.support.provider import Provider
from tests.support.replies import Reply
from tests.support.scripted import wait_until_answered

STREAM = {'content-type': 'text/event-stream'}
OVERLOADED = 'The provider is overloaded (status {}). Try again in a moment. It says: Too many of you.'


@dataclass(frozen=True)
class OneModel:
    """The same model under every name."""

    model: Model

    async def default_model(self) -> str:
        return 'the one'

    async def connection(self, name: str) -> Model:
        return self.model

    def agent_model(self, ref: str) -> str | None:
        return None

    def small_model(self, name: str) -> str | None:
        return None

    def connection_hint(self, name: str) -> str:
        return 'Check the network.'

    def key_hint(self, name: str) -> str:
        return 'Check the key of this provider.'

    def key_link(self, name: str) -> str:
        return ''

    def redact(self, text: str) -> str:
        return text


async def turn_of(model: Model, provider: Provider, reply: Reply) -> Turn:
    provider.reply(reply)
    live = make_registry(OneModel(model)).new()
    live.send('Hello')
    await wait_until_answered(live)
    assert len(provider.requests) == 1  # nothing is asked again in silence
    return live.turns[-1]


def anthropic_refusal(status: int, kind: str, message: str, **headers: str) -> Reply:
    body = {'type': 'error', 'error': {'type': kind, 'message': message}}
    named = {name.replace('_', '-'): value for name, value in headers.items()}
    return Reply(status=status, body=json.dumps(body), headers=named)


def anthropic_stream(*events: dict[str, Any]) -> Reply:
    body = ''.join(f'event: {event["type"]}\ndata: {json.dumps(event)}\n\n' for event in events)
    return Reply(body=body, headers=STREAM)


MESSAGE: dict[str, Any] = {
    'type': 'message_start',
    'message': {
        'id': 'message-1',
        'type': 'message',
        'role': 'assistant',
        'model': 'claude',
        'content': [],
        'stop_reason': None,
        'stop_sequence': None,
        'usage': {'input_tokens': 1, 'output_tokens': 1},
    },
}
BLOCK = {'type': 'content_block_start', 'index': 0, 'content_block': {'type': 'text', 'text': 'Half of it'}}
BROKEN = {'type': 'error', 'error': {'type': 'overloaded_error', 'message': 'Too many of you.'}}

ANTHROPIC = {
    'key': (
        anthropic_refusal(401, 'authentication_error', 'invalid x-api-key'),
        'The API key was refused. Check the key of this provider.',
    ),
    'rate': (
        anthropic_refusal(429, 'rate_limit_error', 'Slow down.', retry_after='7'),
        'Too many requests. Try again in 7 s.',
    ),
    'overload': (anthropic_refusal(529, 'overloaded_error', 'Too many of you.'), OVERLOADED.format(529)),
    'too long': (
        anthropic_refusal(400, 'invalid_request_error', 'prompt is too long: 210000 tokens > 200000 maximum'),
        f'This chat has 210,000 tokens, and the model holds 200,000. {CONTEXT_FULL_ADVICE}',
    ),
    'credit': (
        anthropic_refusal(400, 'invalid_request_error', 'Your credit balance is too low to access the API.'),
        'The quota or credit of this account is used up. Check the account at the provider.',
    ),
    'in the stream': (anthropic_stream(MESSAGE, BLOCK, BROKEN), OVERLOADED.format(529)),
}


@pytest.mark.parametrize('case', ANTHROPIC)
async def test_anthropic(case: str) -> None:
    reply, sentence = ANTHROPIC[case]
    async with Provider() as provider:
        turn = await turn_of(anthropic(provider.url), provider, reply)
    assert (turn.text, turn.failure) == ('Half of it' if case == 'in the stream' else '', sentence)


def google_error(status: int, kind: str, message: str, **detail: str) -> str:
    metadata = [{'@type': f'type.googleapis.com/google.rpc.{detail.pop("type")}', **detail}] if detail else []
    return json.dumps({'error': {'code': status, 'status': kind, 'message': message, 'details': metadata}})


def google_refusal(status: int, kind: str, message: str, **detail: str) -> Reply:
    return Reply(status=status, body=google_error(status, kind, message, **detail))


def google_stream(*events: str) -> Reply:
    return Reply(body=''.join(f'data: {event}\n\n' for event in events), headers=STREAM)


PART = json.dumps({'candidates': [{'content': {'role': 'model', 'parts': [{'text': 'Half of it'}]}}]})
UNSAFE = json.dumps({'candidates': [{'finishReason': 'SAFETY'}]})

GOOGLE = {
    'key': (
        google_refusal(400, 'INVALID_ARGUMENT', 'No.', type='ErrorInfo', reason='API_KEY_INVALID'),
        'The API key was refused. Check the key of this provider.',
    ),
    'rate': (
        google_refusal(429, 'RESOURCE_EXHAUSTED', 'Slow down.', type='RetryInfo', retryDelay='7s'),
        'Too many requests. Try again in 7 s.',
    ),
    'overload': (
        google_refusal(503, 'UNAVAILABLE', 'The model is overloaded.'),
        'The provider is overloaded (status 503). Try again in a moment. It says: The model is overloaded.',
    ),
    'too long': (
        google_refusal(
            400,
            'INVALID_ARGUMENT',
            'The input token count (9) exceeds the maximum number of tokens allowed (8).',
        ),
        f'This chat has 9 tokens, and the model holds 8. {CONTEXT_FULL_ADVICE}',
    ),
    'filter': (google_stream(UNSAFE), 'The provider blocked this answer (content filter).'),
    'in the stream': (
        google_stream(PART, google_error(500, 'INTERNAL', 'Oh no.')),
        'The provider has a problem (status 500). Try again in a moment. It says: Oh no.',
    ),
}


@pytest.mark.parametrize('case', GOOGLE)
async def test_google(case: str) -> None:
    reply, sentence = GOOGLE[case]
    async with Provider() as provider:
        turn = await turn_of(google(provider.url), provider, reply)
    assert (turn.text, turn.failure) == ('Half of it' if case == 'in the stream' else '', sentence)
