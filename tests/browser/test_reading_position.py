"""Where a reader was in a conversation, after a visit elsewhere and after a reload."""

from pathlib import Path

from playwright.async_api import expect

from tests.support.chat_page import ChatPage, OpenChatPage
from tests.support.page_errors import PageErrors
from tests.support.process import Parlour, StartApp
from tests.support.provider import Provider
from tests.support.reading import AT_THE_END, PARAGRAPHS, expect_at, top_of, up
from tests.support.replies import Reply
from tests.support.stored_chats import StoredChat, write_chats

SLOW_TO_SHOW = """const now = Date.now;
Date.now = () => now() + 300 * document.querySelectorAll(".turn").length;
"""
"""A page that takes 12 seconds to show twenty questions and answers."""


async def read(chat: ChatPage, app: Parlour, provider: Provider) -> None:
    """Open a long conversation, and scroll up to paragraph 40."""
    provider.reply(Reply(pieces=PARAGRAPHS))
    await chat.open(app.url)
    await chat.send('Tell me a lot')
    await chat.expect_state('done')
    await up(chat.page, 1500)


async def test_a_place_is_kept(
    start: StartApp, provider: Provider, chat: ChatPage, watch: PageErrors
) -> None:
    """Over a visit elsewhere, over a reload, and when the server has forgotten the page."""
    watch.expect_lost_connection()
    app = await start()
    await read(chat, app, provider)
    before = await top_of(chat.page, 'Paragraph 40 ')
    await chat.page.get_by_test_id('new-chat').click()
    await expect(chat.page.get_by_test_id('empty-state')).to_be_visible()
    await chat.links.first.click()
    await expect(chat.answers.last).to_contain_text('Paragraph 79 ')
    await expect_at(chat.page, 'Paragraph 40 ', before)
    await chat.address()  # which comes after what it shows
    before = await farther_up(chat)
    await chat.reload()
    await expect(chat.answers.last).to_contain_text('Paragraph 79 ')
    await expect_at(chat.page, 'Paragraph 40 ', before)
    before = await farther_up(chat)
    await chat.page.evaluate('window.isTheSamePage = true')
    app.terminate()
    await start()
    await chat.page.wait_for_function('!window.isTheSamePage')
    await expect(chat.answers.last).to_contain_text('Paragraph 79 ')
    await expect_at(chat.page, 'Paragraph 40 ', before)


async def farther_up(chat: ChatPage) -> float:
    """Go to another place than the one that is kept already, and return where paragraph 40 stands then."""
    await up(chat.page, 100)
    return await top_of(chat.page, 'Paragraph 40 ')


async def test_older_turns_come_as_the_reader_scrolls_up_or_comes_back_to_them(
    start: StartApp, tmp_path: Path, open_chat: OpenChatPage
) -> None:
    """However slow the page is, as long as they come."""
    turns = tuple((f'Question {number}.', ''.join(PARAGRAPHS[:3])) for number in range(50))
    write_chats(tmp_path / 'data', [StoredChat(number=1, title='Long', turns=turns)])
    app = await start()
    chat = await open_chat(anew=True)
    await chat.open(app.url)
    await chat.links.click()
    await expect(chat.turns('user')).to_have_count(20)
    await chat.page.wait_for_function(AT_THE_END)  # who comes for the first time begins with the latest
    for count, first_before in ((40, 30), (50, 10)):
        await up(chat.page, 100_000)
        await expect(chat.turns('user')).to_have_count(count)
        await expect(chat.page.get_by_text(f'Question {first_before}.')).to_be_in_viewport()
    await up(chat.page, 100_000)
    question = chat.page.get_by_text('Question 3.')
    await question.scroll_into_view_if_needed()
    await chat.page.add_init_script(SLOW_TO_SHOW)
    await chat.page.reload()
    await expect(question).to_be_in_viewport()
    await expect(chat.turns('user')).to_have_count(50)
