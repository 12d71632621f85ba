"""A folder with conversations, a page that looks at it, and what stands in its list."""

from collections.abc import Sequence
from dataclasses import replace

from playwright.async_api import Locator, expect

from tests.support.chat_page import ChatPage
from tests.support.stored_chats import StoredChat

TITLES = ('Rolling median', 'Plan for Lisbon', 'Flaky test', 'MVCC like a librarian', 'Bread hydration')
STORED_CHATS = [StoredChat(number=number + 1, title=title) for number, title in enumerate(TITLES)]


def many(count: int) -> list[StoredChat]:
    """Conversations of the last two years."""
    return [
        replace(STORED_CHATS[0], number=n + 1, title=f'Chat {n + 1}', days=n * 730 / count)
        for n in range(count)
    ]


async def expect_rows(chat: ChatPage, *titles: str) -> None:
    """Wait until the list begins with these."""
    await expect(chat.links).to_have_text(list(titles))


def row(chat: ChatPage, title: str) -> Locator:
    return chat.links.filter(has_text=title)


async def choose(chat: ChatPage, title: str, item: str) -> None:
    """Choose something from the menu of a row, by its button."""
    await row(chat, title).hover()
    await chat.page.get_by_role('button', name=f'Options for {title}').click()
    await chat.page.get_by_role('menuitem', name=item).click()


def without(*titles: str) -> Sequence[str]:
    return [title for title in TITLES if title not in titles]
