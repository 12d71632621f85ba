"""Values of another type in what Anthropic, Google and OpenAI's responses send are no faults of ours.

The long form tries every value in every place, the short one has one for each place.
"""

import json
from collections.abc import Callable, Iterator
from copy import deepcopy
from typing import Any

import httpx2
import pytest
from pydantic_ai.models import Model

from chat.agent.http_client import make_client
from tests.failures.other_models import anthropic, google, responses
from tests.failures.test_other_providers import BLOCK, MESSAGE, STREAM, OneModel
from tests.store.odd_values import places, put
from tests.support.http_models import make_registry
from tests.support.profile import sized
from tests.support.provider import Provider
from tests.support.replies import Reply
from tests.support.scripted import wait_until_answered
from tests.support.timeouts import WAIT_TIMEOUT

ODD: list[Any] = [None, True, 7, -1.5, 10**30, 'odd', '', [], ['odd'], {}, {'odd': 1}]

ANTHROPIC: list[dict[str, Any]] = [
    MESSAGE,
    BLOCK,
    {'type': 'content_block_delta', 'index': 0, 'delta': {'type': 'text_delta', 'text': ' More'}},
    {'type': 'content_block_stop', 'index': 0},
    {
        'type': 'message_delta',
        'delta': {'stop_reason': 'end_turn', 'stop_sequence': None},
        'usage': {'output_tokens': 1},
    },
    {'type': 'message_stop'},
]
GOOGLE: list[dict[str, Any]] = [
    {
        'candidates': [{'content': {'role': 'model', 'parts': [{'text': said}]}, 'index': 0, **more}],
        'modelVersion': 'gemini',
        'responseId': 'r',
        'usageMetadata': {
            'promptTokenCount': 1,
            'totalTokenCount': 2,
            'promptTokensDetails': [{'modality': 'TEXT', 'tokenCount': 1}],
        },
    }
    for said, more in (('Half ', {}), ('of it', {'finishReason': 'STOP'}))
]
RESPONSE: dict[str, Any] = {
    'id': 'r',
    'object': 'response',
    'created_at': 1,
    'model': 'm',
    'status': 'completed',
    'output': [],
}
PLACE = {'item_id': 'i', 'output_index': 0, 'content_index': 0}
RESPONSES: list[dict[str, Any]] = [
    {'type': 'response.created', 'response': {**RESPONSE, 'status': 'in_progress'}},
    {'type': 'response.output_text.delta', **PLACE, 'delta': 'Half '},
    {'type': 'response.output_text.delta', **PLACE, 'delta': 'of it'},
    {
        'type': 'response.completed',
        'response': {
            **RESPONSE,
            'usage': {
                'input_tokens': 1,
                'input_tokens_details': {'cached_tokens': 0},
                'output_tokens': 1,
                'output_tokens_details': {'reasoning_tokens': 0},
                'total_tokens': 2,
            },
        },
    },
]


DIALECTS: dict[str, tuple[Callable[[str, httpx2.AsyncClient], Model], list[dict[str, Any]]]] = {
    'Anthropic': (anthropic, ANTHROPIC),
    'Google': (google, GOOGLE),
    'Responses': (responses, RESPONSES),
}


def spoilt(events: list[dict[str, Any]]) -> Iterator[list[Any]]:
    """The answer with something else in one place, one after the other."""
    for number, place in enumerate(places(events)):
        for step in range(sized(1, len(ODD))):
            copy: list[Any] = deepcopy(events)
            put(copy, place, ODD[(number + 4 * step) % len(ODD)])
            yield copy


def streamed(events: list[Any]) -> Reply:
    kinds = [event['type'] if isinstance(event, dict) and 'type' in event else None for event in events]  # pyright: ignore[reportUnknownVariableType]  # JSON
    names = [f'event: {kind}\n' if isinstance(kind, str) else '' for kind in kinds]  # pyright: ignore[reportUnknownVariableType]
    texts = (f'{name}data: {json.dumps(event)}\n\n' for name, event in zip(names, events, strict=True))
    return Reply(body=''.join(texts), headers=STREAM)


@pytest.mark.long
@pytest.mark.filterwarnings('ignore:.* is not a valid')  # a name that the package of Google does not know
@pytest.mark.parametrize('dialect', DIALECTS)
async def test_any_value_of_another_type_gives_an_answer_or_a_sentence(dialect: str) -> None:
    """It is never called a bug, and the next question is answered."""
    connect, events = DIALECTS[dialect]
    async with make_client(is_local=True, timeout=WAIT_TIMEOUT) as client, Provider() as provider:
        live = make_registry(OneModel(connect(provider.url, client))).new()
        for odd in spoilt(events):
            provider.reply(streamed(odd))
            live.send('Hello')
            await wait_until_answered(live)
            failure = live.turns[-1].failure or ''
            assert 'Something went wrong.' not in failure, odd
            assert live.turns[-1].text or failure, odd
        provider.reply(streamed(events))
        live.send('And now?')
        await wait_until_answered(live)
    assert live.turns[-1].state == 'done'
    assert live.turns[-1].text.startswith('Half of it')
