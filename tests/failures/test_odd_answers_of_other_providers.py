"""Odd answers and spoiled streams in the languages of Anthropic, Google and OpenAI's responses."""

import json
from collections.abc import AsyncIterator
from typing import Any

import httpx2
import pytest
from pydantic_ai.models import Model

from chat.agent.http_client import make_client
from chat.conversation.content.turns import Turn
from tests.failures.other_models import anthropic, google, responses
from tests.failures.test_other_providers import BLOCK, MESSAGE, STREAM, OneModel
from tests.support.http_models import make_registry
from tests.support.provider import Provider
from tests.support.replies import Reply
from tests.support.scripted import wait_until_answered
from tests.support.timeouts import WAIT_TIMEOUT

CUT = 'The connection was lost in the middle of the answer.'


@pytest.fixture
async def client() -> AsyncIterator[httpx2.AsyncClient]:
    async with make_client(is_local=True, timeout=WAIT_TIMEOUT) as client:
        yield client


async def turn_of(model: Model, provider: Provider, body: str) -> Turn:
    """The turn that is answered so."""
    provider.reply(Reply(body=body, headers=STREAM))
    live = make_registry(OneModel(model)).new()
    live.send('Hello')
    await wait_until_answered(live)
    return live.turns[-1]


def events(*bodies: dict[str, Any]) -> str:
    return ''.join(f'event: {body["type"]}\ndata: {json.dumps(body)}\n\n' for body in bodies)


STOPPED = {'type': 'content_block_stop', 'index': 0}
OVER = {'type': 'message_stop'}
PARTED = {
    'type': 'message',
    'role': 'assistant',
    'content': [{'type': 'text', 'text': 'Half of it'}],
    'id': 'm',
}


NOT_THAT = {'type': 'refusal', 'explanation': 'Not that.'}
FACE = {**BLOCK, 'content_block': {'type': 'text', 'text': 'Half \ud83d'}}


def ended(reason: str, **more: object) -> dict[str, Any]:
    delta = {'stop_reason': reason, 'stop_sequence': None, **more}
    return {'type': 'message_delta', 'delta': delta, 'usage': {'output_tokens': 1}}


ANTHROPIC: dict[str, tuple[str, str, str | None]] = {
    'whole': (events(MESSAGE, BLOCK, STOPPED, ended('end_turn'), OVER), 'Half of it', None),
    'empty events': (
        f'retry: 1\n\n{events(MESSAGE, BLOCK)}id: 3\n\n{events(STOPPED, ended("end_turn"), OVER)}',
        'Half of it',
        None,
    ),
    'a clean end in the middle': (events(MESSAGE, BLOCK), 'Half of it', CUT),
    'an error with the status of an answer': (
        json.dumps({'type': 'error', 'error': {'type': 'api_error', 'message': 'No such path'}}),
        '',
        'It says: No such path',
    ),
    'words in place of an answer': ('Bad gateway', '', 'It says: Bad gateway'),
    'one piece': (
        json.dumps({**MESSAGE['message'], **PARTED, 'stop_reason': 'end_turn'}),
        'Half of it',
        None,
    ),
    'words to decline': (
        events(MESSAGE, ended('refusal', stop_details=NOT_THAT), OVER),
        'Not that.',
        None,
    ),
    'words to decline in the middle': (
        events(
            MESSAGE, BLOCK, STOPPED, ended('refusal', stop_details=NOT_THAT), OVER
        ),
        'Half of it',
        'It says: Not that.',
    ),
    'half a character': (
        events(MESSAGE, FACE, STOPPED, ended('end_turn'), OVER),
        'Half \ufffd',
        None,
    ),
}  # fmt: skip


def part(text: str, **more: object) -> dict[str, Any]:
    return {'candidates': [{'content': {'role': 'model', 'parts': [{'text': text}]}, **more}]}


def data(*bodies: object) -> str:
    return ''.join(f'data: {json.dumps(body)}\n\n' for body in bodies)


GOOGLE: dict[str, tuple[str, str, str | None]] = {
    'whole': (data(part('Half '), part('of it', finishReason='STOP')), 'Half of it', None),
    'a clean end in the middle': (data(part('Half of it')), 'Half of it', CUT),
    'a reason that is no end': (data(part('Half of it', finishReason='OTHER')), 'Half of it', '(OTHER)'),
    'empty events': (
        f'retry: 1\n\n: hi\n\n{data(part("Half of it", finishReason="STOP"))}event: ping\n\n',
        'Half of it',
        None,
    ),
    'one piece': (json.dumps(part('Half of it', finishReason='STOP'), indent=1), 'Half of it', None),
    'a list': (json.dumps([part('Half '), part('of it', finishReason='STOP')]), 'Half of it', None),
    'an error with the status of an answer': (
        json.dumps([{'error': {'code': 400, 'message': 'No such field', 'status': 'INVALID_ARGUMENT'}}]),
        '',
        'It says: No such field',
    ),
}


def response(status: str, *output: dict[str, Any], **more: object) -> dict[str, Any]:
    return {
        **{'id': 'r', 'object': 'response', 'created_at': 1, 'model': 'm', 'status': status},
        **{'output': list(output), 'parallel_tool_calls': True, 'tool_choice': 'auto', 'tools': []},
        **more,
    }


ITEM: dict[str, Any] = {
    'type': 'message',
    'id': 'i',
    'role': 'assistant',
    'status': 'in_progress',
    'content': [],
}
PLACE: dict[str, Any] = {'item_id': 'i', 'output_index': 0, 'content_index': 0, 'sequence_number': 1}
BEGUN: tuple[dict[str, Any], ...] = (
    {'type': 'response.created', 'response': response('in_progress'), 'sequence_number': 0},
    {'type': 'response.output_item.added', 'item': ITEM, 'output_index': 0, 'sequence_number': 1},
)
TEXT: dict[str, Any] = {'type': 'response.output_text.delta', 'delta': 'Half of it', 'logprobs': [], **PLACE}
DECLINED: dict[str, Any] = {'type': 'response.refusal.delta', 'delta': 'I cannot.', **PLACE}
COMPLETED: dict[str, Any] = {
    'type': 'response.completed',
    'response': response('completed'),
    'sequence_number': 9,
}
RESPONSES: dict[str, tuple[str, str, str | None]] = {
    'whole': (events(*BEGUN, TEXT, COMPLETED), 'Half of it', None),
    'a clean end in the middle': (events(*BEGUN, TEXT), 'Half of it', CUT),
    'words to decline': (events(*BEGUN, DECLINED, COMPLETED), 'I cannot.', None),
    'empty events': (
        f'retry: 1\n\n{events(*BEGUN, TEXT)}event: ping\n\n{events(COMPLETED)}',
        'Half of it',
        None,
    ),
    'an error with the status of an answer': (
        json.dumps({'error': {'message': 'No such field', 'code': 'x'}}),
        '',
        'It says: No such field',
    ),
}


LANGUAGES = {
    'Anthropic': (anthropic, ANTHROPIC),
    'Google': (google, GOOGLE),
    'responses': (responses, RESPONSES),
}


@pytest.mark.parametrize(
    ('language', 'case'), [(language, case) for language, (_, cases) in LANGUAGES.items() for case in cases]
)
async def test_what_comes_is_shown_or_said(language: str, case: str, client: httpx2.AsyncClient) -> None:
    make_model, cases = LANGUAGES[language]
    body, text, sentence = cases[case]
    async with Provider() as provider:
        turn = await turn_of(make_model(provider.url, client), provider, body)
    assert turn.text == text
    assert turn.state == ('failed' if sentence else 'done'), turn.failure
    assert (sentence or '') in (turn.failure or '')


async def test_what_the_beginning_has_counted_the_end_does_not_take_back(client: httpx2.AsyncClient) -> None:
    """Anthropic counts the tokens of the question first, and at the end those of the answer alone."""
    counts = {'input_tokens': 25, 'output_tokens': 1, 'cache_read_input_tokens': 4}
    asked = {**MESSAGE, 'message': {**MESSAGE['message'], 'usage': counts}}
    over = {**ended('end_turn'), 'usage': {'output_tokens': 15}}
    async with Provider() as provider:
        model = anthropic(provider.url, client)
        turn = await turn_of(model, provider, events(asked, BLOCK, STOPPED, over, OVER))
    assert (turn.usage.input, turn.usage.output, turn.usage.cached) == (29, 15, 4)
