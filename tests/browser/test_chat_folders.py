"""Folders and several chats at once, as a person uses them."""

import re
from collections.abc import AsyncIterator
from pathlib import Path
from zipfile import ZipFile

import pytest_asyncio
from playwright.async_api import expect

from tests.browser.sidebar_rows import STORED_CHATS, TITLES, choose, expect_rows, row, without
from tests.browser.test_settings import told
from tests.support.chat_page import ChatPage
from tests.support.process import Parlour, StartApp
from tests.support.provider import Provider
from tests.support.stored_chats import write_chats


@pytest_asyncio.fixture(loop_scope='session')
async def app(start: StartApp, tmp_path: Path) -> AsyncIterator[Parlour]:
    """A running Parlour with five conversations."""
    write_chats(tmp_path / 'data', STORED_CHATS)
    yield await start()


async def test_a_folder_and_several_chats(app: Parlour, chat: ChatPage, provider: Provider) -> None:
    page = chat.page
    await chat.open(app.url)
    await page.get_by_test_id('new-folder').click()
    await page.get_by_test_id('ask-text').fill('Work')
    await page.keyboard.press('Enter')
    folder = page.get_by_test_id('folder')
    await expect(folder).to_have_accessible_name('Work, folder, 0 chats')

    await row(chat, 'Flaky test').hover()
    await page.mouse.down()
    await folder.hover()
    await folder.hover()  # a browser says only then what is below the pointer
    await page.mouse.up()
    await expect_rows(chat, 'Flaky test', *without('Flaky test'))
    await choose(chat, 'Bread hydration', 'Move to folder')
    await page.get_by_role('menuitem', name='Work').click()
    await expect(folder).to_have_accessible_name('Work, folder, 2 chats')

    await row(chat, 'Rolling median').click(modifiers=['Control'])
    await row(chat, 'Plan for Lisbon').hover()
    await page.get_by_label('Select Plan for Lisbon').check()
    await expect(page.get_by_test_id('selection-count')).to_have_text('2 selected')
    await page.get_by_test_id('bulk-export').click()
    async with page.expect_download() as downloading:
        await page.get_by_test_id('export-start').click()
    with ZipFile(await (await downloading.value).path()) as archive:
        assert sum(name.endswith('.md') for name in archive.namelist()) == 2
    await page.keyboard.press('Escape')
    await expect(page.get_by_test_id('export-dialog')).to_be_hidden()
    await row(chat, 'Rolling median').click(modifiers=['Control'])
    await row(chat, 'MVCC').click(modifiers=['Shift'])
    await page.get_by_test_id('bulk-move').click()
    await page.get_by_role('menuitem', name='Work').click()
    moved = chat.notice.filter(has_text='3 chats moved')
    await moved.get_by_role('button', name='Undo').click()
    await expect(folder).to_have_accessible_name('Work, folder, 2 chats')

    await page.get_by_test_id('folder-menu').click()
    await page.get_by_role('menuitem', name='Instructions and model').click()
    await page.get_by_test_id('folder-instructions').fill('Be formal.')
    await page.get_by_test_id('folder-name').fill('Office')
    await page.get_by_test_id('folder-model').click()
    await page.get_by_test_id('model-option').filter(has_text='parlour-test').first.click()
    await expect(page.get_by_test_id('folder-model')).to_have_text(re.compile('parlour-test'))
    await page.get_by_role('button', name='Done').click()
    await expect(folder).to_contain_text('Office')
    await folder.click()
    await expect(chat.links).to_have_text(list(without('Flaky test', 'Bread hydration')))
    await page.reload()
    await expect(folder).to_have_attribute('aria-expanded', 'false')
    await folder.press('ArrowRight')
    await expect(chat.links).to_have_count(len(TITLES))
    await page.get_by_test_id('folder-menu').click()
    await page.get_by_role('menuitem', name='New chat in this folder').click()
    await expect(page.get_by_test_id('chat-folder')).to_contain_text('In the folder “Office”')
    await chat.send('Hello')
    await chat.expect_state('done')
    await expect(folder).to_have_accessible_name('Office, folder, 3 chats')
    assert 'Be formal.' in told(provider)
