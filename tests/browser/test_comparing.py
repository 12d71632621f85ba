"""One question to two models: columns on a desk, versions on a phone, and one that is gone on with."""

import asyncio
from pathlib import Path

from playwright.async_api import Locator, expect

from tests.browser.test_crash import wait_until_stored
from tests.support.chat_page import ChatPage, OpenChatPage, request_messages
from tests.support.gates import Gate
from tests.support.page_errors import PageErrors
from tests.support.process import Parlour, StartApp
from tests.support.provider import Exchange, Provider
from tests.support.replies import Reply

LEFT, RIGHT = 'left-model', 'right-model'


def column(chat: ChatPage, model: str) -> Locator:
    return chat.page.get_by_test_id('compared-answer').filter(has_text=model)


async def expect_column(chat: ChatPage, model: str, text: str, state: str) -> None:
    await expect(column(chat, model).get_by_test_id('answer')).to_have_text(text)
    await expect(column(chat, model).get_by_test_id('turn')).to_have_attribute('data-state', state)


def answering(provider: Provider) -> Gate:
    """Have the provider answer with the name of the model; the left one is held in the middle."""
    gate = Gate()
    provider.models = [LEFT, RIGHT]

    def answer(exchange: Exchange) -> Reply:
        name = exchange.body['model']
        gates = {1: gate} if name == LEFT and len(exchange.body['messages']) == 2 else {}
        return Reply(pieces=[f'Half of {name}', ' and all'], gates=gates)

    provider.otherwise = answer
    return gate


async def compare(chat: ChatPage, app: Parlour, question: str) -> None:
    await chat.open(app.url)
    await chat.page.get_by_test_id('model-picker').click()
    await chat.page.get_by_test_id('compare').click()
    await expect(chat.page.get_by_test_id('compare-start')).to_be_disabled()
    for model in (LEFT, RIGHT):
        option = chat.page.get_by_test_id('model-option').filter(has_text=model).last
        if await option.get_attribute('aria-selected') == 'false':
            await option.click()
    await chat.page.get_by_test_id('compare-start').click()
    await expect(chat.page.get_by_test_id('compare-next')).to_contain_text(LEFT)
    await chat.composer.fill(question)
    await chat.send_button.click()


async def test_two_models_answer_at_once(
    start: StartApp,
    provider: Provider,
    open_chat: OpenChatPage,
    watch: PageErrors,
    tmp_path: Path,
) -> None:
    """A reload and a second device show the same; the process is killed, and both are there as versions."""
    watch.expect_lost_connection()
    gate = answering(provider)
    app = await start()
    desk, phone = await open_chat(), await open_chat('phone')
    await compare(desk, app, 'Which is it?')
    await expect_column(desk, LEFT, f'Half of {LEFT}', 'streaming')
    await expect_column(desk, RIGHT, f'Half of {RIGHT} and all', 'done')
    await expect(desk.page.get_by_test_id('compare-keep').filter(visible=True)).to_have_count(1)
    left, right = await column(desk, LEFT).bounding_box(), await column(desk, RIGHT).bounding_box()
    assert left
    assert right
    assert left['y'] == right['y']
    assert left['x'] + left['width'] < right['x']
    address = await desk.address()
    await desk.reload()
    await expect_column(desk, LEFT, f'Half of {LEFT}', 'streaming')
    await phone.open(address)
    await expect(column(phone, LEFT)).to_be_in_viewport()
    await expect(column(phone, RIGHT)).not_to_be_in_viewport()
    await phone.page.get_by_test_id('version-next').tap()
    await expect(column(phone, RIGHT)).to_be_in_viewport()
    await expect(phone.page.get_by_test_id('version-label')).to_have_text('2/2')
    assert await phone.page.evaluate('document.documentElement.scrollWidth') == 390

    await asyncio.to_thread(wait_until_stored, tmp_path / 'data', f'Half of {LEFT}')
    await asyncio.to_thread(app.kill)
    await desk.leave()
    gate.release()
    app = await start()
    await desk.open(address)
    await desk.expect_answer(f'Half of {LEFT}')
    await desk.expect_state('stopped')
    await desk.page.get_by_test_id('version-next').click()
    await desk.expect_answer(f'Half of {RIGHT} and all')
    await desk.expect_state('done')

    await desk.page.get_by_test_id('regenerate-with').click()
    await desk.page.get_by_test_id('compare').click()
    other = desk.page.get_by_role('option', selected=False).filter(has_text='-model').first
    await other.click()
    await desk.page.get_by_test_id('compare-start').click()
    await expect_column(desk, LEFT, f'Half of {LEFT} and all', 'done')
    await column(desk, RIGHT).get_by_test_id('compare-keep').click()
    await expect(desk.page.get_by_test_id('comparison')).to_have_count(0)
    await desk.expect_answer(f'Half of {RIGHT} and all')
    await expect(desk.page.get_by_test_id('model-picker')).to_contain_text(RIGHT)
    await desk.send('Sure?')
    await expect(desk.answers).to_have_count(2)
    await desk.expect_state('done')
    assert request_messages(provider.requests[-1])[:2] == [
        ('user', 'Which is it?'),
        ('assistant', f'Half of {RIGHT} and all'),
    ]
    assert provider.requests[-1]['model'] == RIGHT
