"""Chats leave as files and come in again: the dialogs of export and import."""

import json
import zipfile
from pathlib import Path

from playwright.async_api import Page, expect

from tests.support.chat_page import ChatPage
from tests.support.process import StartApp
from tests.support.stored_chats import StoredChat, write_chats

KITE = StoredChat(
    number=1, title='A kite', turns=(('How long a tail?', 'Six times $h$.\n\n```python\nh = 1\n```'),)
)
MOSS = StoredChat(
    number=2, title='Moss', turns=tuple((f'Question {each}', 'Words. ' * 200) for each in range(12))
)


async def saved(page: Page, folder: Path) -> Path:
    """Begin the export, and return the file that the browser has got."""
    async with page.expect_download() as download:
        await page.get_by_test_id('export-start').click()
    file = await download.value
    path = folder / file.suggested_filename
    await file.save_as(path)
    return path


async def test_chats_are_exported_and_printed(start: StartApp, chat: ChatPage, tmp_path: Path) -> None:
    """One from its menu, as a page that can be printed without Parlour; then all of them."""
    write_chats(tmp_path / 'data', [KITE, MOSS])
    app = await start()
    page = chat.page
    await chat.open(f'{app.url}/c/{MOSS.id}')
    await page.get_by_test_id('chat-menu').click()
    await page.get_by_role('menuitem', name='Export').click()
    dialog = page.get_by_test_id('export-dialog')
    await expect(dialog.get_by_role('heading')).to_have_text('Export “Moss”')
    await page.get_by_test_id('export-format').select_option('html')
    await expect(dialog).to_contain_text('to print')
    await expect(page.get_by_test_id('export-versions')).to_be_visible()
    path = await saved(page, tmp_path)
    assert path.name == 'Moss.html'
    await expect(page.get_by_test_id('export-state')).to_have_text('Done. The file is among your downloads.')
    await expect(page.get_by_test_id('export-format')).to_have_value('html')
    await page.goto(path.as_uri())
    await expect(page.get_by_role('heading', level=1)).to_have_text('Moss')
    pages = (await page.pdf(format='A4')).count(b'/Type /Page\n')
    assert pages >= 4
    await page.goto(f'{app.url}/settings')
    await page.get_by_test_id('export').click()
    await expect(dialog.get_by_role('heading')).to_have_text('Export 2 chats')
    path = await saved(page, tmp_path)
    assert path.name == 'Parlour chats.zip'
    with zipfile.ZipFile(path) as archive:
        assert len([name for name in archive.namelist() if name.endswith('.json')]) == 2


async def test_chats_are_imported_and_taken_back(start: StartApp, chat: ChatPage, tmp_path: Path) -> None:
    """First what it would be, then the import, its end halfway, and Undo."""
    write_chats(tmp_path / 'elsewhere', [KITE, MOSS])
    files = sorted((tmp_path / 'elsewhere' / 'conversations').iterdir())
    damaged = tmp_path / 'damaged.json'
    damaged.write_text(json.dumps(json.loads(files[0].read_text()) | {'entries': {'a': {'parent_id': None}}}))
    app = await start()
    page = chat.page
    await page.goto(f'{app.url}/settings')
    await page.get_by_test_id('import').click()
    await page.get_by_test_id('import-file').set_input_files(files)
    await expect(page.get_by_test_id('import-summary')).to_contain_text('2 chats from Parlour: 26 messages')
    await expect(page.get_by_test_id('conversation-link')).to_have_count(0)
    await page.get_by_test_id('import-cancel').click()
    await page.get_by_test_id('import-file').set_input_files([*files, damaged])
    await expect(page.get_by_test_id('import-summary')).to_contain_text('damaged.json is damaged')
    choice = page.get_by_test_id('import-choice')
    await choice.locator('summary').click()
    await choice.get_by_role('searchbox').fill('moss')
    await expect(choice.get_by_test_id('import-chat')).to_have_count(1)
    await choice.get_by_label('Moss').uncheck()
    await expect(choice.locator('summary')).to_have_text('1 of 2 chats chosen')
    await page.get_by_test_id('import-start').click()
    await expect(page.get_by_test_id('import-report')).to_contain_text('1 chat imported.')
    async with page.expect_download() as download:
        await page.get_by_test_id('import-save').click()
    report = (await (await download.value).path()).read_text()
    assert report.startswith('1 chat imported.\n1 chat not chosen.\n')
    await expect(page.get_by_test_id('conversation-link')).to_have_count(1)
    await page.get_by_test_id('import-undo').click()
    await expect(page.get_by_test_id('import-state')).to_contain_text('Taken back.')
    await expect(page.get_by_test_id('conversation-link')).to_have_count(0)
