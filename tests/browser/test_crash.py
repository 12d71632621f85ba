"""The process is killed in mid-answer: the next start shows what there was, and goes on when told to."""

import asyncio
import time
from contextlib import suppress
from pathlib import Path

from playwright.async_api import expect

from tests.support.chat_page import ChatPage
from tests.support.gates import Gate
from tests.support.page_errors import PageErrors
from tests.support.process import StartApp
from tests.support.provider import Provider
from tests.support.replies import Reply, two_halves
from tests.support.timeouts import WAIT_TIMEOUT


def wait_until_stored(folder: Path, text: str) -> None:
    """Wait until a file of a conversation has this text."""
    end = time.monotonic() + WAIT_TIMEOUT
    while not any(text in read(path) for path in folder.glob('conversations/*.j*')):
        assert time.monotonic() < end
        time.sleep(0.01)


def read(path: Path) -> str:
    """What is in a file, unless it has been put in place of another one meanwhile."""
    with suppress(FileNotFoundError):
        return path.read_text()
    return ''


async def test_a_kill_in_mid_answer(
    start: StartApp, provider: Provider, chat: ChatPage, watch: PageErrors, tmp_path: Path
) -> None:
    watch.expect_lost_connection()
    reply, _ = two_halves()
    provider.reply(reply, Reply(pieces=[' and the second']))
    first = await start()
    await chat.open(first.url)
    await chat.send('Tell me')
    await chat.expect_answer('The first half')
    await asyncio.to_thread(wait_until_stored, tmp_path / 'data', 'The first half')
    await asyncio.to_thread(first.kill)
    await chat.leave()
    second = await start()
    await chat.open(second.url)
    await chat.links.click()
    await expect(chat.turns('user')).to_contain_text('Tell me')
    await chat.expect_answer('The first half')
    await chat.expect_state('stopped')
    await expect(chat.page.get_by_test_id('regenerate')).to_be_visible()
    assert len(provider.requests) == 1  # nothing was asked again by itself
    await chat.page.get_by_test_id('continue').click()
    await chat.expect_state('done')
    await chat.expect_answer('The first half and the second')


async def test_a_kill_before_the_first_word(
    start: StartApp, provider: Provider, chat: ChatPage, watch: PageErrors
) -> None:
    watch.expect_lost_connection()
    provider.reply(Reply(pieces=['Late.'], before=Gate()), Reply(pieces=['Here.']))
    first = await start()
    await chat.open(first.url)
    await chat.send('Are you there?')
    await chat.expect_state('waiting')
    await provider.wait_for_requests(1)
    await asyncio.to_thread(first.kill)
    await chat.leave()
    second = await start()
    await chat.open(second.url)
    await chat.links.click()
    await expect(chat.turns('user')).to_contain_text('Are you there?')
    await chat.expect_state('failed')
    await chat.retry.click()
    await chat.expect_answer('Here.')
