"""Draw the icons for home screens from `assets/icon.svg`: `python -m tests.icons`."""

import asyncio
import shutil
from pathlib import Path

from playwright.async_api import Page, async_playwright

ASSETS = Path(__file__).parents[1] / 'assets'

ICONS = {'icon-192': 192, 'icon-512': 512, 'maskable-512': 512, 'apple-touch-180': 180}
"""Pixels of each side. Phones cut the last two into a shape of their own, so they are filled to the edges."""

GROUND = '#f5f3ef'
ROUNDED = {'icon-192', 'icon-512'}

PAGE = '<style>body {{ margin: 0; background: {ground} }} svg {{ display: block }}</style>{svg}'


async def draw(page: Page, name: str, size: int) -> None:
    """Draw one icon; those that are filled to the edges leave a margin around what must be seen."""
    svg = (ASSETS / 'icon.svg').read_text().replace('<svg ', f'<svg width="{size}" height="{size}" ', 1)
    if name not in ROUNDED:
        svg = svg.replace('stroke: #d9d4ca', 'stroke: none').replace('rx="15"', 'rx="0"')
    await page.set_viewport_size({'width': size, 'height': size})
    await page.set_content(PAGE.format(ground='none' if name in ROUNDED else GROUND, svg=svg))
    await page.screenshot(path=ASSETS / 'icons' / f'{name}.png', omit_background=True)


async def main() -> None:
    """Draw them all."""
    async with async_playwright() as playwright:
        chromium = shutil.which('chromium') or shutil.which('google-chrome')
        browser = await playwright.chromium.launch(executable_path=chromium, args=['--no-sandbox'])
        page = await browser.new_page(color_scheme='light')
        for name, size in ICONS.items():
            await draw(page, name, size)
        await browser.close()


if __name__ == '__main__':
    asyncio.run(main())
