"""The browsers of several people, kept from test to test for what they have cached."""

from collections.abc import Mapping
from typing import Any, Literal

from playwright.async_api import Browser, BrowserContext

from tests.support.watch import Watch

Device = Literal['desk', 'phone']
LOOKS: Mapping[Device, Mapping[str, Any]] = {
    'desk': {'viewport': {'width': 1280, 'height': 800}},
    'phone': {
        'viewport': {'width': 390, 'height': 844},
        'device_scale_factor': 2,
        'is_mobile': True,
        'has_touch': True,
    },
}


class People:
    """Lends each test as many browsers as it needs; of what a test did they keep the cached files only."""

    def __init__(self, browser: Browser, *, patience: float) -> None:
        """`patience` is how many milliseconds a page waits for what a test expects."""
        self._browser = browser
        self._patience = patience
        self._free: list[tuple[Device, BrowserContext]] = []
        self._lent: list[tuple[Device, BrowserContext]] = []

    async def come(self, device: Device, watch: Watch) -> BrowserContext:
        """A browser of somebody else than those who came before."""
        person = next((person for person in self._free if person[0] == device), None)
        if person:
            self._free.remove(person)
        else:
            person = device, await self._browser.new_context(**LOOKS[device])
            person[1].set_default_timeout(self._patience)
        self._lent.append(person)
        watch.look_at(person[1])
        return person[1]

    async def leave(self, watch: Watch) -> None:
        """Take all browsers back; one that the test has closed does not come again."""
        for device, context in self._lent:
            for page in context.pages:
                await page.close()
            watch.look_away(context)
            if not context.is_closed():
                await context.set_storage_state({'cookies': [], 'origins': []})
                self._free.append((device, context))
        self._lent.clear()
