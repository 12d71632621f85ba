"""What owner and guests see of each other, on two computers of a network that is made for it."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from playwright.async_api import expect

from tests.browser.lan.owner import create
from tests.support.chat_page import ChatPage


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """The owner's page, which shows a chat, and that of a guest."""

    owner: ChatPage
    guest: ChatPage


async def share(visit: Visit) -> ChatPage:
    await visit.owner.page.get_by_test_id('share').click()
    await expect(visit.owner.page.get_by_test_id('share-create')).to_be_visible()
    return visit.owner


async def shared(visit: Visit) -> ChatPage:
    """Somebody has come by the link that is still shown."""
    await _invite(visit, 'Can chat')
    await visit.guest.expect_state('done')
    await expect(visit.owner.page.get_by_test_id('invite')).to_contain_text('1 here')
    return visit.owner


async def present(visit: Visit) -> ChatPage:
    await shared(visit)
    await visit.owner.page.keyboard.press('Escape')
    await visit.guest.composer.press_sequentially('And with five steps?')
    await expect(visit.owner.page.get_by_test_id('typing')).to_be_visible()
    return visit.owner


async def guest_writes(visit: Visit) -> ChatPage:
    await present(visit)
    return visit.guest


async def guest_reads(visit: Visit) -> ChatPage:
    await _invite(visit, 'Can view')
    await visit.guest.expect_state('done')
    return visit.guest


async def ended(visit: Visit) -> ChatPage:
    await guest_reads(visit)
    await _asked(visit)
    await visit.owner.page.get_by_test_id('confirm').click()
    await expect(visit.guest.page.get_by_test_id('put-away')).to_be_visible()
    return visit.guest


async def not_running(visit: Visit) -> ChatPage:
    """The dialog, when sharing has been stopped."""
    await ended(visit)
    await expect(visit.owner.page.get_by_test_id('share-again')).to_be_visible()
    return visit.owner


async def no_link(visit: Visit) -> ChatPage:
    await guest_reads(visit)
    await visit.guest.page.context.clear_cookies()
    await visit.guest.page.reload()
    return visit.guest


async def stop_question(visit: Visit) -> ChatPage:
    await guest_reads(visit)
    await _asked(visit)
    return visit.owner


async def _asked(visit: Visit) -> None:
    await visit.owner.page.get_by_test_id('share-stop').click()
    await expect(visit.owner.page.get_by_test_id('links-keep')).to_be_visible()


async def _invite(visit: Visit, whom: str) -> None:
    await share(visit)
    await visit.guest.page.goto(await create(visit.owner, whom, 'Ann'))


VISITS: Mapping[str, Callable[[Visit], Awaitable[ChatPage]]] = {
    scene.__name__.replace('_', '-'): scene
    for scene in (
        share,
        shared,
        present,
        guest_writes,
        guest_reads,
        stop_question,
        ended,
        not_running,
        no_link,
    )
}
