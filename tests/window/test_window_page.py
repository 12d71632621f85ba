"""What pages do in the desktop window that they do in browsers, and what they must not do."""

from functools import partial
from pathlib import Path

from tests.support.provider import Provider
from tests.support.replies import Reply
from tests.window.conftest import Desktop
from tests.window.page import Page
from tests.window.x_screen import wait_until

LINK = 'http://127.0.0.1:9/elsewhere'


def answered(desktop: Desktop, provider: Provider, text: str) -> Page:
    """The page with this answer."""
    provider.say(Reply(pieces=[text]))
    page = desktop.page()
    page.enter('[data-testid=composer]')
    desktop.screen.type('show\n')
    page.wait_for('document.querySelector("[data-state=done]")')
    return page


def test_a_link_opens_in_the_systems_browser_and_the_app_stays(desktop: Desktop, provider: Provider) -> None:
    with desktop.parlour(base_url=provider.url) as app:
        app.wait_until_ready()
        page = answered(desktop, provider, f'[there]({LINK})')
        page.click(f'a[href="{LINK}"]')
        wait_until(lambda: desktop.opened == [LINK], 'the link was not opened')
        page.value(f'void document.querySelector("a[href=\'{LINK}\']").removeAttribute("target")')
        page.click(f'a[href="{LINK}"]')
        wait_until(lambda: desktop.opened == [LINK, LINK], 'the link without a target was not opened')
        assert page.value('location.origin') == app.url
        app.check()


def test_what_is_no_web_address_is_not_opened(desktop: Desktop) -> None:
    with desktop.parlour() as app:
        app.wait_until_ready()
        page = desktop.page()
        page.wait_for('document.querySelector("[data-testid=composer]")')
        for address in ('file:///etc/hostname', 'smb://127.0.0.1/x'):
            page.value(f'void window.open("{address}")')
            page.value(f'void Object.assign(document.createElement("a"), {{href: "{address}"}}).click()')
        page.value(f'void window.open("{LINK}")')
        wait_until(lambda: desktop.opened == [LINK], 'the last one was not opened')
        assert page.value('location.origin') == app.url


def test_code_that_is_copied_is_on_the_desktops_clipboard(desktop: Desktop, provider: Provider) -> None:
    with desktop.parlour(base_url=provider.url):
        page = answered(desktop, provider, '```python\nprint("hé")\n```\n')
        page.click('figure .copy')
        page.wait_for('document.querySelector("figure .copy").textContent === "Copied"')
        assert desktop.screen.clipboard() == 'print("hé")\n'


def has(folder: Path, names: set[str]) -> bool:
    return folder.exists() and {path.name for path in folder.iterdir()} == names


def test_a_download_is_saved_under_its_name(desktop: Desktop) -> None:
    with desktop.parlour() as app:
        app.wait_until_ready()
        page = desktop.page()
        page.wait_for('document.querySelector("[data-testid=composer]")')
        for names in ({'notes.txt'}, {'notes.txt', 'notes (1).txt'}):
            page.value(
                'void Object.assign(document.createElement("a"), {download: "notes.txt", '
                'href: URL.createObjectURL(new Blob(["kept"]))}).click()'
            )
            wait_until(partial(has, desktop.downloads, names), 'it was not saved')
        page.wait_for('document.querySelector(".q-notification")?.textContent.includes("Saved as")')
        assert (desktop.downloads / 'notes (1).txt').read_text() == 'kept'
        app.check()


def test_a_page_that_asks_for_a_permission_is_refused_and_stays(desktop: Desktop) -> None:
    with desktop.parlour() as app:
        app.wait_until_ready()
        page = desktop.page()
        page.wait_for('document.querySelector("[data-testid=composer]")')
        assert page.value('Notification.requestPermission()') == 'denied'
        refused = 'navigator.mediaDevices.getUserMedia({audio: true}).then(() => false, () => true)'
        assert page.value(refused)
        assert page.value('location.origin') == app.url


def test_text_can_be_selected_and_there_is_a_context_menu(desktop: Desktop, provider: Provider) -> None:
    with desktop.parlour(base_url=provider.url):
        page = answered(desktop, provider, 'a word')
        page.value('void getSelection().selectAllChildren(document.querySelector("[data-testid=answer]"))')
        page.click('[data-testid=answer] p', button=3)
        wait_until(lambda: desktop.screen.popups() > 0, 'there is no context menu')
        assert page.value('getSelection().toString()').strip() == 'a word'
