"""What notices that a text acts: scripts, requests, windows and whatever else it may try."""

from typing import Self

from playwright.async_api import Dialog, Frame, Page, Request

from tests.browser.hostile.small_web import BAIT, SmallWeb
from tests.support.gates import Signal

TOUCH = """async (newest) => {
    const all = (root) => [...root.querySelectorAll("*")].flatMap((e) => [e, ...inside(e)]);
    const inside = ({ shadowRoot }) => (shadowRoot ? all(shadowRoot) : []);
    const address = (element) => element.href?.baseVal ?? element.href ?? "";
    const texts = [...document.querySelectorAll(".prose, .careless")];
    for (const element of texts.slice(-newest).flatMap(all)) {
        if (element.matches(".copy, .language")) continue;
        const click = /^(https?|mailto):/.test(address(element)) ? [] : ["click"];
        element.focus?.({ preventScroll: true });
        for (const type of ["mouseover", "mouseenter", "pointerover", ...click])
            element.dispatchEvent(new MouseEvent(type, { cancelable: true, view: window }));
    }
    for (let frame = 0; frame < 2; frame++) await new Promise(requestAnimationFrame);
    return [
        ("bait" in window || "bait" in document) && "a name of the page was taken",
        getComputedStyle(document.documentElement).getPropertyValue("--bait") && "a style held for the page",
    ].filter(Boolean);
}"""
"""Do to all that a text has made what a person may do, but for following links into the web."""


class Traps:
    """Collects what happens; as a context it does not outlive its block."""

    def __init__(self) -> None:
        self.caught: list[str] = []
        self.sprung = Signal()
        """Set by the first of them."""
        self.web = SmallWeb(lambda path: self._catch('a request arrived', path))
        self._bait = f'{BAIT}0'

    def set_again(self, number: int) -> None:
        """Forget what was caught, and let nothing that comes late of it count any more."""
        self.caught.clear()
        self.sprung = Signal()
        self._bait = f'{BAIT}{number}'

    def baited(self, text: str) -> str:
        """The text with an address of ours in it."""
        return text.replace('TRAP', f'//{self.web.host}BAIT').replace('BAIT', self._bait)

    async def look_at(self, page: Page, home: str) -> None:
        """See all that a page does; `home` is the only server that it may ask, and lead to."""

        def see_script(*_: object) -> None:
            self._catch('a script ran')

        def is_fine(url: str) -> bool:
            return BAIT not in url and url.startswith((f'{home}/', 'data:', 'blob:'))

        async def dismiss(dialog: Dialog) -> None:
            self._catch('a dialog opened')
            await dialog.dismiss()

        def see_frame(frame: Frame) -> None:
            if frame.parent_frame or not is_fine(frame.url):
                self._catch('a page or a frame was loaded', frame.url)

        def see_request(request: Request) -> None:
            if request.failure != 'csp' and not is_fine(request.url):
                self._catch('a request was sent', request.url)

        await page.expose_function('ran', see_script)  # pyright: ignore[reportUnknownMemberType]
        page.on('dialog', dismiss)
        page.on('popup', lambda popup: self._catch('a window opened', popup.url))
        page.on('frameattached', see_frame)
        page.on('framenavigated', see_frame)
        page.on('requestfinished', see_request)
        page.on('requestfailed', see_request)

    async def touch(self, page: Page, newest: int = 0) -> None:
        """Point at, focus and click whatever the texts have made, and look at what they have done.

        `newest` are so many of them, from the end; 0 is all.
        """
        for what in await page.evaluate(TOUCH, newest):
            self._catch(what)

    def __enter__(self) -> Self:
        self.web.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        self.web.__exit__()

    def _catch(self, what: str, url: str = '') -> None:
        if BAIT not in url or f'{self._bait}/' in url:
            self.caught.append(f'{what} {url}'.strip())
            self.sprung.set()
