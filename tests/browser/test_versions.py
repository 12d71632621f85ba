"""Versions of questions and answers that are deleted, on a desk and with a finger."""

import re

from playwright.async_api import Locator, expect

from tests.support.chat_page import ChatPage, OpenChatPage, request_messages
from tests.support.process import Parlour
from tests.support.provider import Provider
from tests.support.replies import Reply


async def toss(app: Parlour, provider: Provider, chat: ChatPage) -> Locator:
    """The last answer, with a version before it."""
    provider.reply(*(Reply(pieces=[text]) for text in ('Heads.', 'Tails.', 'Yes.')))
    await chat.open(app.url)
    await chat.send('Toss a coin')
    await chat.expect_answer('Heads.')
    await chat.expect_state('done')
    answer = chat.turns('assistant').last
    await answer.get_by_test_id('regenerate').click()
    await chat.expect_answer('Tails.')
    await chat.expect_state('done')
    await expect(answer.get_by_test_id('version-label')).to_have_text('2/2')
    return answer


async def ask_to_delete(chat: ChatPage, turn: Locator) -> None:
    await turn.hover()
    await turn.get_by_test_id('turn-menu').click()
    await chat.page.get_by_test_id('version-delete').click()


async def test_a_version_is_deleted_for_good(app: Parlour, provider: Provider, chat: ChatPage) -> None:
    """Asked first; the focus is where one goes on. What follows goes on with the version that stays."""
    answer = await toss(app, provider, chat)
    await ask_to_delete(chat, answer)
    await chat.page.keyboard.press('Escape')
    await chat.expect_answer('Tails.')
    await ask_to_delete(chat, answer)
    await expect(chat.page.get_by_role('alertdialog')).to_contain_text('deleted permanently')
    await chat.page.get_by_test_id('confirm').click()
    await chat.expect_answer('Heads.')
    await expect(answer.get_by_test_id('version-label')).to_have_count(0)
    await expect(chat.page.locator('.scroller')).to_be_focused()
    await chat.reload()
    await chat.expect_answer('Heads.')
    await expect(answer.get_by_test_id('version-label')).to_have_count(0)
    await chat.send('Sure?')
    await chat.expect_answer('Yes.')
    assert request_messages(provider.requests[2]) == [
        ('user', 'Toss a coin'),
        ('assistant', 'Heads.'),
        ('user', 'Sure?'),
    ]


async def test_a_question_is_deleted_with_a_finger(
    app: Parlour, provider: Provider, open_chat: OpenChatPage
) -> None:
    """With all that was said after it; another page sees it go."""
    phone, desk = await open_chat('phone'), await open_chat()
    provider.reply(*(Reply(pieces=[text]) for text in ('One.', 'Two.')))
    await phone.open(app.url)
    await phone.composer.fill('First')
    await phone.page.get_by_test_id('send').tap()
    await phone.expect_answer('One.')
    await phone.expect_state('done')
    await desk.open(await phone.address())
    question = phone.turns('user').last
    await question.get_by_test_id('edit').tap()
    await question.get_by_test_id('edit-box').fill('Second')
    await question.get_by_test_id('edit-save').tap()
    await phone.expect_answer('Two.')
    await phone.expect_state('done')
    await question.get_by_test_id('turn-menu').tap()
    item = phone.page.get_by_test_id('version-delete')
    box = await item.bounding_box()
    assert box
    assert (box['width'], box['height']) >= (44, 44)
    await item.tap()
    await phone.page.get_by_test_id('confirm').tap()
    for chat in (phone, desk):
        await chat.expect_answer('One.')
        await expect(chat.turns('user').last).to_contain_text('First')
    assert await phone.page.evaluate('document.documentElement.scrollWidth') == 390


async def test_nothing_takes_the_place_of_a_button(app: Parlour, provider: Provider, chat: ChatPage) -> None:
    """Who presses twice presses the same button twice, also if a second version came between."""
    provider.reply(*(Reply(pieces=[text]) for text in ('One.', 'Two.', 'Three.')))
    await chat.open(app.url)
    await chat.send('First')
    await chat.expect_answer('One.')
    await chat.expect_state('done')
    question, answer = chat.turns('user').last, chat.turns('assistant').last
    await question.hover()
    edit = await question.get_by_test_id('edit').bounding_box()
    fork = await answer.get_by_test_id('fork').bounding_box()
    await question.get_by_test_id('edit').click()
    await question.get_by_test_id('edit-box').fill('Second')
    await question.get_by_test_id('edit-save').click()
    await chat.expect_answer('Two.')
    await chat.expect_state('done')
    await answer.get_by_test_id('regenerate').click()
    await chat.expect_answer('Three.')
    await chat.expect_state('done')
    await expect(answer.get_by_test_id('version-label')).to_have_text('2/2')
    await expect(question.get_by_test_id('version-label')).to_have_text('2/2')
    assert await question.get_by_test_id('edit').bounding_box() == edit
    assert await answer.get_by_test_id('fork').bounding_box() == fork


async def test_a_turn_has_an_address(app: Parlour, provider: Provider, chat: ChatPage) -> None:
    """Who leads to a message finds its turn by `data-turn`, and its end by `data-entry`.

    Without another version there is nothing to delete in its menu.
    """
    provider.reply(Reply(pieces=['One.']))
    await chat.open(app.url)
    await chat.send('First')
    await chat.expect_state('done')
    turn = await chat.turns('user').get_attribute('data-turn')
    await expect(chat.turns('assistant')).to_have_attribute('data-turn', turn or '-')
    await expect(chat.turns('assistant')).to_have_attribute('data-entry', re.compile('.+'))
    await chat.turns('assistant').last.get_by_test_id('turn-menu').click()
    await expect(chat.page.get_by_role('menuitem')).to_have_text(
        ['link Copy link to this answer'], use_inner_text=True
    )
    await chat.page.get_by_role('menuitem').click()
    await expect(chat.page.locator('.announcer')).to_have_text('Copied')
