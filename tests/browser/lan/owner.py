"""What the owner does in the dialog of sharing."""

from playwright.async_api import expect

from tests.support.chat_page import ChatPage


async def create(room: ChatPage, whom: str, name: str) -> str:
    """Have a link made, and read it."""
    await room.page.locator('label.segment', has_text=whom).click()
    await room.page.locator('[name=name]').fill(name)
    await room.page.get_by_test_id('share-create').click()
    await expect(room.page.get_by_test_id('invite').filter(has_text=name)).to_be_visible()
    return await room.page.get_by_test_id('share-link').inner_text()


async def share(room: ChatPage, whom: str, name: str) -> str:
    """Open the dialog, have a link made, and close the dialog again."""
    await room.page.get_by_test_id('share').click()
    link = await create(room, whom, name)
    await room.page.keyboard.press('Escape')
    return link


async def stop_sharing(room: ChatPage, *, keeps_links: bool = False) -> None:
    """Open the dialog, and stop; it stays open."""
    await room.page.get_by_test_id('shared').click()
    await room.page.get_by_test_id('share-stop').click()
    await expect(room.page.get_by_test_id('links-keep')).not_to_be_checked()
    if keeps_links:
        await room.page.get_by_test_id('links-keep').click()
    await room.page.get_by_test_id('confirm').click()
    await expect(room.page.get_by_test_id('share-again')).to_be_visible()
