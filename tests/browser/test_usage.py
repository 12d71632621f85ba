"""What is used: below the box, on a page of its own, and limited in the settings."""

import re

from playwright.async_api import Page, expect

from tests.support.chat_page import ChatPage, wait_until_connected
from tests.support.process import StartApp
from tests.support.provider import Provider
from tests.support.replies import Reply


async def connected(page: Page) -> None:
    """Wait until what is done on the page reaches the server."""
    await wait_until_connected(page)


async def test_what_is_used_is_shown_counted_and_limited(
    start: StartApp, provider: Provider, chat: ChatPage
) -> None:
    """A limit holds at once, and who meets it is led to where it can be raised."""
    provider.tells = {'meta': {'n_ctx': 48}}
    provider.reply(Reply(pieces=['Hi', ' there']))
    app = await start()
    page = chat.page
    await chat.open(app.url)
    gauge = page.get_by_test_id('context-gauge')
    await expect(gauge).to_be_hidden()
    await chat.send('Hello')
    await chat.expect_state('done')
    await expect(gauge).to_contain_text('25% of context')
    await gauge.hover()
    details = page.get_by_test_id('chat-usage')
    await expect(details).to_be_visible()
    await expect(details).to_have_text('12 of 48 tokens held · This chat: 10 tokens in, 2 out')

    await page.goto(f'{app.url}/settings')
    await connected(page)
    await page.get_by_test_id('limit-day').fill('12')
    await page.get_by_test_id('limit-day').press('Enter')
    await page.get_by_test_id('open-usage').click()
    usage = page.get_by_test_id('usage-page')
    await expect(usage.locator('.usage-sums dd')).to_have_text(['12 tokens'] * 3)
    cells = usage.locator('tbody td')
    await expect(cells).to_have_count(7)
    await expect(cells.nth(1)).to_have_text('parlour-test')

    await page.get_by_test_id('new-chat').click()
    await chat.send('Hello again')
    await chat.expect_state('failed')
    await chat.address()  # to which one comes back below
    answer = chat.turns('assistant').last
    await expect(answer).to_contain_text('12 tokens were used today, and the limit is 12 a day.')
    await answer.get_by_text('Change limits').click()
    await expect(page.get_by_test_id('limit-day')).to_have_value('12')
    await expect(page).to_have_url(re.compile('#limits'))  # else going back leads somewhere else
    await connected(page)
    await page.get_by_test_id('limit-day').fill('')
    await page.get_by_test_id('limit-day').press('Enter')
    await page.go_back()
    await expect(chat.retry).to_be_visible()
    await connected(page)
    await chat.retry.click()
    await chat.expect_state('done')
