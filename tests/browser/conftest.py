"""A Chromium, a running Parlour and its provider."""

import asyncio
import os
import shutil
from collections.abc import AsyncIterator, Generator, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Playwright, async_playwright, expect

from tests.support.browser_contexts import BrowserContexts, Device
from tests.support.chat_page import ChatPage, OpenChatPage
from tests.support.component_page import StageServer
from tests.support.launching import Launch
from tests.support.page_errors import PageErrors
from tests.support.ports import reserved_port
from tests.support.process import Parlour, StartApp
from tests.support.provider import Provider

HERE = Path(__file__).parent
EXPECT_TIMEOUT = 60_000
"""Milliseconds to wait for something to appear; far too long for a person, enough for a busy machine."""
NOWHERE = 'http://127.0.0.1:9'
"""A proxy that is not there: whatever would leave this computer ends here."""
NAMES = '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE ::1, EXCLUDE localhost'
CHROMIUM = ('chromium-headless-shell', 'chromium', 'chromium-browser', 'google-chrome')
"""Programs to look for. The first is Debian's Chromium without windows: it costs half the time."""
SCRIPTS = '--no-maglev --no-turbofan --min-semi-space-size=64'
"""To optimise scripts and to collect garbage often cost more than they save on a page of a second; in MB."""
ONE_TILE = ['--default-tile-width=1280', '--default-tile-height=800']
"""Pages are drawn in one piece: without a graphics card, many small ones cost some 8 % more."""
FLAGS = ['--no-sandbox', '--disable-dev-shm-usage', '--disable-gpu', f'--js-flags={SCRIPTS}', *ONE_TILE]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run all tests of this folder in one event loop: the one that Chromium's driver is in."""
    for item in items:
        if item.path.is_relative_to(HERE):
            item.add_marker(pytest.mark.asyncio(loop_scope='session'), append=False)


_REPORT = pytest.StashKey[pytest.TestReport]()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Remember how a test has ended until its pages are closed."""
    report = yield
    item.stash[_REPORT] = report
    return report


@pytest.fixture(scope='session')
def chromium() -> str:
    """The path of the browser; without one the tests are skipped, but for those of CI."""
    path = os.environ.get('PARLOUR_CHROMIUM') or next(filter(None, map(shutil.which, CHROMIUM)), None)
    if path:
        return path
    reason = 'There is no Chromium; install one or set PARLOUR_CHROMIUM.'
    if os.environ.get('CI'):
        pytest.fail(reason)
    pytest.skip(reason)


@pytest_asyncio.fixture(scope='session', loop_scope='session')
async def playwright() -> AsyncIterator[Playwright]:
    expect.set_options(timeout=EXPECT_TIMEOUT)
    async with async_playwright() as playwright:
        yield playwright


@pytest_asyncio.fixture(scope='session', loop_scope='session')
async def browser(playwright: Playwright, chromium: str) -> AsyncIterator[Browser]:
    browser = await playwright.chromium.launch(
        executable_path=chromium,
        args=[*FLAGS, NAMES],
        proxy={'server': NOWHERE, 'bypass': '127.0.0.1,[::1],localhost'},
    )
    yield browser
    await browser.close()


@pytest.fixture(scope='session')
def stage_server() -> Iterator[StageServer]:
    with StageServer() as server:
        yield server


@pytest_asyncio.fixture(scope='session', loop_scope='session')
async def browser_contexts(browser: Browser, stage_server: StageServer) -> BrowserContexts:
    return BrowserContexts(browser, timeout=EXPECT_TIMEOUT, between=f'{stage_server.url}/blank.html')


@pytest.fixture(scope='session')
def port() -> int:
    """Where the app of each test is found; what a browser has cached of one is good for the next."""
    return reserved_port()


@pytest_asyncio.fixture(scope='session', loop_scope='session')
async def the_provider() -> AsyncIterator[Provider]:
    async with Provider() as provider:
        yield provider


@pytest_asyncio.fixture(loop_scope='session')
async def provider(the_provider: Provider) -> AsyncIterator[Provider]:
    """What answers, as new for each test."""
    yield the_provider
    await the_provider.reset()


@pytest_asyncio.fixture(scope='session', loop_scope='session')
async def the_app(
    launch: Launch, the_provider: Provider, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Parlour]:
    with Parlour(tmp_path_factory.mktemp('app') / 'data', base_url=the_provider.url, launch=launch) as app:
        await asyncio.to_thread(app.wait_until_ready)
        yield app
        ended = await asyncio.to_thread(app.terminate)
        assert ended == 0, app.log


@pytest_asyncio.fixture(loop_scope='session')
async def app(the_app: Parlour, provider: Provider) -> AsyncIterator[Parlour]:
    """A running Parlour that the tests of a worker share: each has a conversation of its own in it.

    It knows the chats of tests before. A test that looks at all of them, at settings or at the folder, or
    that leaves something in the box of the next chat, uses `own_app` or `start`.
    """
    assert provider
    yield the_app
    the_app.check()


@pytest_asyncio.fixture(loop_scope='session')
async def start(launch: Launch, provider: Provider, port: int, tmp_path: Path) -> AsyncIterator[StartApp]:
    """What starts an app of the test's own.

    One that still runs at the end must end well, and none may have logged a bug.
    """
    apps: list[Parlour] = []
    with ExitStack() as stack:

        async def start(*flags: str) -> Parlour:
            if not any(app.is_running for app in apps):
                flags = ('--port', str(port), *flags)
            app = Parlour(tmp_path / 'data', *flags, base_url=provider.url, launch=launch)
            stack.enter_context(app)
            apps.append(app)
            await asyncio.to_thread(app.wait_until_ready)
            return app

        yield start
        for app in apps:
            if app.is_running:
                ended = await asyncio.to_thread(app.terminate)
                assert ended == 0, app.log
            app.check()


@pytest_asyncio.fixture(loop_scope='session')
async def own_app(start: StartApp) -> Parlour:
    """A running Parlour of the test's own, on an empty data folder."""
    return await start()


@pytest.fixture
def watch() -> PageErrors:
    """What sees the errors of all pages of the test."""
    return PageErrors()


@pytest_asyncio.fixture(loop_scope='session')
async def open_chat(
    request: pytest.FixtureRequest, browser_contexts: BrowserContexts, start: StartApp, watch: PageErrors
) -> AsyncIterator[OpenChatPage]:
    """What opens pages; they are closed before the app is (`start` is asked for only to say so).

    Of a test that fails it prints what they show.
    """
    assert start

    async def open_chat(device: Device = 'desk', *, anew: bool = False) -> ChatPage:
        return ChatPage(await browser_contexts.open(device, watch, anew=anew))

    yield open_chat
    if (report := request.node.stash.get(_REPORT, None)) and report.failed:
        print(shown := await browser_contexts.described())  # noqa: T201  # with what pytest says of the failure
        report.sections.append(('pages', shown))  # and where the test is run once more
    await browser_contexts.close(watch)
    watch.check()


@pytest_asyncio.fixture(loop_scope='session')
async def chat(open_chat: OpenChatPage) -> ChatPage:
    """A page of the test's own."""
    return await open_chat()
