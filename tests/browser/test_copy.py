"""Copying, with a clipboard and without: on the network there is no secure connection, and so none."""

import asyncio
from contextlib import suppress

import pytest
import pytest_asyncio
from playwright.async_api import expect

from tests.support.chat_page import ChatPage, OpenChatPage
from tests.support.process import Parlour
from tests.support.profile import only_long
from tests.support.provider import Provider
from tests.support.replies import Reply
from tests.support.timeouts import WAIT_TIMEOUT

ANSWER = 'Some **bold** words, and:\n\n```python\nif True:\n\tprint("1 < 2")  \n\n```\n\n- a\n- b'
CODE = 'if True:\n\tprint("1 < 2")  \n\n'


async def be_elsewhere(chat: ChatPage) -> None:
    """Have what pages have that came over the network without encryption: no clipboard of their own."""
    await chat.page.add_init_script(
        "Object.defineProperty(window, 'isSecureContext', {value: false});"
        "Object.defineProperty(navigator, 'clipboard', {value: undefined});"
    )


async def pasted(chat: ChatPage) -> str:
    """What a person finds in the clipboard."""
    await chat.composer.fill('')
    await chat.composer.press('Control+V')
    return await chat.composer.input_value()


@pytest_asyncio.fixture(loop_scope='session', params=['here', only_long('elsewhere')])
async def asked(
    request: pytest.FixtureRequest, app: Parlour, provider: Provider, open_chat: OpenChatPage
) -> ChatPage:
    """A chat with one answer, on this computer or as from another one."""
    provider.reply(Reply(pieces=[ANSWER]))
    chat = await open_chat(anew=True)
    if request.param == 'elsewhere':
        await be_elsewhere(chat)
    await chat.open(app.url)
    await chat.send('Show <b>me</b>\nall')
    await chat.expect_state('done')
    await chat.page.context.grant_permissions(['clipboard-read', 'clipboard-write'])
    return chat


async def expect_copied(chat: ChatPage, text: str) -> None:
    """Wait until this was copied: another text than before, of which the same was said."""
    await expect(chat.page.locator('.announcer')).to_have_text('Copied')
    with suppress(TimeoutError):
        async with asyncio.timeout(WAIT_TIMEOUT):
            while await pasted(chat) != text:
                pass
    assert await pasted(chat) == text


async def test_answer_code_and_question_are_copied_to_the_last_byte(asked: ChatPage) -> None:
    """An answer as Markdown, a question as it was written; by click, and with the keyboard."""
    await asked.turns('assistant').get_by_test_id('copy').click()
    await expect_copied(asked, ANSWER)
    await asked.answers.get_by_role('button', name='Copy code').click()
    await expect_copied(asked, CODE)
    await asked.turns('user').get_by_test_id('copy').focus()
    await asked.page.keyboard.press('Enter')
    await expect_copied(asked, 'Show <b>me</b>\nall')


async def test_with_a_finger(app: Parlour, provider: Provider, open_chat: OpenChatPage) -> None:
    provider.reply(Reply(pieces=[ANSWER]))
    chat = await open_chat('phone', anew=True)
    await be_elsewhere(chat)
    await chat.open(app.url)
    await chat.composer.fill('Show me')
    await chat.page.get_by_test_id('send').tap()
    await chat.expect_state('done')
    button = chat.turns('assistant').get_by_test_id('copy')
    await expect(button).to_be_in_viewport()
    await button.tap()
    await expect(chat.page.locator('.announcer')).to_have_text('Copied')
    assert await pasted(chat) == ANSWER
