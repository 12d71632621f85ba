"""What happens to the connections of laptops and phones."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from playwright.async_api import Page

from tests.support.tcp_proxy import TcpProxy


@asynccontextmanager
async def frozen(page: Page) -> AsyncGenerator[None]:
    """As a browser freezes a tab that nobody looks at: none of its programs runs."""
    session = await page.context.new_cdp_session(page)
    await session.send('Page.setWebLifecycleState', {'state': 'frozen'})  # pyright: ignore[reportUnknownMemberType]
    yield
    await session.send('Page.setWebLifecycleState', {'state': 'active'})  # pyright: ignore[reportUnknownMemberType]
    await session.detach()


async def cut_network(line: TcpProxy, seconds: float) -> None:
    """No network for so long; it comes back as another one, so that old connections lead nowhere."""
    line.hold()
    await asyncio.sleep(seconds)
    line.cut()
    line.release()
