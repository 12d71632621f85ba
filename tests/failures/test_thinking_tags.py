"""Thoughts between tags in the text of an answer are shown as thoughts, however its stream is cut."""

import json
from collections.abc import Sequence

import pytest

from chat.conversation.content.turns import Turn
from tests.failures.test_spoiled_streams import DONE, END, STREAM, chunk, event
from tests.support.http_models import make_registry
from tests.support.provider import Provider
from tests.support.replies import Reply
from tests.support.scripted import wait_until_answered

THOUGHT = '<think>\nHm, 2 < 3.\n</think>\n\nAll `</think>` well.'


def shown(turn: Turn) -> list[tuple[str, str]]:
    return [(part.kind, part.text.strip()) for part in turn.answer_parts]


async def turns_of(answers: Sequence[Sequence[str]], end: str = f'{END}{DONE}') -> list[Turn]:
    """The turns of answers that come in these pieces."""
    async with Provider() as provider:
        live = make_registry(provider.url).new()
        for pieces in answers:
            body = ''.join(event(chunk({'content': piece})) for piece in pieces)
            provider.reply(Reply(body=f'{body}{end}', headers=STREAM))
            live.send('Hello')
            await wait_until_answered(live)
        return list(live.turns)


@pytest.mark.parametrize('end', [f'{END}{DONE}', DONE], ids=['a reason for the end', 'no reason'])
async def test_a_thought_is_the_same_wherever_its_tags_are_cut(end: str) -> None:
    cuts = [(THOUGHT[:at], THOUGHT[at:]) for at in range(len(THOUGHT))]
    for turn in await turns_of([*cuts, list(THOUGHT)], end):
        assert shown(turn) == [('thinking', 'Hm, 2 < 3.'), ('text', 'All `</think>` well.')]
        assert (turn.text, turn.state) == ('All `</think>` well.', 'done')


@pytest.mark.parametrize(
    ('start', 'end'), [('<thinking>', '</thinking>'), ('<thought>', '</thought>'), ('[THINK]', '[/THINK]')]
)
async def test_other_names_of_tags_are_known(start: str, end: str) -> None:
    (turn,) = await turns_of([[f'{start}Hm.{end}All well.']])
    assert shown(turn) == [('thinking', 'Hm.'), ('text', 'All well.')]


MENTIONS = {
    'in a sentence': ['Models write ', '<think>', ' and ', '</think>', ' around it.'],
    'in code': ['```\n', '<think>', '\nHm.\n', '</think>', '\n```'],
    'at the beginning, in code': ['`', '<think>', '` is a tag.'],
    'another tag': ['<thin', 'gs>', ' to do'],
    'the beginning of a tag': ['<thi'],
}


@pytest.mark.parametrize('case', MENTIONS)
async def test_a_tag_that_an_answer_mentions_stays_text(case: str) -> None:
    (turn,) = await turns_of([MENTIONS[case]])
    assert shown(turn) == [('text', ''.join(MENTIONS[case]))]
    assert turn.state == 'done'


async def test_a_thought_may_mention_its_own_end() -> None:
    answer = '<think>It ends with `</think>`, and `so`</think>All well.'
    for turn in await turns_of([(answer[:at], answer[at:]) for at in range(len(answer))]):
        assert shown(turn) == [('thinking', 'It ends with `</think>`, and `so`'), ('text', 'All well.')]


async def test_a_thought_without_an_end_is_no_empty_answer() -> None:
    (turn,) = await turns_of([['<th', 'ink>Hm. <', '/thi']])
    assert shown(turn) == [('thinking', 'Hm. </thi')]
    assert turn.failure == 'The model finished thinking without giving an answer.'


async def test_a_thought_in_the_text_goes_back_to_the_server_in_its_tags() -> None:
    async with Provider() as provider:
        live = make_registry(provider.url).new()
        for _ in range(2):
            body = event(chunk({'content': '<think>Hm.</think>All well.'}))
            provider.reply(Reply(body=f'{body}{END}{DONE}', headers=STREAM))
            live.send('Hello')
            await wait_until_answered(live)
        assert '<think>\\nHm.\\n</think>' in json.dumps(provider.requests[-1]['messages'])
