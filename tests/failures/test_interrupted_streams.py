"""Answers that begin and go wrong, over real HTTP: what was said is kept, and the app goes on for others."""

import pytest

from chat.conversation.answering.run import MAX_ANSWER_LENGTH
from tests.support import replies
from tests.support.gates import Gate
from tests.support.http_models import make_registry, turn_after
from tests.support.provider import Provider
from tests.support.replies import Reply
from tests.support.scripted import wait_until_answered

HALF = ['Half ', 'of it']
EMPTY = 'The model gave an empty answer.'
ONLY_THOUGHTS = 'The model finished thinking without giving an answer.'
A_PAGE = (
    'The provider has a problem. Try again in a moment. It says: it returned a web page instead of an answer.'
)
ENDLESS = 'The answer became too long and was cut off here.'
HTML = Reply(body='<html><h1>Welcome</h1></html>', headers={'content-type': 'text/html'})


@pytest.mark.parametrize(
    ('reply', 'sentence'),
    [
        (Reply(pieces=HALF, ending='cut'), 'The connection was lost in the middle of the answer.'),
        (Reply(pieces=HALF, ending='malformed'), 'The response of the model cannot be read.'),
        (
            Reply(pieces=HALF, ending='error'),
            'The provider has a problem (status 500). Try again in a moment. '
            'It says: The server had an error while answering.',
        ),
        (Reply(pieces=HALF, finish='length'), 'The answer reached the length limit'),
        (Reply(pieces=HALF, finish='content_filter'), 'The provider blocked this answer (content filter).'),
    ],
    ids=['cut', 'malformed', 'error event', 'length', 'filter'],
)
async def test_a_failure_in_the_middle_keeps_what_was_said(reply: Reply, sentence: str) -> None:
    turn = await turn_after(reply)
    assert (turn.question, turn.text, turn.state) == ('Hello', 'Half of it', 'failed')
    assert (turn.failure or '').startswith(sentence)
    assert turn.can_continue


@pytest.mark.parametrize(
    ('reply', 'sentence'),
    [
        (Reply(), EMPTY),
        (Reply(pieces=[' ', '\n']), EMPTY),
        (Reply(pieces=[replies.thought('Hm.')]), ONLY_THOUGHTS),
        (HTML, A_PAGE),
        (Reply(finish='content_filter'), 'The provider blocked this answer (content filter).'),
        (Reply(finish='length'), 'The answer reached the length limit'),
        (Reply(ending='cut'), 'The connection was lost'),
    ],
    ids=['nothing', 'white space', 'thoughts', 'a page', 'filter', 'length', 'cut'],
)
async def test_an_end_without_a_word(reply: Reply, sentence: str) -> None:
    turn = await turn_after(reply)
    assert (turn.question, turn.text, turn.state) == ('Hello', '', 'failed')
    assert (turn.failure or '').startswith(sentence)


async def test_a_failed_answer_goes_on_where_it_broke_off() -> None:
    async with Provider() as provider:
        provider.reply(Reply(pieces=HALF, ending='cut'), Reply(pieces=[' and the rest.']))
        live = make_registry(provider.url).new()
        live.send('Hello')
        await wait_until_answered(live)
        live.continue_answer()
        await wait_until_answered(live)
    assert [(turn.text, turn.state) for turn in live.turns] == [('Half of it and the rest.', 'done')]


async def test_silence_is_no_failure() -> None:
    """A model on a small computer may read for many minutes before its first byte, and between two pieces."""
    before, middle = Gate(), Gate()
    async with Provider() as provider:
        provider.reply(Reply(pieces=HALF, before=before, gates={1: middle}))
        live = make_registry(provider.url).new()
        live.send('Hello')
        await before.reached.wait()
        assert live.turns[-1].state == 'waiting'
        before.release()
        await middle.reached.wait()
        middle.release()
        await wait_until_answered(live)
    assert (live.turns[-1].text, live.turns[-1].state) == ('Half of it', 'done')


@pytest.mark.usefixtures('lag')
@pytest.mark.parametrize('size', [100_000, 2_000_000])
async def test_ten_megabytes_are_cut(size: int) -> None:
    """Whether they come in many pieces or in few that are too long themselves."""
    turn = await turn_after(Reply(pieces=['x' * size] * (10_000_000 // size)))
    assert (len(turn.text), turn.state, turn.failure) == (MAX_ANSWER_LENGTH, 'failed', ENDLESS)


@pytest.mark.usefixtures('lag')
async def test_an_endless_answer_is_ended() -> None:
    """Its connection is closed, what was said is kept, and the next question is answered."""
    async with Provider() as provider:
        provider.reply(Reply(pieces=['and so on ' * 1000] * 1_000_000), Reply(pieces=['Yes.']))
        live = make_registry(provider.url).new()
        live.send('Tell me everything')
        await wait_until_answered(live)
        await provider.wait_for_closed()
        assert (live.turns[-1].state, live.turns[-1].failure) == ('failed', ENDLESS)
        assert len(live.turns[-1].text) == MAX_ANSWER_LENGTH
        live.send('Are you done?')
        await wait_until_answered(live)
    assert live.turns[-1].text == 'Yes.'
