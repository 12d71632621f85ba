"""Parlour at an IPv6 address, which the policies of browsers cannot name."""

from playwright.async_api import expect

from tests.browser.test_preview import LEAVES, shown, trap
from tests.support.chat_page import ChatPage
from tests.support.page_errors import PageErrors
from tests.support.process import StartApp
from tests.support.provider import Provider
from tests.support.replies import Reply


async def test_a_page_at_an_ipv6_address_lacks_nothing(
    start: StartApp, provider: Provider, chat: ChatPage, watch: PageErrors
) -> None:
    """Its scripts load, its socket connects, and a preview is shown, which can go nowhere else."""
    watch.expect_error('webrtc', 'frame-src')
    async with trap() as (host, came):
        leaves = LEAVES.replace('TRAP', host)
        provider.reply(Reply(pieces=[f'```html\n<h1>Bees</h1>\n```\n\n```html\n{leaves}\n```\n\nDone.']))
        app = await start('--host', '::1')
        await chat.open(app.url)
        await chat.send('Draw bees.')
        await chat.expect_state('done')
        button = chat.page.get_by_test_id('preview')
        await button.first.click()
        await expect((await shown(chat, 0)).locator('h1')).to_have_text('Bees')
        await button.nth(1).click()
        await expect(chat.page.locator('.preview-place iframe')).to_have_count(2)
        away = await shown(chat, 1)
        await away.wait_for_load_state()
        assert host not in away.url
        assert came.empty()
