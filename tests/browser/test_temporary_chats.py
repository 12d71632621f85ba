"""Temporary chats: nothing of them stays, they are asked about before they are left, and they can be kept."""

import asyncio
from contextlib import suppress
from pathlib import Path

from playwright.async_api import Dialog, Page, expect

from tests.support.chat_page import ChatPage, OpenChatPage
from tests.support.files import png
from tests.support.page_errors import PageErrors
from tests.support.process import Parlour, StartApp
from tests.support.provider import Provider
from tests.support.replies import Reply, two_halves

SECRET = 'zanzibar'
"""In all that is written, said and attached."""

STORED_SCRIPT = """async () => {
  const databases = (await indexedDB.databases()).map(({ name }) => name);
  const caches = [];
  for (const name of self.caches ? await self.caches.keys() : [])
    caches.push(...(await (await self.caches.open(name)).keys()).map(({ url }) => url));
  const seen = [document.title, document.cookie];
  return JSON.stringify([{ ...localStorage }, { ...sessionStorage }, databases, caches, seen]);
}"""
"""What a page has in its browser."""


async def begin(chat: ChatPage) -> None:
    await chat.page.get_by_test_id('temporary').click()
    await expect(chat.page.get_by_test_id('temporary-banner')).to_contain_text('Nothing of it is saved')
    await expect(chat.composer).to_have_attribute('autocomplete', 'off')


async def attach(chat: ChatPage, name: str, content: bytes) -> None:
    await chat.picker.set_input_files({'name': name, 'mimeType': '', 'buffer': content})
    await expect(chat.attachments).not_to_have_count(0)
    await expect(chat.page.locator('.uploading')).to_have_count(0)


def places_with_secret(app: Parlour, folder: Path) -> list[str]:
    """The files of the data folder in which it is, and 'log' for the log."""
    found = list[str]()
    for path in folder.rglob('*'):
        with suppress(FileNotFoundError, IsADirectoryError):  # what is written is put in another's place
            found += [path.name] if SECRET in path.read_text('latin-1') else []
    return [*found, *(['log'] if SECRET in app.log else [])]


async def test_nothing_of_it_stays_anywhere(
    start: StartApp, provider: Provider, chat: ChatPage, watch: PageErrors, tmp_path: Path
) -> None:
    """Not even when the process is killed; what was in the box when the chat became one goes with it."""
    watch.expect_lost_connection()
    watch.expect_error('404')
    app, folder = await start(), tmp_path / 'data'
    provider.reply(Reply(pieces=[f'Of {SECRET}, ', 'this.']))
    await chat.open(app.url)
    await attach(chat, f'{SECRET}.txt', f'All about {SECRET}'.encode())
    await chat.composer.fill(f'Tell me of {SECRET}')
    await chat.wait_until_saved()
    assert places_with_secret(app, folder)
    await begin(chat)
    await chat.wait_until_saved()
    assert places_with_secret(app, folder) == []
    await attach(chat, f'{SECRET}.png', png() + SECRET.encode())
    await chat.send_button.click()
    await chat.expect_state('done')
    picture = await chat.turns('user').locator('img').get_attribute('src')
    assert picture
    shown = await chat.page.request.get(app.url.rstrip('/') + picture)
    assert (shown.status, shown.headers['cache-control']) == (200, 'no-store')
    assert f'All about {SECRET}' in str(provider.requests[0])
    await chat.page.get_by_test_id('edit').click()
    await chat.page.get_by_test_id('edit-box').fill(f'Or rather of {SECRET}')
    await chat.page.keyboard.press('Escape')
    await chat.composer.fill(f'More of {SECRET}')
    await chat.wait_until_saved()
    await expect(chat.links).to_have_accessible_name(f'Tell me of {SECRET}, temporary')
    assert SECRET not in await chat.page.evaluate(STORED_SCRIPT)
    assert places_with_secret(app, folder) == []
    address = await chat.address()
    await asyncio.to_thread(app.kill)
    assert places_with_secret(app, folder) == []
    app = await start()
    await expect(chat.page.get_by_test_id('dead-end')).to_contain_text('a temporary chat')
    assert chat.page.url == address
    await expect(chat.links).to_have_count(0)
    assert SECRET not in await chat.page.evaluate(STORED_SCRIPT)
    assert places_with_secret(app, folder) == []


class Answered:
    """What a browser asks before a page is unloaded, which is answered with yes."""

    def __init__(self, page: Page) -> None:
        self.asked = 0
        page.on('dialog', self._answer)

    async def _answer(self, dialog: Dialog) -> None:
        assert dialog.type == 'beforeunload'
        self.asked += 1
        await dialog.accept()


async def test_it_is_asked_about_before_it_is_left(own_app: Parlour, open_chat: OpenChatPage) -> None:
    """By a link, by the way back, by a reload, after which all is there. With a second page nothing ends."""
    desk, phone = await open_chat(), await open_chat('phone')
    unloads, question = Answered(desk.page), desk.page.locator('[role=alertdialog]')
    await desk.open(own_app.url)
    await desk.page.get_by_test_id('new-folder').click()
    await desk.page.get_by_test_id('ask-text').fill('Work')
    await desk.page.keyboard.press('Enter')
    await desk.page.get_by_test_id('new-chat').click()
    await begin(desk)
    await desk.composer.fill('First')
    await desk.wait_until_saved()
    await desk.reload()
    await desk.composer.press('Enter')
    await desk.expect_state('done')
    address = await desk.address()
    await desk.composer.fill('A draft')
    await desk.wait_until_saved()
    await desk.page.get_by_test_id('new-chat').click()
    await expect(question).to_contain_text('Leave this temporary chat?')
    await question.get_by_role('button', name='Cancel').click()
    await expect(question).to_have_count(0)
    await desk.page.get_by_test_id('folder').click(button='right')
    await desk.page.get_by_role('menuitem', name='New chat in this folder').click()
    await question.get_by_role('button', name='Cancel').click()
    await expect(question).to_have_count(0)
    await desk.page.evaluate('history.back()')
    await expect(question).to_be_visible()
    await desk.page.keyboard.press('Escape')
    await expect(question).to_have_count(0)
    await expect(desk.turns('user')).to_contain_text('First')
    assert await desk.address() == address
    await desk.reload()
    assert unloads.asked == 2
    await expect(desk.composer).to_have_value('A draft')
    await phone.open(own_app.url)
    await phone.page.locator('.sidebar-open').click()
    await phone.links.click()
    await expect(phone.turns('user')).to_contain_text('First')
    await desk.page.get_by_test_id('share').click()
    await expect(desk.page.get_by_text("A temporary chat can't be shared.")).to_be_visible()
    await desk.page.keyboard.press('Escape')
    await desk.wait_for_prop('asks', is_set=False)
    await desk.page.get_by_test_id('new-chat').click()  # the phone has it
    await expect(desk.page.get_by_test_id('empty-state')).to_be_visible()
    await desk.links.click()
    await expect(desk.turns('user')).to_contain_text('First')
    await desk.page.get_by_test_id('chat-menu').click()
    await expect(desk.page.get_by_role('menuitem').locator('span')).to_have_text(
        ['Find in chat', 'Keep this chat', 'Rename', 'Export', 'End now']
    )
    await desk.page.get_by_role('menuitem', name='End now').click()
    await question.get_by_test_id('confirm').click()
    await expect(desk.page.get_by_test_id('empty-state')).to_be_visible()
    await expect(phone.page.get_by_test_id('dead-end')).to_contain_text('This temporary chat has ended.')
    await expect(desk.links).to_have_count(0)
    await begin(desk)
    await desk.send('Second')
    await desk.expect_state('done')
    await desk.page.get_by_test_id('settings').click()
    await question.get_by_test_id('confirm').click()
    await expect(desk.page.get_by_test_id('key-input').first).to_be_attached()
    await expect(desk.links).to_have_count(0)


async def test_it_can_be_kept(
    own_app: Parlour,
    provider: Provider,
    chat: ChatPage,
    open_chat: OpenChatPage,
    watch: PageErrors,
    tmp_path: Path,
) -> None:
    """While it is answered, with what waits, and what stands in the box; another one ends with Parlour."""
    reply, gate = two_halves()
    provider.reply(reply)
    await chat.open(own_app.url)
    await begin(chat)
    await attach(chat, 'cat.png', png())
    await chat.page.get_by_test_id('temporary').click()
    await expect(chat.page.get_by_test_id('temporary-banner')).to_be_hidden()
    await chat.reload()
    await expect(chat.attachments).to_have_count(1)
    await begin(chat)
    await chat.send('What is this?')
    await chat.expect_state('streaming')
    await chat.send('And why?')
    await expect(chat.queued).to_have_count(1)
    await chat.composer.fill('A draft')
    await chat.wait_until_saved()
    await chat.page.get_by_test_id('temporary-keep').click()
    await expect(chat.page.get_by_test_id('temporary-banner')).to_be_hidden()
    await expect(chat.links).to_have_accessible_name('What is this?, answering')
    gate.release()
    other = await open_chat()
    await other.open(await chat.address())
    await expect(other.turns('user')).to_have_count(2)
    await other.expect_state('done')
    await expect(other.turns('user').locator('img')).to_be_visible()
    await expect(other.composer).to_have_value('A draft')
    await other.page.get_by_test_id('new-chat').click()
    await begin(other)
    await other.send('Gone')
    await other.expect_state('done')
    watch.expect_lost_connection()
    ended = await asyncio.to_thread(own_app.terminate)
    assert ended == 0
    stored = [path.read_text() for path in (tmp_path / 'data' / 'conversations').iterdir()]
    assert [('What is this?' in each, 'Gone' in each) for each in stored] == [(True, False)]
    [unsent] = (tmp_path / 'data' / 'unsent').iterdir()
    assert 'A draft' in unsent.read_text()
