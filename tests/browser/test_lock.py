"""A person locks Parlour on a computer that others use, and comes back."""

from pathlib import Path

from playwright.async_api import Page, expect

from tests.support.chat_page import ChatPage, OpenChatPage
from tests.support.page_errors import PageErrors
from tests.support.process import StartApp
from tests.support.stored_chats import StoredChat, write_chats

PASSCODE = 'open sesame'

VAULT = StoredChat(number=1, title='The vault', turns=(('Where is it?', 'Behind the mirror.'),))


async def unlock(page: Page, passcode: str) -> None:
    await page.get_by_test_id('unlock-passcode').fill(passcode)
    await page.get_by_test_id('unlock').click()


async def test_locking_empties_all_pages_until_the_passcode_comes(
    start: StartApp, chat: ChatPage, open_chat: OpenChatPage, watch: PageErrors, tmp_path: Path
) -> None:
    """By the button and by the keys; also a page that did not hear of it."""
    watch.expect_error('423', 'status of 403')
    write_chats(tmp_path / 'data', [VAULT])
    app, page, phone = await start(), chat.page, await open_chat('phone')
    await phone.open(f'{app.url}/c/{VAULT.id}')
    await chat.open(f'{app.url}/c/{VAULT.id}')
    await expect(page.get_by_test_id('lock')).to_be_hidden()
    await page.get_by_test_id('settings').click()
    await page.get_by_test_id('lock-new').fill(PASSCODE)
    await page.get_by_test_id('lock-again').fill('open seseme')
    await page.get_by_test_id('lock-save').click()
    await expect(page.get_by_test_id('lock-problem')).to_have_text('The two new passcodes differ.')
    await page.get_by_test_id('lock-again').fill(PASSCODE)
    await page.get_by_test_id('lock-save').click()
    await expect(chat.notice).to_have_text('The passcode is set.')
    await phone.page.evaluate('socket.off("locked")')
    await page.get_by_test_id('lock').click()
    for each in (page, phone.page):
        await expect(each.get_by_test_id('unlock')).to_be_visible()
        await expect(each).to_have_title('Parlour')
        await expect(each.locator('body')).not_to_contain_text('mirror')
    await unlock(phone.page, 'sesame')
    await expect(phone.page.get_by_test_id('unlock-problem')).to_have_text('That is not the passcode.')
    await unlock(page, PASSCODE)
    await expect(page.get_by_test_id('lock-current')).to_be_visible()
    await chat.open(f'{app.url}/c/{VAULT.id}')
    await chat.expect_answer('Behind the mirror.')
    await phone.page.evaluate('dispatchEvent(new Event("focus"))')  # it comes to the front
    await phone.expect_answer('Behind the mirror.')
    await page.keyboard.press('Control+Shift+X')
    await expect(page.get_by_test_id('unlock')).to_be_visible()
    await expect(phone.page.get_by_test_id('unlock')).to_be_visible()
