"""The days in the list are those of the person who looks at it."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from playwright.async_api import Browser, expect

from tests.support.chat_page import ChatPage
from tests.support.process import StartApp
from tests.support.profile import only_long
from tests.support.stored_chats import StoredChat, write_chats

HOURS = range(1, 30, 4)
BOOKS = [StoredChat(number=hours, title=f'{hours} hours', days=hours / 24) for hours in HOURS]


@pytest.mark.parametrize('zones', [only_long(('UTC', 'Etc/GMT-1')), ('Etc/GMT-12', 'Etc/GMT-11')])
async def test_today_is_today_where_the_browser_is(
    start: StartApp, browser: Browser, tmp_path: Path, zones: tuple[str, str]
) -> None:
    """In the first zone, or the other one when the day of the first is about to end."""
    zone = next(zone for zone in zones if datetime.now(ZoneInfo(zone)).hour < 23)
    now = datetime.now(ZoneInfo(zone))
    write_chats(tmp_path / 'data', BOOKS)
    app = await start()
    used = [(now.astimezone(UTC) - timedelta(hours=h, seconds=h)).astimezone(now.tzinfo) for h in HOURS]
    days = [(now.date() - moment.date()).days for moment in used]
    headings = {0: 'Today', 1: 'Yesterday', 2: 'Previous 7 days'}
    context = await browser.new_context(timezone_id=zone, viewport={'width': 1280, 'height': 800})
    chat = ChatPage(await context.new_page())
    await chat.open(app.url)
    expected: list[str] = []
    for day in range(3):
        under = [f'{hours} hours' for hours, age in zip(HOURS, days, strict=True) if age == day]
        expected += [headings[day], *under] if under else []
    rows = chat.page.locator('.sidebar-list li:not(.gap)').locator('visible=true')
    await expect(rows.locator('.conversation-title').or_(chat.page.locator('.group-title'))).to_have_text(
        expected
    )
    await context.close()
