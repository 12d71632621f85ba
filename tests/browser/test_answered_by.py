"""Each answer says which model gave it and what it took, to a pointer, a finger and the keys."""

import re

from playwright.async_api import Locator, expect

from tests.support.chat_page import ChatPage, OpenChatPage
from tests.support.process import Parlour
from tests.support.provider import Provider
from tests.support.replies import Reply

TOOK = re.compile(r'^First word after \d+\.\d s · \d+\.\d s in all · 10 tokens in, \d+ out$')


def model_of(answer: Locator) -> Locator:
    return answer.get_by_test_id('answer-model')


async def ask(chat: ChatPage, app: Parlour, question: str = 'Toss a coin') -> Locator:
    await chat.open(app.url)
    await chat.composer.fill(question)
    await chat.send_button.click()
    await chat.expect_state('done')
    return chat.turns('assistant').last


async def test_each_version_names_its_model(app: Parlour, provider: Provider, chat: ChatPage) -> None:
    """The list from which another one is picked is searched, and marks the one that has answered."""
    answer = await ask(chat, app)
    name = await model_of(answer).inner_text()
    await answer.get_by_test_id('regenerate-with').click()
    chosen = chat.page.locator('.model-option.selected')
    await expect(chosen).to_have_text(name.removeprefix('Answered by').strip())
    await chat.page.get_by_test_id('model-search').fill('dem')
    await expect(chat.page.get_by_test_id('model-option')).to_have_count(1)
    await chat.page.keyboard.press('Enter')
    await chat.expect_answer_with('Hello')
    await chat.end_answer()
    await expect(model_of(answer)).to_contain_text('Demo')
    await answer.get_by_test_id('version-prev').click()
    await expect(model_of(answer)).to_contain_text(name)
    await chat.page.reload()
    await expect(model_of(answer)).to_contain_text(name)


async def test_a_pointer_and_the_keys_show_what_it_took(
    app: Parlour, provider: Provider, chat: ChatPage
) -> None:
    answer = await ask(chat, app)
    usage = answer.get_by_test_id('usage')
    await expect(usage).to_be_hidden()
    await model_of(answer).hover()
    await expect(usage).to_be_visible()
    await expect(usage).to_have_text(TOOK)
    await chat.composer.hover()
    await expect(usage).to_be_hidden()
    await model_of(answer).focus()
    await chat.page.keyboard.press('Shift+Tab')
    await chat.page.keyboard.press('Tab')
    await expect(usage).to_be_visible()


async def test_a_finger_shows_what_it_took(app: Parlour, provider: Provider, open_chat: OpenChatPage) -> None:
    """Also of an answer above the last one, which is no longer than its buttons; nothing of it is cut off."""
    phone = await open_chat('phone')
    provider.always_reply(Reply(pieces=['Heads.']))
    await ask(phone, app)
    await phone.composer.fill('Again')
    await phone.send_button.tap()
    await expect(phone.answers).to_have_count(2)
    await phone.expect_state('done')
    answer = phone.turns('assistant').first
    await model_of(answer).tap()
    await expect(answer.get_by_test_id('usage')).to_be_visible()
    box, name = await answer.get_by_test_id('usage').bounding_box(), await model_of(answer).bounding_box()
    assert box
    assert name
    assert name['height'] >= 44
    middle = box['x'] + box['width'] / 2, box['y'] + 4
    seen = await phone.page.evaluate('([x, y]) => document.elementFromPoint(x, y).dataset.testid', middle)
    assert seen == 'usage'
    await model_of(answer).tap()
    await expect(answer.get_by_test_id('usage')).to_be_hidden()


async def test_all_buttons_of_a_version_fit_on_the_smallest_screen(
    app: Parlour, provider: Provider, chat: ChatPage
) -> None:
    await chat.page.set_viewport_size({'width': 320, 'height': 640})
    answer = await ask(chat, app)
    await answer.get_by_test_id('regenerate').click()
    await expect(answer.get_by_test_id('version-label')).to_have_text('2/2')
    await chat.expect_state('done')
    for name in ('copy', 'regenerate', 'version-next', 'turn-menu', 'answer-model'):
        box = await answer.get_by_test_id(name).bounding_box()
        assert box
        assert box['x'] >= 0
        assert box['x'] + box['width'] <= 320
        assert box['width'] >= 24
    await answer.get_by_test_id('turn-menu').click()
    await expect(chat.page.get_by_role('menuitem').first).to_contain_text('Branch into a new chat')
