"""What has been said stays where it is when the answer has ended."""

import pytest

from tests.support.chat_page import ChatPage
from tests.support.gates import Gate
from tests.support.process import Parlour
from tests.support.provider import Provider
from tests.support.replies import Reply

LISTS = """- one
- two
  - nested

1. loose

2. list

   - in it

> - quoted

- [ ] to do

Last"""
HEIGHTS = (
    "[...document.querySelectorAll('.answer .prose > *')].map((it) => it.getBoundingClientRect().height)"
)


async def test_lists_keep_their_height_when_the_answer_has_ended(
    app: Parlour, chat: ChatPage, provider: Provider
) -> None:
    gate = Gate()
    provider.reply(Reply(pieces=[LISTS, ' words.'], gates={1: gate}))
    await chat.open(app.url)
    await chat.send('Which lists are there?')
    await chat.expect_answer_with('Last')
    before = await chat.page.evaluate(HEIGHTS)
    gate.release()
    await chat.expect_state('done')
    assert await chat.page.evaluate(HEIGHTS) == pytest.approx(before, abs=0.1)
    assert len(before) == 5
