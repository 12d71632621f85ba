"""Answers that fail, on the page."""

import pytest
from playwright.async_api import expect

from tests.support import replies
from tests.support.process import Parlour
from tests.support.provider import Provider
from tests.support.replies import Reply
from tests.support.room import Room, said


@pytest.mark.parametrize(
    ('reply', 'kept', 'sentence'),
    [
        (replies.bad_key(), '', 'The API key was refused.'),
        (Reply(pieces=['Half an '], ending='cut'), 'Half an', 'The connection was lost'),
    ],
    ids=['bad key', 'cut'],
)
async def test_a_failed_answer_says_why_and_can_be_tried_again(
    app: Parlour, provider: Provider, room: Room, reply: Reply, kept: str, sentence: str
) -> None:
    provider.say(reply, Reply(pieces=['A whole answer.']))
    await room.open(app.url)
    await room.send('Tell me')
    await room.sees_state('failed')
    await expect(room.turns('assistant')).to_contain_text(sentence)
    await expect(room.turns('assistant')).to_contain_text(kept)
    await room.retry.click()
    await room.sees_answer('A whole answer.')
    await room.sees_state('done')
    await expect(room.turns('user')).to_have_count(1)
    await expect(room.turns('user')).to_contain_text('Tell me')
    assert said(provider.requests[1]) == [('user', 'Tell me')]
