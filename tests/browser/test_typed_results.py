"""A typed result of an agent: seen as it is given, after a reload, and after a start without that agent."""

import asyncio

from playwright.async_api import expect

from tests.support.chat_page import ChatPage
from tests.support.page_errors import PageErrors
from tests.support.process import StartApp


async def test_a_typed_result_outlasts_its_agent(start: StartApp, chat: ChatPage, watch: PageErrors) -> None:
    """The agent is an example, on the script that it brings along."""
    watch.expect_lost_connection()
    app = await start('--agent', 'chat.examples.trip:agent')
    page = chat.page
    await chat.open(app.url)
    await chat.send('Plan a trip')
    await chat.expect_state('done')
    card = page.get_by_test_id('typed-result')
    address = await chat.address()
    for _ in range(2):
        await expect(card.get_by_role('heading')).to_have_text('Trip')
        await expect(card.locator('.fields > dt').nth(1)).to_have_text('Length in days')
        await expect(card.get_by_role('listitem')).to_have_text(['Porto', 'Coimbra', 'Lisbon'])
        await expect(page.get_by_test_id('tool-call')).to_have_count(0)
        await expect(card.get_by_text('Name the places of the trip.')).to_be_hidden()
        await card.get_by_text('1 earlier attempt').click()
        await expect(card.get_by_text('Name the places of the trip.')).to_be_visible()
        await chat.reload()
    assert await asyncio.to_thread(app.terminate) == 0
    await chat.leave()
    await start()
    await page.goto(address)
    await expect(card.get_by_role('listitem')).to_have_text(['Porto', 'Coimbra', 'Lisbon'])
    await expect(page.get_by_test_id('agent-missing')).to_be_visible()
