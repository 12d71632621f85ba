"""What pages do in the desktop window that they do in browsers, and what they must not do."""

from collections.abc import Generator
from functools import partial
from pathlib import Path

import pytest

from tests.support.launching import Launch
from tests.support.process import Parlour
from tests.support.provider import Provider
from tests.support.replies import Reply
from tests.window.conftest import Desktop
from tests.window.page import Page
from tests.window.x_screen import Screen, wait_until

LINK = 'http://127.0.0.1:9/elsewhere'


@pytest.fixture(scope='module')
def provider() -> Generator[Provider]:
    with Provider() as started:
        yield started


@pytest.fixture(scope='module')
def desktop(screen: Screen, tmp_path_factory: pytest.TempPathFactory, launch: Launch) -> Generator[Desktop]:
    made = Desktop(screen, tmp_path_factory.mktemp('home'), launch)
    yield made
    made.close()


@pytest.fixture(scope='module')
def app(desktop: Desktop, provider: Provider) -> Generator[Parlour]:
    """One Parlour with a window for all of them."""
    with desktop.parlour(base_url=provider.url) as app:
        app.wait_until_ready()
        yield app


@pytest.fixture(scope='module')
def window(app: Parlour, desktop: Desktop) -> Page:
    assert app
    return desktop.page()


@pytest.fixture
def page(app: Parlour, window: Page) -> Generator[Page]:
    """The window, with a chat that has not begun in it; it must still show Parlour at the end."""
    window.value(f'window.isLeft = true; void location.assign("{app.url}")')
    window.wait_for('!window.isLeft && window.socket?.connected')
    window.wait_for('document.querySelector("[data-testid=composer]")')
    yield window
    assert window.value('location.origin') == app.url
    app.check()


def answered(desktop: Desktop, page: Page, provider: Provider, text: str) -> None:
    """Have this answer on the page."""
    provider.reply(Reply(pieces=[text]))
    page.enter('[data-testid=composer]')
    desktop.screen.type('show\n')
    page.wait_for('document.querySelector("[data-state=done]")')


def test_a_link_opens_in_the_systems_browser_and_the_app_stays(
    desktop: Desktop, page: Page, provider: Provider
) -> None:
    """What is no web address is not opened."""
    before = desktop.opened
    answered(desktop, page, provider, f'[there]({LINK})')
    page.click(f'a[href="{LINK}"]')
    wait_until(lambda: desktop.opened == [*before, LINK], 'the link was not opened')
    page.value(f'void document.querySelector("a[href=\'{LINK}\']").removeAttribute("target")')
    page.click(f'a[href="{LINK}"]')
    wait_until(lambda: desktop.opened == [*before, LINK, LINK], 'the link without a target was not opened')
    for address in ('file:///etc/hostname', 'smb://127.0.0.1/x'):
        page.value(f'void window.open("{address}")')
        page.value(f'void Object.assign(document.createElement("a"), {{href: "{address}"}}).click()')
    page.value(f'void window.open("{LINK}")')
    wait_until(lambda: desktop.opened == [*before, *[LINK] * 3], 'the last one was not opened')


def test_text_can_be_copied_and_selected_and_there_is_a_context_menu(
    desktop: Desktop, page: Page, provider: Provider
) -> None:
    answered(desktop, page, provider, 'a word\n\n```python\nprint("hé")\n```\n')
    page.click('figure .copy')
    page.wait_for('document.querySelector(".announcer").textContent === "Copied"')
    wait_until(lambda: desktop.screen.clipboard() == 'print("hé")\n', 'it is not what was copied last')
    page.value('void getSelection().selectAllChildren(document.querySelector("[data-testid=answer] p"))')
    page.click('[data-testid=answer] p', button=3)
    wait_until(lambda: desktop.screen.popups() > 0, 'there is no context menu')
    assert page.value('getSelection().toString()').strip() == 'a word'
    wait_until(partial(is_closed_by_escape, desktop.screen), 'the context menu stays')


def is_closed_by_escape(screen: Screen) -> bool:
    """Press the key, unless no menu is open any more; one that has just opened may not have the keyboard."""
    if is_open := screen.popups() > 0:
        screen.press('Escape')
    return not is_open


def has(folder: Path, names: set[str]) -> bool:
    return folder.exists() and {path.name for path in folder.iterdir()} == names


NOTE_WHAT_IS_SAID = """(() => {
    window.said = [];
    const note = ({ addedNodes }) => said.push(...[...addedNodes].map((node) => node.textContent));
    const noting = new MutationObserver((changes) => changes.forEach(note));
    noting.observe(document.body, { childList: true, subtree: true });
})()"""
"""A notification goes by itself after some seconds, maybe before somebody looks."""


def test_a_download_is_saved_under_its_name(desktop: Desktop, page: Page) -> None:
    page.value(NOTE_WHAT_IS_SAID)
    for names in ({'notes.txt'}, {'notes.txt', 'notes (1).txt'}):
        page.value(
            'void Object.assign(document.createElement("a"), {download: "notes.txt", '
            'href: URL.createObjectURL(new Blob(["kept"]))}).click()'
        )
        wait_until(partial(has, desktop.downloads, names), 'it was not saved')
    page.wait_for('said.some((text) => /Saved as .*notes \\(1\\).txt/.test(text))')
    assert (desktop.downloads / 'notes (1).txt').read_text() == 'kept'


def test_a_page_that_asks_for_a_permission_is_refused_and_stays(page: Page) -> None:
    assert page.value('Notification.requestPermission()') == 'denied'
    refused = 'navigator.mediaDevices.getUserMedia({audio: true}).then(() => false, () => true)'
    assert page.value(refused)
