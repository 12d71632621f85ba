"""The browsers of several people, kept from test to test for what they have cached."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Literal

from playwright.async_api import Browser, BrowserContext, Error, Page

from tests.support.page_errors import PageErrors

Device = Literal['desk', 'phone']
CONTEXT_OPTIONS: Mapping[Device, Mapping[str, Any]] = {
    'desk': {'viewport': {'width': 1280, 'height': 800}},
    'phone': {
        'viewport': {'width': 390, 'height': 844},
        'device_scale_factor': 2,
        'is_mobile': True,
        'has_touch': True,
    },
}


STORED = 'cookies,local_storage,indexeddb,websql,file_systems,service_workers'
"""What Chromium keeps for a page, in its own words."""


RECORD_EVENTS = """
const note = (what) => {
  const noted = window.name ? JSON.parse(window.name) : [];
  noted.push(`${new Date().toISOString().slice(17, 23)} ${what}`);
  window.name = JSON.stringify(noted.slice(-24));
};
const named = (node) => node?.closest?.("[data-testid]")?.dataset.testid ?? node?.nodeName ?? "";
const noteEvent = ({ type, key, target }) => note(`${type} ${key ?? ""} ${named(target)}`);
for (const name of ["pointerdown", "pointerup", "click", "keydown", "submit"])
  addEventListener(name, noteEvent, { capture: true });
addEventListener("DOMContentLoaded", ({ type }) => note(type));
addEventListener("parlour-connected", () => note("connected"), { capture: true });
"""
"""Notes of a page what happened to it last, also before it was loaded anew."""


@dataclass(eq=False, slots=True)
class Person:
    """A browser with nothing in it but what it has cached, and the page that stays open in it."""

    device: Device
    context: BrowserContext
    page: Page


class BrowserContexts:
    """Lends each test as many browsers as it needs; of what a test did they keep the cached files only.

    A page stays open from test to test: a page that is made anew takes twice as long to show Parlour.
    """

    def __init__(self, browser: Browser, *, timeout: float, between: str = 'about:blank') -> None:
        """`timeout` is how many milliseconds a page waits for what a test expects.

        `between` is what a page shows between two tests. Where that is an address of the app's host, Chromium
        keeps the page's process, and with it the compiled scripts: that halves what it costs to show Parlour.
        """
        self._browser = browser
        self._timeout = timeout
        self._between = between
        self._free: list[Person] = []
        self._lent: list[Person] = []

    async def open(self, device: Device, watch: PageErrors, *, anew: bool = False) -> Page:
        """The page of somebody else than those who came before.

        `anew` is for a test that changes the page for good, as with scripts that run before all others.
        """
        person = next((person for person in reversed(self._free) if person.device == device), None)
        if person:
            self._free.remove(person)
        else:
            person = await self._made(device)
        self._lent.append(person)
        watch.watch(person.context)
        return await person.context.new_page() if anew else person.page

    async def described(self) -> str:
        """What happened last to all pages that are lent, and what they show, as a screen reader has it."""
        shown: list[str] = []
        for page in [page for person in self._lent for page in person.context.pages]:
            try:
                noted = await page.evaluate('window.name')
                shown.append(f'{page.url}\n{noted}\n{await page.locator("body").aria_snapshot(timeout=5000)}')
            except Error as error:
                shown.append(f'{page.url}: {error}')
        return '\n\n'.join(shown)

    async def close(self, watch: PageErrors) -> None:
        """Take all browsers back; one that the test has closed does not come again.

        The first comes first in the next test too: it has the most in its caches.
        """
        for person in reversed(self._lent):
            for page in person.context.pages:
                if page is not person.page:
                    await page.close()
            if not person.page.is_closed():
                await leave_as_it_was(person, self._between)
            watch.unwatch(person.context)
            if not person.context.is_closed():
                if person.page.is_closed():
                    person.page = await person.context.new_page()
                await forget(person)
                self._free.append(person)
        self._lent.clear()

    async def _made(self, device: Device) -> Person:
        context = await self._browser.new_context(**CONTEXT_OPTIONS[device])
        context.set_default_timeout(self._timeout)
        await context.add_init_script(RECORD_EVENTS)
        return Person(device, context, await context.new_page())


async def forget(person: Person) -> None:
    """Erase what pages have stored, but not what is cached, as `BrowserContext.set_storage_state` would."""
    session = await person.context.new_cdp_session(person.page)
    erasing = {'origin': '*', 'storageTypes': STORED}
    await session.send('Storage.clearDataForOrigin', erasing)  # pyright: ignore[reportUnknownMemberType]
    await session.detach()
    await person.context.clear_cookies()


async def leave_as_it_was(person: Person, between: str) -> None:
    """Leave what the page shows, with all that a test has set for it."""
    page = person.page
    await page.unroute_all()
    with suppress(Error):  # a page that shows an error has no storage
        await page.evaluate('sessionStorage.clear()')
    await leave_for(page, between)
    await end_emulation(page)
    await page.set_viewport_size(CONTEXT_OPTIONS[person.device]['viewport'])


async def end_emulation(page: Page) -> None:
    """Show the page as the system asks for it, whatever a test has asked for."""
    await page.emulate_media(media='null', color_scheme='null', reduced_motion='null', forced_colors='null')


async def leave_for(page: Page, address: str) -> None:
    """Go there, even while the page loads itself anew because its server was restarted."""
    while True:
        try:
            await page.goto(address)
        except Error as error:
            if not any(each in str(error) for each in ('interrupted by another navigation', 'ERR_ABORTED')):
                raise
        else:
            return
