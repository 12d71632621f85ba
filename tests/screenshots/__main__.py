"""Takes pictures of every page and dialog, to be looked at: `python -m tests.screenshots FOLDER`.

Each scene is taken on a desk and on a phone, light and dark: `<scene>-<device>-<theme>.png`. Those with
guests need what `tests/support/lan.py` needs. `--readme` puts the pictures of the README into `assets/`.
"""

import argparse
import asyncio
import shutil
import tempfile
from collections.abc import Collection, Mapping, Sequence
from itertools import product
from pathlib import Path

from playwright.async_api import Browser, async_playwright, expect

from tests.screenshots.scenes import SCENES
from tests.screenshots.screenshot_taker import THEMES, ScreenshotTaker
from tests.screenshots.sharing import VISITS
from tests.support.browser_contexts import CONTEXT_OPTIONS
from tests.support.fork_server import ForkServer
from tests.support.lan import Computer, Lan, unavailable_reason

ASSETS = Path(__file__).parents[2] / 'assets'
README: Mapping[str, str] = {
    'answer-desk-light': 'screenshot-light',
    'answer-desk-dark': 'screenshot-dark',
    'shared-desk-light': 'screenshot-sharing',
    'search-desk-dark': 'screenshot-search',
    'answer-phone-light': 'screenshot-phone',
    'agent-desk-light': 'screenshot-agent',
}
"""Which picture becomes which file in `assets/`."""
OPTIONS = ['--no-sandbox', '--hide-scrollbars']


async def take_alone(studios: Sequence[ScreenshotTaker], scenes: Collection[str], chromium: str) -> None:
    """What is seen by the owner."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium, args=OPTIONS)
        for studio in studios:
            await studio.take_alone(browser, scenes)
        await browser.close()


async def take_together(studios: Sequence[ScreenshotTaker], scenes: Collection[str], chromium: str) -> None:
    """What is seen where there are guests."""
    with Lan() as lan, ForkServer() as fork_server, tempfile.TemporaryDirectory() as folder:
        async with async_playwright() as playwright:

            async def browser_on(computer: Computer) -> Browser:
                path = computer.program(chromium, Path(folder))
                return await playwright.chromium.launch(executable_path=path, args=OPTIONS)

            owners, guests = await browser_on(lan.owner), await browser_on(lan.guest)
            for studio, scene in product(studios, scenes):
                await studio.take_together(owners, guests, lan.owner.launching(fork_server), scene)
            await owners.close()
            await guests.close()


def main() -> None:
    parser = argparse.ArgumentParser(description='Take pictures of every page and dialog.')
    parser.add_argument('folder', type=Path)
    parser.add_argument('--scene', choices=[*SCENES, *VISITS], action='append', help='only this one')
    parser.add_argument('--chromium', default=shutil.which('chromium') or 'chromium')
    parser.add_argument('--readme', action='store_true', help='put the pictures of the README into assets/')
    arguments = parser.parse_args()
    expect.set_options(timeout=30_000)  # the first answer of an app waits for imports
    arguments.folder.mkdir(parents=True, exist_ok=True)
    studios = [
        ScreenshotTaker(arguments.folder, device, theme) for device, theme in product(CONTEXT_OPTIONS, THEMES)
    ]
    wanted = arguments.scene or [*SCENES, *VISITS]
    if alone := [scene for scene in wanted if scene in SCENES]:
        asyncio.run(take_alone(studios, alone, arguments.chromium))
    if together := [scene for scene in wanted if scene in VISITS]:
        if reason := unavailable_reason():
            parser.exit(1, f'{reason}\n')
        asyncio.run(take_together(studios, together, arguments.chromium))
    for picture, name in README.items() if arguments.readme else ():
        shutil.copy(arguments.folder / f'{picture}.png', ASSETS / f'{name}.png')


if __name__ == '__main__':
    main()
