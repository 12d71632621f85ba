"""The other tests rely on this: what goes wrong on a page is seen, and nothing gets out."""

from playwright.async_api import expect

from tests.support.chat_page import ChatPage
from tests.support.page_errors import PageErrors


async def test_errors_and_requests_elsewhere_are_seen(chat: ChatPage, watch: PageErrors) -> None:
    await chat.page.set_content("""
        <p>waiting</p>
        <script>
          const say = (text) => (document.querySelector('p').textContent = text);
          const failed = new Promise((tell) => (new WebSocket('ws://example.com/socket').onerror = tell));
          fetch('http://192.0.2.1/by-number').catch(() =>
            fetch('https://example.com/by-name').catch(() => failed.then(() => say('nothing came'))));
          console.error('spoken');
          setTimeout(() => { throw new Error('thrown'); });
        </script>
    """)
    await expect(chat.page.locator('p')).to_have_text('nothing came')
    assert sorted(watch.outside) == [
        'http://192.0.2.1/by-number',
        'https://example.com/by-name',
        'ws://example.com/socket',
    ]
    assert any('spoken' in error for error in watch.errors)
    assert any('thrown' in error for error in watch.errors)
    watch.outside.clear()
    watch.errors.clear()
