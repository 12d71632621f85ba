"""What the owner does in the dialog of sharing."""

from playwright.async_api import expect

from tests.support.chat_page import ChatPage


async def create(chat: ChatPage, whom: str, name: str) -> str:
    """Have a link made, and read it."""
    await chat.page.locator('label.segment', has_text=whom).click()
    await chat.page.locator('[name=name]').fill(name)
    await chat.page.get_by_test_id('share-create').click()
    await expect(chat.page.get_by_test_id('invite').filter(has_text=name)).to_be_visible()
    return await chat.page.get_by_test_id('share-link').inner_text()


async def share(chat: ChatPage, whom: str, name: str) -> str:
    """Open the dialog, have a link made, and close the dialog again."""
    await chat.page.get_by_test_id('share').click()
    link = await create(chat, whom, name)
    await chat.page.keyboard.press('Escape')
    return link


async def stop_sharing(chat: ChatPage, *, keeps_links: bool = False) -> None:
    """Open the dialog, and stop; it stays open."""
    await chat.page.get_by_test_id('shared').click()
    await chat.page.get_by_test_id('share-stop').click()
    await expect(chat.page.get_by_test_id('links-keep')).not_to_be_checked()
    if keeps_links:
        await chat.page.get_by_test_id('links-keep').click()
    await chat.page.get_by_test_id('confirm').click()
    await expect(chat.page.get_by_test_id('share-again')).to_be_visible()
