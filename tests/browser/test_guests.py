"""Guests in a shared conversation: what they see, do and are called, and what they see when it is over."""

import asyncio
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from urllib.parse import urlsplit

import pytest
import pytest_asyncio
from playwright.async_api import Locator, expect

from tests.browser.sidebar_rows import choose
from tests.security.target import Target
from tests.support.chat_page import ChatPage, OpenChatPage, wait_until_connected
from tests.support.launching import Launch
from tests.support.page_errors import PageErrors
from tests.support.tcp_proxy import TcpProxy
from tests.support.timeouts import WAIT_TIMEOUT

ENDED = 'Sharing has ended'
OF_THE_OWNER = ('sidebar', 'model-picker', 'share', 'settings', 'edit', 'regenerate', 'fork', 'search')
OF_WRITERS = ('composer', 'send', 'stop', 'attach')


@pytest.fixture(scope='module')
def target(launch: Launch, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Target]:
    with Target('guarded', tmp_path_factory.mktemp('guests'), launch=launch) as target:
        yield target


@pytest_asyncio.fixture(loop_scope='session')
async def shared(target: Target) -> AsyncIterator[str]:
    """A conversation with an answer that grows, while it is shared."""
    target.tell('start', '127.0.0.1')
    yield target.tell('new', 'How long is the coast?')
    target.tell('stop')


def link(target: Target, allows: str, conversation_id: str, name: str) -> tuple[str, str]:
    """The id of an invite, and its link."""
    invite_id, token = target.tell('invite', allows, conversation_id, 3600, name)
    return invite_id, f'{target.tell("urls")[0]}join/{token}'


async def come(chat: ChatPage, url: str) -> None:
    await chat.page.goto(url)
    await wait_until_connected(chat.page)
    await expect(chat.answers.last).to_contain_text('1')


def authors(chat: ChatPage) -> Locator:
    return chat.page.get_by_test_id('author')


async def has_ended(chat: ChatPage) -> None:
    """See that a page says so, and that nothing else is left on it."""
    await expect(chat.page.get_by_role('heading', name=ENDED)).to_be_visible()
    assert 'coast' not in (await chat.page.content()).lower()


async def test_the_host_decides_on_another_device_and_a_guest_sees_that_only(
    target: Target, open_chat: OpenChatPage
) -> None:
    """The guest has nothing to press, and learns neither what the tool was to be given nor what it got."""
    target.tell('start', '127.0.0.1')
    chat_id = target.tell('new', 'Clean up.')
    host, device, ann = await open_chat(), await open_chat('phone'), await open_chat()
    await host.open(f'{target.url}c/{chat_id}')
    await device.page.goto(link(target, 'everything', '', 'My phone')[1])
    await device.open(f'{target.tell("urls")[0]}c/{chat_id}')
    await ann.page.goto(link(target, 'write', chat_id, 'Ann')[1])
    for chat in (host, device, ann):
        await chat.expect_state('needs-approval')
    await expect(ann.page.get_by_test_id('tool-call')).to_contain_text('Waits for the host')
    for part in ('approve', 'deny', 'approval-form', 'always-allow'):
        await expect(ann.page.get_by_test_id(part)).to_have_count(0)
        assert await host.page.get_by_test_id(part).count() == 1
    await device.page.get_by_test_id('approval-form').locator('[name="path"]').fill('other.txt')
    await device.page.get_by_test_id('approve').click()
    for chat in (host, device, ann):
        await chat.expect_answer('All clean.')
        await chat.expect_state('done')
    await expect(ann.page.get_by_test_id('decision')).to_contain_text('Approved by Host')
    await expect(host.page.get_by_test_id('edited-arguments').locator('ins')).to_have_text('other.txt')
    content = await ann.page.content()
    assert not any(text in content for text in ('secret.txt', 'other.txt'))
    target.tell('stop')


async def test_a_writer_sees_it_grow_writes_under_a_name_and_may_stop(
    target: Target, shared: str, open_chat: OpenChatPage
) -> None:
    owner, ann = await open_chat(), await open_chat('phone')
    await owner.open(f'{target.url}c/{shared}')
    await come(ann, link(target, 'write', shared, 'Ann')[1])
    assert urlsplit(ann.page.url).path == f'/c/{shared}', 'the token is gone from the address'
    for part in OF_THE_OWNER:
        await expect(ann.page.get_by_test_id(part)).to_have_count(0)
    await expect(owner.page.get_by_test_id('presence')).to_have_text('Ann')
    await expect(authors(ann)).to_have_text(['Host'])
    seen = await ann.answers.last.inner_text()
    await expect(ann.answers.last).not_to_have_text(seen)
    await type_until(ann, owner, 'Ann is typing …')
    await ann.stop.click()
    for chat in (owner, ann):
        await chat.expect_state('stopped')
    await ann.composer.fill('And of Crete?')
    await ann.send_button.click()
    await expect(owner.turns('user')).to_have_count(2)
    await expect(authors(owner)).to_have_text(['Ann'])
    await expect(authors(ann)).to_have_text(['Host'])
    await expect(owner.page.get_by_test_id('typing')).to_be_hidden()
    await ann.page.close()
    await expect(owner.page.get_by_test_id('presence')).to_be_hidden()
    target.tell('hush', shared)


async def type_until(writer: ChatPage, reader: ChatPage, said: str) -> None:
    """Type until it is seen elsewhere: it is said for four seconds, and anew when one types on."""
    async with asyncio.timeout(WAIT_TIMEOUT):
        while True:
            await writer.composer.press_sequentially('a')
            with suppress(AssertionError):
                await expect(reader.page.get_by_test_id('typing')).to_have_text(said, timeout=1000)
                return


async def test_a_guest_has_another_name_everywhere_at_once(
    target: Target, shared: str, open_chat: OpenChatPage
) -> None:
    """The owner sees it at once; it stays after a reload, and nobody can be called as the host."""
    owner, ann = await open_chat(), await open_chat()
    await owner.open(f'{target.url}c/{shared}')
    await come(ann, link(target, 'write', shared, 'Ann')[1])
    presence = owner.page.get_by_test_id('presence')
    await expect(presence).to_have_text('Ann')
    await rename(ann, 'Anna Maria')
    await expect(presence).to_have_text('Anna Maria')
    await expect(ann.page.locator('.fine-print')).to_contain_text("You're chatting as Anna Maria.")
    await type_until(ann, owner, 'Anna Maria is typing …')
    await ann.send('And of Crete?')
    await expect(owner.page.locator('.queued-author')).to_have_text('Anna Maria')
    await ann.reload()
    await expect(presence).to_have_text('Anna Maria')
    await rename(ann, ' host ')
    await expect(ann.page.get_by_test_id('notice')).to_contain_text('Somebody in this chat has this name.')
    await expect(presence).to_have_text('Anna Maria')
    target.tell('hush', shared)


async def rename(chat: ChatPage, name: str) -> None:
    await chat.page.get_by_test_id('guest-rename').click()
    box = chat.page.get_by_test_id('guest-name-box')
    await expect(box).to_be_focused()
    await box.fill(name)
    await box.press('Enter')
    await expect(box).to_be_hidden()


async def test_what_is_sent_at_once_has_one_order_and_none_is_lost(
    target: Target, shared: str, open_chat: OpenChatPage
) -> None:
    chats = {name: await open_chat() for name in ('Ann', 'Ben', 'Cleo')}
    for name, chat in chats.items():
        await come(chat, link(target, 'write', shared, name)[1])
    await asyncio.gather(*(chat.send(f'from {name}') for name, chat in chats.items()))
    for chat in chats.values():
        await expect(chat.queued).to_have_count(3)
    orders = [await chat.queued.all_inner_texts() for chat in chats.values()]
    assert sorted(orders[0]) == [f'from {name}' for name in chats]
    assert orders[0] == orders[1] == orders[2]
    target.tell('hush', shared)


async def test_a_reader_has_nothing_to_write_with_and_is_told_of_a_title_and_of_the_end(
    target: Target, shared: str, open_chat: OpenChatPage
) -> None:
    reader, other = await open_chat(), await open_chat()
    invite_id, url = link(target, 'read', shared, 'Ben')
    await come(reader, url)
    await come(other, link(target, 'read', shared, 'Cleo')[1])
    for part in (*OF_THE_OWNER, *OF_WRITERS):
        await expect(reader.page.get_by_test_id(part)).to_have_count(0)
    target.tell('rename', shared, 'Coasts of Europe')
    await expect(reader.page.get_by_test_id('title')).to_have_text('Coasts of Europe')
    await expect(reader.page).to_have_title('Coasts of Europe')
    target.tell('revoke', invite_id)
    await has_ended(reader)
    seen = await other.answers.last.inner_text()
    await expect(other.answers.last).not_to_have_text(seen)
    address = urlsplit(url)
    target.tell('stop')
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection((address.hostname or '', address.port or 0))
    await has_ended(other)


async def test_a_device_whose_link_the_owner_ends_shows_nothing_any_more(
    target: Target, shared: str, open_chat: OpenChatPage, watch: PageErrors
) -> None:
    watch.expect_error('401')
    owner, device = await open_chat(), await open_chat('phone')
    await owner.open(f'{target.url}c/{shared}')
    await come(device, link(target, 'everything', shared, 'My phone')[1])
    address = device.page.url
    await expect(device.page.get_by_test_id('sidebar')).to_have_count(1)
    await owner.page.get_by_test_id('share').click()
    end = owner.page.get_by_role('button', name='End the link of My phone')
    await end.click()
    await has_ended(device)
    await expect(end).to_have_count(0)
    await is_closed(device, address)
    target.tell('hush', shared)


async def test_guests_of_a_conversation_that_the_owner_deletes_keep_nothing_of_it(
    target: Target, shared: str, open_chat: OpenChatPage, watch: PageErrors
) -> None:
    """In the middle of an answer, and the guests of another one stay."""
    watch.expect_error('401')
    other = target.tell('new', 'How long is the border?')
    owner, guest, neighbour = await open_chat(), await open_chat(), await open_chat()
    target.tell('rename', shared, 'Coasts of Asia')
    await owner.open(target.url)
    await come(guest, link(target, 'write', shared, 'Ann')[1])
    await come(neighbour, link(target, 'read', other, 'Ben')[1])
    address = guest.page.url
    await guest.composer.fill('The coast of')
    await choose(owner, 'Coasts of Asia', 'Delete')
    await has_ended(guest)
    await is_closed(guest, address)
    seen = await neighbour.answers.last.inner_text()
    await expect(neighbour.answers.last).not_to_have_text(seen)
    target.tell('hush', other)


async def is_closed(chat: ChatPage, address: str) -> None:
    """See that who comes back to it finds a closed door."""
    response = await chat.page.goto(address)
    assert response
    assert response.status == 401
    assert 'coast' not in (await chat.page.content()).lower()


@pytest.mark.parametrize('what', ['revoke', 'unreachable'])
async def test_who_was_offline_at_the_end_keeps_nothing_on_the_screen(
    target: Target, shared: str, open_chat: OpenChatPage, watch: PageErrors, what: str
) -> None:
    """One who comes back to a closed door is told so; where nobody answers, the page is put away in time."""
    watch.expect_lost_connection()
    watch.expect_error('401', 'HTTP Authentication failed')
    guest = await open_chat(anew=True)
    invite_id, url = link(target, 'read', shared, 'Ann')
    path = urlsplit(url).path
    async with TcpProxy(target.tell('urls')[0]) as line:
        await guest.page.clock.install()
        await come(guest, line.url + path)
        line.hold()
        if what == 'revoke':
            target.tell('revoke', invite_id)
            line.cut()
            line.release()
            await has_ended(guest)
    if what == 'unreachable':
        await guest.page.clock.fast_forward(30_000)  # no sign of life comes meanwhile
        await expect(guest.page.locator('#popup')).to_be_visible()
        await guest.page.clock.run_for(3_000)  # it has been noticed
        await guest.page.clock.fast_forward(30_000)
        await expect(guest.page.get_by_test_id('put-away')).to_be_visible()
        assert 'coast' not in await guest.page.content()
