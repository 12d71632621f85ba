"""Numbers, prices, days and times in the language of the browser; the words stay English."""

import json
from collections.abc import Mapping
from datetime import date
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, expect

from chat.ui.formatting import format_cost
from tests.support.chat_page import ChatPage
from tests.support.component_page import Stage, StageServer
from tests.support.process import StartApp
from tests.support.stored_chats import StoredChat, write_chats

MODEL = 'openai:gpt-4.1'
USAGE = {'model': MODEL, 'answers': 1200, 'input': 1234567, 'output': 89, 'cost': 1234.5}

SENTENCES: Mapping[str, tuple[str, str]] = {
    '1,234 tokens in (56 cached), 7,890,123 out': (
        '1.234 tokens in (56 cached), 7.890.123 out',
        '1,234 tokens in (56 cached), 7,890,123 out',
    ),
    'First word after 0.8 s · 12.5 s in all · $0.0031': (
        'First word after 0,8 s · 12,5 s in all · 0,0031 $',
        'First word after 0.8 s · 12.5 s in all · $0.0031',
    ),
    f'{format_cost(0.00001)} · {format_cost(1234.5)} and more': (
        'below 0,0001 $ · 1.234,50 $ and more',
        'below $0.0001 · $1,234.50 and more',
    ),
    '7.85 KB, 3 chats': ('7,85 KB, 3 chats', '7.85 KB, 3 chats'),
    'deleted 3 Nov 2026': ('deleted 03.11.2026', 'deleted Nov 3, 2026'),
    'expires Wed 19:45': ('expires Wed 19:45', 'expires Wed 7:45 PM'),
    'Saved on 28 Feb 2026, in http://127.0.0.1:8080': (
        'Saved on 28.02.2026, in http://127.0.0.1:8080',
        'Saved on Feb 28, 2026, in http://127.0.0.1:8080',
    ),
    'gpt-4.1, version 1.2.3 of 12:30:45': (
        'gpt-4.1, version 1.2.3 of 12:30:45',
        'gpt-4.1, version 1.2.3 of 12:30:45',
    ),
}


async def opened(browser: Browser, locale: str) -> Page:
    """A page of somebody with this language."""
    return await (
        await browser.new_context(locale=locale, viewport={'width': 1280, 'height': 800})
    ).new_page()


@pytest.mark.parametrize(('locale', 'place'), [('de-DE', 0), ('en-US', 1)])
async def test_a_sentence_of_ours(
    browser: Browser, stage_server: StageServer, locale: str, place: int
) -> None:
    page = await opened(browser, locale)
    stage = Stage(page, stage_server.url)
    await stage.clear()
    code = f'{json.dumps(list(SENTENCES))}.map(localized)'
    spaces = {ord('\xa0'): ' ', ord('\u202f'): ' '}
    assert [said.translate(spaces) for said in await stage.use('locale', code)] == [
        expected[place] for expected in SENTENCES.values()
    ]
    await page.context.close()


async def test_pages_speak_so(browser: Browser, start: StartApp, chat: ChatPage, tmp_path: Path) -> None:
    write_chats(tmp_path / 'data', [StoredChat(number=1, title='Kites', turns=(('Kites?', 'Kites.'),))])
    today = date.today()  # noqa: DTZ011  # usage is counted by the days of this computer
    usage = {f'{today} {MODEL}': {'day': f'{today}', **USAGE}}
    days = {'_meta': {'1': {'format_version': 1}}, 'days': usage}
    (tmp_path / 'data' / f'usage-{today.year}.json').write_text(json.dumps(days))
    app = await start()
    german = await opened(browser, 'de-DE')
    for page, tokens, cost, decimal in (
        (german, '1.234.656', '1.234,50\xa0$', ','),
        (chat.page, '1,234,656', '$1,234.50', '.'),
    ):
        await ChatPage(page).open(app.url)
        await page.goto(f'{app.url}/usage')
        await expect(page.locator('.usage-sums dd').first).to_contain_text(tokens)
        await expect(page.locator('.usage-sums .cost').first).to_have_text(cost)
        await page.goto(f'{app.url}/settings')
        await expect(page.get_by_test_id('data-size')).to_contain_text(decimal)
    await german.context.close()
