"""An address, or a result of a search, leads to a message: far above, and on a branch that is not shown."""

import re
from pathlib import Path

from playwright.async_api import Locator, expect

from tests.support.chat_page import ChatPage
from tests.support.process import StartApp
from tests.support.stored_chats import StoredChat, write_chats

LONG = 'It says little, but takes its place.\n\n' * 6
BOOK = StoredChat(
    number=1,
    title='Animals',
    turns=tuple((f'Question {number}', f'Answer {number}. {LONG}') for number in range(50)),
)


async def look_for(chat: ChatPage, text: str) -> None:
    """Search for something, and open the only message that has it."""
    await chat.page.keyboard.press('Control+k')
    await chat.page.get_by_test_id('search-input').fill(text)
    await expect(chat.page.get_by_test_id('search-result')).to_have_count(1)
    await chat.page.keyboard.press('Enter')
    await expect(chat.page.locator('dialog[open]')).to_have_count(0)


async def is_reached(chat: ChatPage, turn: Locator) -> None:
    """See that a turn comes to the top of what is in view, and stays there."""
    await expect(turn).to_be_in_viewport()
    await chat.page.wait_for_function(
        """(turn) => {
            const pair = [turn, turn.closest(".scroller")];
            const [top, edge] = pair.map((one) => one.getBoundingClientRect().top);
            return Math.abs(top - edge - 12) < 30;
        }""",
        arg=await turn.element_handle(),
    )


async def test_an_address_leads_to_a_message_far_above_once(
    start: StartApp, chat: ChatPage, tmp_path: Path
) -> None:
    """Of its answer as of its question; a reload stays where the reader is. One that is gone is told."""
    write_chats(tmp_path / 'data', [BOOK])
    app = await start()
    question = chat.turns('user').filter(has_text='Question 3').first
    answer = chat.turns('assistant').filter(has_text='Answer 3.')
    for place, turn in ((6, question), (7, answer)):
        await chat.open(f'{app.url}/c/{BOOK.id}?at={BOOK.entry_id(place)}')
        await is_reached(chat, turn)
        await expect(chat.page).to_have_url(f'{app.url}/c/{BOOK.id}')
    await chat.page.get_by_test_id('jump-latest').click()
    await expect(chat.turns('user').last).to_be_in_viewport()
    await chat.page.reload()
    await expect(chat.turns('user').last).to_be_in_viewport()
    await expect(chat.turns('user')).to_have_count(20)
    await chat.open(f'{app.url}/c/{BOOK.id}?at=nothing')
    await expect(chat.notice).to_contain_text('no longer in the chat')
    await expect(chat.turns('user').last).to_be_in_viewport()


async def test_a_search_leads_to_the_branch_that_holds_the_message_and_again(
    start: StartApp, chat: ChatPage, tmp_path: Path
) -> None:
    write_chats(tmp_path / 'data', [BOOK])
    app = await start()
    await chat.open(f'{app.url}/c/{BOOK.id}?at={BOOK.entry_id(2)}')
    second = chat.turns('user').filter(has_text=re.compile('^Question 1$'))
    await is_reached(chat, second)
    await second.get_by_test_id('edit').click()
    await chat.page.get_by_test_id('edit-box').fill('Something else')
    await chat.page.get_by_test_id('edit-box').press('Enter')
    await expect(chat.turns('user').last).to_contain_text('Something else')
    await chat.expect_state('done')
    await look_for(chat, 'Answer 40.')
    found = chat.turns('assistant').filter(has_text='Answer 40.')
    await is_reached(chat, found)
    await chat.page.get_by_test_id('jump-latest').click()
    await expect(found).not_to_be_in_viewport()
    await look_for(chat, 'Answer 40.')
    await is_reached(chat, found)
    await chat.page.get_by_test_id('new-chat').click()
    await look_for(chat, 'Something else')
    await expect(chat.turns('user').last).to_contain_text('Something else')
    await expect(chat.turns('user').last).to_be_in_viewport()
    await expect(chat.page).to_have_url(f'{app.url}/c/{BOOK.id}')
