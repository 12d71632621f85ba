"""Copying, with a clipboard and without: on the network there is no secure connection, and so none."""

import pytest
import pytest_asyncio
from playwright.async_api import expect

from tests.support.chat_page import ChatPage, OpenChatPage
from tests.support.process import Parlour
from tests.support.profile import only_long
from tests.support.provider import Provider
from tests.support.replies import Reply

ANSWER = 'Some **bold** words, and:\n\n```python\nif True:\n\tprint("1 < 2")  \n\n```\n\n- a\n- b'
CODE = 'if True:\n\tprint("1 < 2")  \n\n'


async def be_elsewhere(room: ChatPage) -> None:
    """Have what pages have that came over the network without encryption: no clipboard of their own."""
    await room.page.add_init_script(
        "Object.defineProperty(window, 'isSecureContext', {value: false});"
        "Object.defineProperty(navigator, 'clipboard', {value: undefined});"
    )


async def pasted(room: ChatPage) -> str:
    """What a person finds in the clipboard."""
    await room.composer.fill('')
    await room.composer.press('Control+V')
    return await room.composer.input_value()


@pytest_asyncio.fixture(loop_scope='session', params=['here', only_long('elsewhere')])
async def asked(
    request: pytest.FixtureRequest, app: Parlour, provider: Provider, open_room: OpenChatPage
) -> ChatPage:
    """A room with one answer, on this computer or as from another one."""
    provider.reply(Reply(pieces=[ANSWER]))
    room = await open_room(anew=True)
    if request.param == 'elsewhere':
        await be_elsewhere(room)
    await room.open(app.url)
    await room.send('Show <b>me</b>\nall')
    await room.expect_state('done')
    await room.page.context.grant_permissions(['clipboard-read', 'clipboard-write'])
    return room


async def test_an_answer_is_copied_as_markdown(asked: ChatPage) -> None:
    button = asked.turns('assistant').get_by_test_id('copy')
    await button.click()
    await expect(button).to_have_attribute('data-outcome', 'Copied')
    assert await pasted(asked) == ANSWER


async def test_code_is_copied_to_the_last_byte(asked: ChatPage) -> None:
    button = asked.answers.get_by_role('button', name='Copy code')
    await button.click()
    await expect(button).to_have_text('Copied')
    assert await pasted(asked) == CODE
    await expect(button).to_have_text('Copy')


async def test_a_question_is_copied_as_it_was_written(asked: ChatPage) -> None:
    button = asked.turns('user').get_by_test_id('copy')
    await button.click()
    await expect(button).to_have_attribute('data-outcome', 'Copied')
    assert await pasted(asked) == 'Show <b>me</b>\nall'


async def test_copying_with_the_keyboard(asked: ChatPage) -> None:
    button = asked.turns('assistant').get_by_test_id('copy')
    await button.focus()
    await asked.page.keyboard.press('Enter')
    await expect(button).to_have_attribute('data-outcome', 'Copied')
    assert await pasted(asked) == ANSWER


async def test_with_a_finger(app: Parlour, provider: Provider, open_room: OpenChatPage) -> None:
    provider.reply(Reply(pieces=[ANSWER]))
    room = await open_room('phone', anew=True)
    await be_elsewhere(room)
    await room.open(app.url)
    await room.composer.fill('Show me')
    await room.page.get_by_test_id('send').tap()
    await room.expect_state('done')
    button = room.turns('assistant').get_by_test_id('copy')
    await expect(button).to_be_in_viewport()
    await button.tap()
    await expect(button).to_have_attribute('data-outcome', 'Copied')
    assert await pasted(room) == ANSWER
