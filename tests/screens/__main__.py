"""Takes pictures of every page and dialog, to be looked at: `python -m tests.screens FOLDER`.

Each scene is taken on a desk and on a phone, light and dark: `<scene>-<device>-<theme>.png`. The README
shows the one with an answer: `--readme` puts that into `assets/`.
"""

import argparse
import asyncio
import shutil
import tempfile
from collections.abc import Awaitable, Callable, Mapping
from itertools import product
from pathlib import Path

from playwright.async_api import Browser, async_playwright, expect

from tests.support.library import Book, fill
from tests.support.people import LOOKS
from tests.support.process import Parlour
from tests.support.provider import Provider
from tests.support.replies import Reply
from tests.support.room import Room

ASSETS = Path(__file__).parents[1] / 'assets'
BOOKS = [
    Book(number=1, title='Bread without kneading', turns=(('How long does it rest?', 'Twelve hours.'),)),
    Book(number=2, title='A trip to Lisbon in May', days=1),
    Book(number=3, title='Regular expressions for dates', days=1),
    Book(number=4, title='Why is the sky blue?', days=4),
    Book(number=5, title='A letter to the landlord', days=12),
    Book(number=6, title='Gifts for a ten-year-old', days=40),
]
QUESTION = 'How accurate is the trapezoidal rule?'
ANSWER = r"""With $n$ steps of width $h = (b - a) / n$ the error falls with the **square** of the step:

$$\left|E\right| \le \frac{(b - a)\,h^2}{12} \max_{[a, b]} \left|f''(x)\right|$$

```python
def trapezoid(f, a: float, b: float, n: int) -> float:
    '''Integrate f from a to b in n steps.'''
    h = (b - a) / n
    inner = sum(f(a + k * h) for k in range(1, n))
    return h * ((f(a) + f(b)) / 2 + inner)
```

| steps | error for $\sin x$ on $[0, \pi]$ |
|------:|---------:|
| 10 | 1.6e-2 |
| 100 | 1.6e-4 |
| 1000 | 1.6e-6 |
"""


async def new_chat(room: Room, url: str) -> None:
    await room.open(url)


async def answer(room: Room, url: str) -> None:
    await room.open(url)
    await room.composer.fill(QUESTION)
    await room.send_button.click()  # on a phone, Enter begins a new line
    await room.sees_state('done')


async def search(room: Room, url: str) -> None:
    await room.open(url)
    await room.page.keyboard.press('Control+k')
    await room.page.get_by_test_id('search-input').fill('rest')
    await expect(room.page.get_by_test_id('search-result').first).to_be_visible()


async def share(room: Room, url: str) -> None:
    await answer(room, url)
    await room.page.get_by_role('button', name='Share on this network').click()
    await expect(room.page.get_by_test_id('share-dialog')).to_be_visible()


async def settings(room: Room, url: str) -> None:
    await room.page.goto(f'{url}/settings')
    await room.page.wait_for_function('window.socket?.connected')


SCENES: Mapping[str, Callable[[Room, str], Awaitable[None]]] = {
    scene.__name__.replace('_', '-'): scene for scene in (new_chat, answer, search, share, settings)
}


async def take(browser: Browser, url: str, folder: Path, scenes: list[str]) -> None:
    for (device, look), theme in product(LOOKS.items(), ('light', 'dark')):
        for name in scenes:
            context = await browser.new_context(**look, color_scheme=theme, reduced_motion='reduce')
            room = Room(await context.new_page())
            await SCENES[name](room, url)
            await room.page.evaluate('document.fonts.ready')
            await room.page.wait_for_load_state('networkidle')
            await room.page.screenshot(path=folder / f'{name}-{device}-{theme}.png', animations='disabled')
            await context.close()


async def run(folder: Path, scenes: list[str], chromium: str) -> None:
    with tempfile.TemporaryDirectory() as home, Provider() as provider:
        fill(Path(home) / 'data', BOOKS)
        provider.say_always(Reply(pieces=[ANSWER]))
        with Parlour(Path(home) / 'data', base_url=provider.url) as app:
            await asyncio.to_thread(app.wait_until_ready)
            async with async_playwright() as playwright:
                browser = await playwright.chromium.launch(
                    executable_path=chromium, args=['--no-sandbox', '--hide-scrollbars']
                )
                await take(browser, app.url, folder, scenes)
                await browser.close()


def main() -> None:
    parser = argparse.ArgumentParser(description='Take pictures of every page and dialog.')
    parser.add_argument('folder', type=Path)
    parser.add_argument('--scene', choices=list(SCENES), action='append', help='only this one')
    parser.add_argument('--chromium', default=shutil.which('chromium') or 'chromium')
    parser.add_argument('--readme', action='store_true', help='put the pictures of the README into assets/')
    arguments = parser.parse_args()
    arguments.folder.mkdir(parents=True, exist_ok=True)
    asyncio.run(run(arguments.folder, arguments.scene or list(SCENES), arguments.chromium))
    for theme in ('light', 'dark') if arguments.readme else ():
        shutil.copy(arguments.folder / f'answer-desk-{theme}.png', ASSETS / f'screenshot-{theme}.png')


if __name__ == '__main__':
    main()
