"""Answers that are odd but valid, or spoiled on the way: shown, or told in the words of the server."""

import json
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat.agent.wire.events import Event, EventParser
from chat.conversation.content.turns import Turn
from tests.support.http_models import make_registry, turn_after
from tests.support.profile import examples, sized
from tests.support.provider import Provider
from tests.support.replies import Reply
from tests.support.scripted import wait_until_answered

STREAM = {'content-type': 'text/event-stream'}
CHUNK = {'id': 'c', 'object': 'chat.completion.chunk', 'created': 1, 'model': 'small'}


def chunk(delta: object, finish: object = None, **more: object) -> dict[str, Any]:
    return {**CHUNK, 'choices': [{'index': 0, 'delta': delta, 'finish_reason': finish}], **more}


def event(body: object) -> str:
    return f'data: {json.dumps(body)}\n\n'


HALF = event(chunk({'role': 'assistant', 'content': 'Half '}))
WELL = event(chunk({'content': 'well'}))
END = event(chunk({}, 'stop'))
DONE = 'data: [DONE]\n\n'
WHOLE = {
    'object': 'chat.completion',
    'choices': [
        {'index': 0, 'message': {'role': 'assistant', 'content': 'Half well'}, 'finish_reason': 'stop'}
    ],
    'usage': {'prompt_tokens': 1, 'completion_tokens': 1, 'total_tokens': 2},
}
"""An answer in one piece."""


async def turn_of(body: str, headers: Mapping[str, str] = STREAM) -> Turn:
    return await turn_after(Reply(body=body, headers=headers))


NOT_THAT = {'type': 'refusal', 'refusal': 'Half '}
SHOWN = {
    'a field that asks to try again': f'retry: 3000\n\n{HALF}{WELL}{END}{DONE}',
    'an event without data': f'{HALF}event: ping\n\n{WELL}{END}{DONE}',
    'an id, and a comment after it': f'id: 1\n{HALF}: still here\n\n{WELL}{END}{DONE}',
    'empty data': f'data:\n\n{HALF}data: \n\n{WELL}{END}{DONE}',
    'signs of life as data': f'data: ping\n\n{HALF}data: {{"type": "ping"}}\n\n{WELL}{END}{DONE}',
    'lines that end as in Windows': f'{HALF}{WELL}{END}{DONE}'.replace('\n', '\r\n'),
    'lines that end as long ago': f'{HALF}{WELL}{END}{DONE}'.replace('\n', '\r'),
    'a mark of the byte order': f'\ufeff{HALF}{WELL}{END}{DONE}',
    'no mark of the end': f'{HALF}{WELL}{END}',
    'no reason for the end': f'{HALF}{WELL}{DONE}',
    'a reason of its own': f'{HALF}{WELL}{event(chunk({}, "eos_token"))}{DONE}',
    'a word for no reason': f'{event(chunk({"content": "Half "}, "null"))}{WELL}{END}{DONE}',
    'one piece': json.dumps(WHOLE),
    'one piece on many lines': json.dumps(WHOLE, indent=2),
    'one piece after signs of life': f'\n\n: wait\n\n{json.dumps(WHOLE)}\n',
    'one piece as an event': f'{event(WHOLE)}{DONE}',
    'all of it once more': f'{HALF}{WELL}{event({**WHOLE, "object": "chat.completion.chunk"})}{DONE}',
    'lines of JSON': '\n'.join(
        json.dumps(body) for body in (chunk({'content': 'Half well'}), chunk({}, 'stop'))
    ),
    'parts of a text': f'{event(chunk({"content": [{"type": "text", "text": "Half "}]}))}{WELL}{END}{DONE}',
    'a refusal as a part': f'{event(chunk({"content": [NOT_THAT]}))}{WELL}{END}{DONE}',
    'nothing': f'data: null\n\n{HALF}{WELL}{END}{DONE}',
    'a text of old': f'{event({**CHUNK, "choices": [{"text": "Half "}]})}{WELL}{END}{DONE}',
}


@pytest.mark.parametrize('case', SHOWN)
async def test_what_is_odd_but_valid_is_shown(case: str) -> None:
    turn = await turn_of(SHOWN[case])
    assert (turn.text, turn.state, turn.failure) == ('Half well', 'done', None)


@pytest.mark.parametrize('kind', ['application/json', 'text/plain', 'application/octet-stream'])
async def test_one_piece_is_shown_whatever_it_is_called(kind: str) -> None:
    turn = await turn_of(json.dumps(WHOLE), {'content-type': kind})
    assert (turn.text, turn.state) == ('Half well', 'done')


SORRY = {'message': 'The engine has stopped', 'type': 'server_error', 'code': 500}
TOLD = {
    'an error': f'{HALF}{event({"error": SORRY})}',
    'an error in words': f'{HALF}{event({"error": "The engine has stopped"})}',
    'an error beside its words': f'{HALF}{event({"error": True, "message": "The engine has stopped"})}',
    'an error as vLLM had it': f'{HALF}{event({"object": "error", **SORRY})}{DONE}',
    'an error in a list': f'{HALF}{event([{"error": SORRY}])}',
    'a detail': f'{HALF}{event({"detail": "The engine has stopped"})}',
    'an event of that name': f'{HALF}event: error\n{event(SORRY)}',
    'an event with words': f'{HALF}event: error\ndata: The engine has stopped\n\n',
    'a line of llama.cpp': f'{HALF}error: {json.dumps(SORRY)}\n\n',
    'a line that is no event': f'{HALF}{json.dumps({"error": SORRY})}\n',
    'an error of a choice': event({**CHUNK, 'choices': [{'delta': {'content': 'Half '}, 'error': SORRY}]}),
}


@pytest.mark.parametrize('case', TOLD)
async def test_an_error_within_an_answer_is_told_in_the_words_of_the_server(case: str) -> None:
    turn = await turn_of(TOLD[case])
    assert (turn.text, turn.state) == ('Half ', 'failed')
    assert 'It says: The engine has stopped' in (turn.failure or '')
    assert turn.can_continue


BODIES = {
    'an error': json.dumps({'error': 'Unexpected endpoint'}),
    'an error on many lines': json.dumps({'error': {'message': 'Unexpected endpoint'}}, indent=4),
    'an error in a list': json.dumps([{'error': {'message': 'Unexpected endpoint'}}]),
    'a message': json.dumps({'success': False, 'msg': 'Unexpected endpoint'}),
    'words': 'Unexpected endpoint',
}


@pytest.mark.parametrize('case', BODIES)
async def test_an_error_with_the_status_of_an_answer_is_told(case: str) -> None:
    turn = await turn_of(BODIES[case], {'content-type': 'application/json'})
    assert (turn.text, turn.state) == ('', 'failed')
    assert 'It says: Unexpected endpoint' in (turn.failure or '')


@pytest.mark.parametrize('reason', ['error', 'insufficient_system_resource', 'abort'])
async def test_a_reason_that_is_no_end_marks_the_answer(reason: str) -> None:
    turn = await turn_of(f'{HALF}{event(chunk({}, reason))}{DONE}')
    assert (turn.text, turn.state) == ('Half ', 'failed')
    assert turn.failure == f'The provider ended this answer before it was complete ({reason}).'
    assert turn.can_continue


async def test_an_end_before_the_first_word_is_no_empty_answer() -> None:
    turn = await turn_of(f'{event(chunk({}, "insufficient_system_resource"))}{DONE}')
    assert 'insufficient_system_resource' in (turn.failure or '')


async def test_a_stream_that_ends_cleanly_in_the_middle_is_not_whole() -> None:
    """As a gateway ends it when the server behind it has died."""
    turn = await turn_of(HALF)
    assert (turn.text, turn.failure) == ('Half ', 'The connection was lost in the middle of the answer.')
    assert turn.can_continue


async def test_words_by_which_a_model_declines_are_its_answer() -> None:
    words = [event(chunk({'content': None, 'refusal': word})) for word in ('I cannot ', 'do that.')]
    turn = await turn_of(f'{"".join(words)}{END}{DONE}')
    assert (turn.text, turn.state) == ('I cannot do that.', 'done')


async def test_halves_of_characters_are_joined_and_break_nothing() -> None:
    halves = event(chunk({'content': 'Well \ud83d'})) + event(chunk({'content': '\ude00 or \ud83d'}))
    async with Provider() as provider:
        provider.reply(Reply(body=f'{halves}{END}{DONE}', headers=STREAM))
        live = make_registry(provider.url).new()
        live.send('Hello')
        await wait_until_answered(live)
        assert (live.turns[-1].text, live.turns[-1].state) == ('Well 😀 or \ufffd', 'done')
        live.send('And half of mine \ud83d?')
        await wait_until_answered(live)
        live.send('Go on')
        await wait_until_answered(live)
        assert [turn.state for turn in live.turns] == ['done'] * 3
        assert 'And half of mine \ufffd?' in json.dumps(provider.requests[-1], ensure_ascii=False)


def places(value: object, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    """The ways to all values in a JSON document."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]  # JSON
    return [path, *(place for key, item in items for place in places(item, (*path, key)))]  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]


def with_value(document: Any, place: tuple[str | int, ...], value: object) -> Any:
    """The document with another value at a place."""
    if not place:
        return value
    copy = document.copy()
    copy[place[0]] = with_value(copy[place[0]], place[1:], value)
    return copy


USAGE = {
    'prompt_tokens': 1,
    'completion_tokens': 1,
    'total_tokens': 2,
    'prompt_tokens_details': {'cached_tokens': 0},
}
FULL = chunk({'role': 'assistant', 'content': 'Half '}, system_fingerprint='f', service_tier='s', usage=USAGE)
ODD: list[Any] = [None, True, 7, -1.5, float('nan'), 10**30, 'odd', '', [], ['odd'], {}, {'odd': 1}]


PLACES = [place for place in places(FULL) if place]


@pytest.mark.long
@pytest.mark.parametrize('place', PLACES, ids=str)
async def test_any_value_of_another_type_gives_an_answer_or_a_sentence(place: tuple[str | int, ...]) -> None:
    """Whatever a field holds: it is never called a bug, and the next question is answered.

    The long form tries every value in every place, the short one a third of them, others in the next place.
    """
    async with Provider() as provider:
        live = make_registry(provider.url).new()
        for value in sized(ODD[PLACES.index(place) % 3 :: 3], ODD):
            odd = event(with_value(FULL, place, value))
            provider.reply(Reply(body=f'{odd}{WELL}{END}{DONE}', headers=STREAM))
            live.send('Hello')
            await wait_until_answered(live)
            failure = live.turns[-1].failure or ''
            assert 'Something went wrong.' not in failure, value
            assert 'empty answer' not in failure, value
            assert live.turns[-1].text or failure


@pytest.mark.long
@examples(50, 500)
@given(cuts=st.lists(st.integers(1, 400)), end=st.sampled_from(['\n', '\r\n', '\r']))
def test_events_are_the_same_however_they_are_cut(cuts: list[int], end: str) -> None:
    text = (
        '\ufeff: hi\n\nevent: one\ndata: {"a": "ä😀"}\n\n'
        'data: 1\ndata: 2\n\nid: 7\n\n{"b":\n 3}\n\ndata: end\n'
    )
    data = text.replace('\n', end).encode()
    reader, begin = EventParser(), 0
    events: list[Event] = []
    for cut in [*sorted(set(cuts)), len(data)]:
        events += reader.feed(data[begin:cut])
        begin = max(begin, cut)
    events += reader.finish()
    assert [(one.name, one.data) for one in events] == [
        ('one', '{"a": "ä😀"}'), ('', '1\n2'), ('', '{"b":\n 3}'), ('', 'end'),
    ]  # fmt: skip
