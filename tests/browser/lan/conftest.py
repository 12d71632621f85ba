"""Two computers in one network, each with a browser; Parlour runs on the owner's."""

from collections.abc import AsyncGenerator, AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Playwright

from tests.browser.conftest import EXPECT_TIMEOUT, FLAGS
from tests.support.browser_contexts import BrowserContexts, Device
from tests.support.chat_page import ChatPage, OpenChatPage
from tests.support.fork_server import ForkServer
from tests.support.lan import Computer, Lan, own_lan
from tests.support.page_errors import PageErrors
from tests.support.process import Parlour


@pytest.fixture(scope='session')
def lan() -> Iterator[Lan]:
    with own_lan() as lan:
        yield lan


@asynccontextmanager
async def browser_on(
    computer: Computer, playwright: Playwright, chromium: str, folder: Path
) -> AsyncGenerator[BrowserContexts]:
    """A Chromium that runs there."""
    path = computer.program(chromium, folder)
    browser = await playwright.chromium.launch(executable_path=path, args=FLAGS)
    yield BrowserContexts(browser, timeout=EXPECT_TIMEOUT)
    await browser.close()


@pytest_asyncio.fixture(scope='session', loop_scope='session')
async def owners(
    lan: Lan, playwright: Playwright, chromium: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[BrowserContexts]:
    async with browser_on(
        lan.owner, playwright, chromium, tmp_path_factory.mktemp('owner')
    ) as browser_contexts:
        yield browser_contexts


@pytest_asyncio.fixture(scope='session', loop_scope='session')
async def guests(
    lan: Lan, playwright: Playwright, chromium: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[BrowserContexts]:
    async with browser_on(
        lan.guest, playwright, chromium, tmp_path_factory.mktemp('guest')
    ) as browser_contexts:
        yield browser_contexts


@pytest.fixture
def watch(lan: Lan) -> PageErrors:
    return PageErrors(lan.owner.ip)


@pytest.fixture
def app(fork_server: ForkServer, lan: Lan, tmp_path: Path) -> Iterator[Parlour]:
    """Parlour on the owner's computer, with the demo; it must end well."""
    launch = lan.owner.launching(fork_server)
    with Parlour(tmp_path / 'data', '--model', 'demo', launch=launch) as app:
        app.wait_until_ready()
        yield app
        assert app.terminate() == 0, app.log
        app.check()


@pytest_asyncio.fixture(loop_scope='session')
async def chat(owners: BrowserContexts, app: Parlour, watch: PageErrors) -> AsyncIterator[ChatPage]:
    """A page of the owner's."""
    yield ChatPage(await owners.open('desk', watch))
    await owners.close(watch)
    watch.check()


@pytest_asyncio.fixture(loop_scope='session')
async def open_chat(guests: BrowserContexts, watch: PageErrors) -> AsyncIterator[OpenChatPage]:
    """What opens pages of guests."""

    async def open_chat(device: Device = 'desk') -> ChatPage:
        return ChatPage(await guests.open(device, watch))

    yield open_chat
    await guests.close(watch)
    watch.check()
