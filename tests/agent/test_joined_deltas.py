"""Words that have come together are one event, in which nothing else is lost."""

import json
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import pytest
from pydantic_ai import Agent, PartDeltaEvent, PartEndEvent, TextPart
from pydantic_ai.models.openai import OpenAIChatModel
from pydantic_ai.providers.openai import OpenAIProvider

from chat.agent.http_client import make_client
from chat.agent.wire.events import Event
from chat.agent.wire.joined_deltas import MAX_LENGTH, joined
from tests.support.provider import Provider
from tests.support.replies import Reply
from tests.support.timeouts import WAIT_TIMEOUT


def chunk(delta: object, **more: object) -> Event:
    choice = {'index': 0, 'delta': delta, 'finish_reason': None}
    return Event(json.dumps({'id': 'c', 'object': 'chat.completion.chunk', 'choices': [choice], **more}))


def deltas(events: Iterable[Event]) -> list[Any]:
    return [json.loads(event.data)['choices'][0]['delta'] for event in joined(events)]


def test_words_in_a_row_are_one_event() -> None:
    said = ['He said ', '"x\\', ' \n', '{', '}', 'é \ud83d', '\ude00', ' end"']
    assert deltas(chunk({'content': word}) for word in said) == [
        {'content': 'He said "x\\ \n{}é 😀 end"'},
    ]


def test_what_says_more_than_words_stays_as_it_is_and_where_it_is() -> None:
    events = [
        chunk({'role': 'assistant', 'content': ''}),
        chunk({'reasoning_content': 'Hm'}),
        chunk({'reasoning_content': ' so'}),
        chunk({'content': 'a'}),
        chunk({'content': 'b', 'reasoning_content': 'c'}),
        chunk({'content': 'b', 'reasoning_content': 'c'}),
        chunk({'content': 'd'}),
        chunk({'content': 'e'}, usage={'completion_tokens': 7}),
        chunk({'tool_calls': [{'index': 0, 'function': {'arguments': '"delta": {"content": "x"}'}}]}),
        chunk({'tool_calls': [{'index': 0, 'function': {'arguments': '"delta": {"content": "x"}'}}]}),
        Event('[DONE]'),
    ]
    found = list(joined(events))
    assert found == [events[0], chunk({'reasoning_content': 'Hm so'}), *events[3:]]


def test_words_of_other_protocols_and_with_padding() -> None:
    def block(text: str, place: int = 0) -> Event:
        delta = {'type': 'text_delta', 'text': text}
        return Event(
            json.dumps({'type': 'content_block_delta', 'index': place, 'delta': delta}), 'content_block_delta'
        )

    assert list(joined([block('a'), block('b'), block('c', place=1)])) == [block('ab'), block('c', place=1)]
    padded = [chunk({'content': word}, obfuscation=word * 3) for word in 'xyz']
    assert deltas(padded) == [{'content': 'xyz'}]


def test_a_book_in_one_event_becomes_several() -> None:
    text = 'He said "x\\é😀\n" ' * MAX_LENGTH
    parts = deltas([chunk({'content': text})])
    assert len(parts) > 10
    assert max(len(part['content']) for part in parts) == MAX_LENGTH
    assert ''.join(part['content'] for part in parts) == text


@pytest.mark.parametrize('more', [{'usage': {'completion_tokens': 7}}, {'usage': None}])
def test_what_can_be_said_once_is_said_once(more: dict[str, object]) -> None:
    events = list(joined([chunk({'content': 'x' * 3 * MAX_LENGTH}, **more)]))
    assert len(events) == (1 if more['usage'] else 3)


def test_a_book_that_is_no_json_stays_as_it_is() -> None:
    event = chunk({'content': 'x' * 3 * MAX_LENGTH})
    spoiled = replace(event, data=event.data.replace('xx', '\\x', 1))
    assert list(joined([spoiled])) == [spoiled]


async def test_an_answer_that_comes_fast_is_few_events_and_whole() -> None:
    words = [f'word{number} ' for number in range(200)]
    async with Provider() as provider:
        provider.reply(Reply(pieces=words))
        async with make_client(is_local=True, timeout=WAIT_TIMEOUT) as client:
            known = OpenAIProvider(base_url=provider.url, api_key='none', http_client=client)
            async with Agent(OpenAIChatModel('parlour-test', provider=known)).run_stream_events(
                'Go'
            ) as stream:
                events = [event async for event in stream]
    (end,) = [event for event in events if isinstance(event, PartEndEvent)]
    assert isinstance(end.part, TextPart)
    assert end.part.content == ''.join(words)
    assert sum(isinstance(event, PartDeltaEvent) for event in events) < len(words) / 4
