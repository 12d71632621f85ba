"""What counts as a page of a browser, and what is served to one that has as many as it may have."""

import asyncio

import httpx
from starlette.types import Receive, Scope, Send

from chat.server.security.authentication import LocalAuthenticator
from chat.server.security.middleware import SecurityMiddleware
from chat.server.security.pages import MAX_OWNER_PAGES


class SlowPages:
    """An app whose pages are being built until they may be ready."""

    def __init__(self) -> None:
        self.building = 0
        self.all_building = asyncio.Event()
        self.may_be_ready = asyncio.Event()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope['path'].startswith('/c/'):
            self.building += 1
            if self.building == MAX_OWNER_PAGES:
                self.all_building.set()
            await self.may_be_ready.wait()
        await send({'type': 'http.response.start', 'status': 200, 'headers': []})
        await send({'type': 'http.response.body', 'body': b''})


async def test_a_browser_with_as_many_pages_as_it_may_have_gets_all_that_is_no_page() -> None:
    app = SlowPages()
    guard = SecurityMiddleware(app, LocalAuthenticator(host='127.0.0.1', port=8080))
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(guard),
        base_url='http://127.0.0.1:8080',
        cookies={'parlour-8080': 'one'},
    ) as browser:
        pages = [asyncio.create_task(browser.get('/c/c')) for _ in range(MAX_OWNER_PAGES)]
        await app.all_building.wait()
        assert (await browser.get('/c/c')).status_code == 429
        for path in ('/print/c', '/files/x', '/assets/x', '/healthz'):
            assert (await browser.get(path)).status_code == 200, path
        app.may_be_ready.set()
        assert {page.status_code for page in await asyncio.gather(*pages)} == {200}
