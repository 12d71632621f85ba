"""One page for each kind of device, on which components are shown one after the other."""

from collections.abc import AsyncIterator

import pytest_asyncio
from playwright.async_api import Browser, Page

from tests.support.browser_contexts import CONTEXT_OPTIONS, Device, end_emulation
from tests.support.component_page import Stage, StageServer
from tests.support.page_errors import PageErrors

EXPECT_TIMEOUT = 60_000


async def new_page(browser: Browser, device: Device) -> Page:
    context = await browser.new_context(**CONTEXT_OPTIONS[device])
    context.set_default_timeout(EXPECT_TIMEOUT)
    return await context.new_page()


@pytest_asyncio.fixture(scope='session', loop_scope='session')
async def desk_page(browser: Browser) -> Page:
    return await new_page(browser, 'desk')


@pytest_asyncio.fixture(scope='session', loop_scope='session')
async def phone_page(browser: Browser) -> Page:
    return await new_page(browser, 'phone')


@pytest_asyncio.fixture(scope='session', loop_scope='session')
async def paused_page(browser: Browser) -> Page:
    page = await new_page(browser, 'desk')
    await page.clock.install(time=0)
    await page.clock.pause_at(1000)
    return page


async def set_up(page: Page, server: StageServer) -> AsyncIterator[Stage]:
    """Clear the page, and see that it has no error in a test."""
    watch = PageErrors()
    watch.watch(page.context)
    stage = Stage(page, server.url)
    await stage.clear()
    size = page.viewport_size
    yield stage
    await end_emulation(page)
    if size and page.viewport_size != size:
        await page.set_viewport_size(size)
    watch.unwatch(page.context)
    watch.check()


@pytest_asyncio.fixture(loop_scope='session')
async def stage(desk_page: Page, stage_server: StageServer) -> AsyncIterator[Stage]:
    """A blank page on a desk."""
    async for each in set_up(desk_page, stage_server):
        yield each


@pytest_asyncio.fixture(loop_scope='session')
async def phone(phone_page: Page, stage_server: StageServer) -> AsyncIterator[Stage]:
    """A blank page under fingers."""
    async for each in set_up(phone_page, stage_server):
        yield each


@pytest_asyncio.fixture(loop_scope='session')
async def paused(paused_page: Page, stage_server: StageServer) -> AsyncIterator[Stage]:
    """A blank page whose clock stands still until the test lets time pass."""
    async for each in set_up(paused_page, stage_server):
        yield each
