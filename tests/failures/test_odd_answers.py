"""Whatever a provider puts into any field of its answer, the conversation can be read after a restart.

The long form tries every value in every place, the short one has one for every other place.
"""

import asyncio
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from pydantic_ai.models import Model
from pydantic_ai.models.openai import OpenAIChatModel
from pydantic_ai.providers.openai import OpenAIProvider

from chat.conversation.live_conversation import LiveConversation
from chat.store.data_folder import open_store
from tests.failures.other_models import anthropic
from tests.failures.test_other_providers import OneModel
from tests.store.odd_values import ODD, places, put
from tests.support.http_models import make_registry
from tests.support.profile import sized
from tests.support.provider import Exchange, Provider
from tests.support.replies import Reply
from tests.support.request_rules import RequestRules
from tests.support.scripted import wait_until_answered

IS_LONG = sized(short=False, long=True)

LENIENT = RequestRules(turns=False, one_system=False)
"""The models here are those of pydantic-ai, without what Parlour does for strict servers."""

IN_A_ROW = 12
"""Odd answers in one conversation, each of which is sent with the question after it."""

Events = Sequence[Mapping[str, Any]]


def chunk(delta: Mapping[str, Any], finish: str | None = None, **more: Any) -> dict[str, Any]:
    choice = {'index': 0, 'delta': delta, 'finish_reason': finish, 'logprobs': None}
    head = {'id': 'chatcmpl-1', 'object': 'chat.completion.chunk', 'created': 1, 'model': 'small'}
    return {**head, 'system_fingerprint': 'x', 'service_tier': 'default', 'choices': [choice], **more}


OPENAI: Events = [
    chunk({'role': 'assistant', 'content': '', 'reasoning_content': 'Hm.', 'refusal': None}),
    chunk({'content': 'All well'}),
    chunk({}, 'stop'),
    chunk(
        {},
        choices=[],
        usage={
            'prompt_tokens': 9,
            'completion_tokens': 2,
            'total_tokens': 11,
            'prompt_tokens_details': {'cached_tokens': 1, 'audio_tokens': 0},
            'completion_tokens_details': {'reasoning_tokens': 1},
        },
    ),
]

ANTHROPIC: Events = [
    {
        'type': 'message_start',
        'message': {
            'id': 'msg_1',
            'type': 'message',
            'role': 'assistant',
            'model': 'small',
            'content': [],
            'stop_reason': None,
            'stop_sequence': None,
            'usage': {'input_tokens': 9, 'output_tokens': 1, 'cache_read_input_tokens': 1},
        },
    },
    {
        'type': 'content_block_start',
        'index': 0,
        'content_block': {'type': 'thinking', 'thinking': '', 'signature': ''},
    },
    {'type': 'content_block_delta', 'index': 0, 'delta': {'type': 'thinking_delta', 'thinking': 'Hm.'}},
    {'type': 'content_block_delta', 'index': 0, 'delta': {'type': 'signature_delta', 'signature': 'c2ln'}},
    {'type': 'content_block_stop', 'index': 0},
    {'type': 'content_block_start', 'index': 1, 'content_block': {'type': 'text', 'text': ''}},
    {'type': 'content_block_delta', 'index': 1, 'delta': {'type': 'text_delta', 'text': 'All well'}},
    {'type': 'content_block_stop', 'index': 1},
    {
        'type': 'message_delta',
        'delta': {'stop_reason': 'end_turn', 'stop_sequence': None},
        'usage': {'output_tokens': 2},
    },
    {'type': 'message_stop'},
]


def openai(url: str) -> Model:
    return OpenAIChatModel('small', provider=OpenAIProvider(base_url=url, api_key='none'))


DIALECTS: dict[str, tuple[Callable[[str], Model], Events]] = {
    'OpenAI': (openai, OPENAI),
    'Anthropic': (anthropic, ANTHROPIC),
}


def odd_answers(events: Events) -> Iterator[Events]:
    """The answer with something else in one place, one after the other."""
    for number, place in enumerate(places(list(events))[:: sized(2, 1)]):
        for odd in ODD if IS_LONG else [ODD[number % len(ODD)]]:
            spoilt = deepcopy(list(events))
            put(spoilt, place, odd)
            yield spoilt


def streamed(events: Events) -> Reply:
    text = ''.join(f'event: {kind(each)}\ndata: {json.dumps(each)}\n\n' for each in events)
    return Reply(body=f'{text}data: [DONE]\n\n', headers={'content-type': 'text/event-stream'})


def kind(event: Any) -> str:
    """The name that Anthropic gives an event besides; others have none, and nobody reads it."""
    name = event.get('type') if isinstance(event, dict) else ''  # pyright: ignore[reportUnknownVariableType, reportUnknownMemberType]  # JSON
    return name if isinstance(name, str) else ''


def shown(live: LiveConversation) -> list[tuple[str, str, str]]:
    return [(turn.question, turn.text, turn.state) for turn in live.turns]


@pytest.mark.long
@pytest.mark.parametrize('dialect', DIALECTS)
async def test_a_chat_with_any_answer_opens_again_as_it_was_shown(tmp_path: Path, dialect: str) -> None:
    model_at, whole = DIALECTS[dialect]
    answers = list(odd_answers(whole))

    def reply(exchange: Exchange) -> Reply:
        asked = str(exchange.body['messages'][-1]['content'])  # with the questions that had no answer
        number = asked.rpartition('odd ')[2].partition(' ')[0]
        return streamed(whole if 'and now?' in asked else answers[int(number)])

    folder = await open_store(tmp_path)
    async with Provider(rules=LENIENT) as provider:
        provider.otherwise = reply
        registry = make_registry(OneModel(model_at(provider.url)), store=folder.conversations)
        lives = [registry.new() for _ in range(0, len(answers), IN_A_ROW)]
        for step in range(IN_A_ROW):
            for start, live in zip(range(step, len(answers), IN_A_ROW), lives, strict=False):
                live.send(f'odd {start} one')
            await asyncio.gather(*(wait_until_answered(live) for live in lives))
        for live in lives:
            live.send('and now?')
        await asyncio.gather(*(wait_until_answered(live) for live in lives))
        before = [shown(live) for live in lives]
        await registry.close()
    await folder.close()
    assert {turns[-1][1:] for turns in before} == {('All well', 'done')}
    assert sum(len(turns) for turns in before) == len(answers) + len(lives)

    folder = await open_store(tmp_path)
    registry = make_registry(OneModel(model_at('http://127.0.0.1:9/v1')), store=folder.conversations)
    assert folder.catalog.problems == []
    for live, turns in zip(lives, before, strict=True):
        assert shown(await registry.open(live.id)) == turns
    await folder.close()
