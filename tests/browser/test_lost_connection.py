"""A connection that is lost in mid-answer: the text goes on, and what was being written stays."""

import pytest
from playwright.async_api import expect

from tests.support.chat_page import ChatPage
from tests.support.gates import Gate
from tests.support.network_outage import cut_network, frozen
from tests.support.page_errors import PageErrors
from tests.support.process import Parlour
from tests.support.profile import only_long, sized
from tests.support.provider import Provider
from tests.support.replies import Reply
from tests.support.screen_reader import heard, listen
from tests.support.tcp_proxy import TcpProxy

RECONNECT_SOON = 'void socket.io.reconnectionDelay(50)'
"""In the browser, in milliseconds; else it waits for up to one and a half seconds before it tries again."""
WORDS = [f'word{number} ' for number in range(120)]


async def begin(chat: ChatPage, line: TcpProxy, provider: Provider) -> Gate:
    """Ask through the line, mark the page to know it again, and begin to write the next message."""
    gate = Gate()
    provider.reply(Reply(pieces=WORDS, gates={20: gate}, pause=0.005))
    await chat.open(line.url)
    await chat.send('Talk')
    await expect(chat.answers).to_contain_text('word19')
    await chat.page.evaluate('window.isTheSamePage = true')
    await chat.page.evaluate(RECONNECT_SOON)
    await chat.composer.fill('What I was about to say')
    return gate


async def is_whole(chat: ChatPage) -> bool:
    """Whether all has come, once, on the page that was there before, with the draft in it."""
    await chat.expect_state('done')
    await expect(chat.answers).to_have_text(''.join(WORDS).strip())
    await expect(chat.composer).to_have_value('What I was about to say')
    return bool(await chat.page.evaluate('window.isTheSamePage'))


async def test_a_line_that_is_cut(
    app: Parlour, provider: Provider, chat: ChatPage, watch: PageErrors
) -> None:
    watch.expect_lost_connection()
    async with TcpProxy(app.url) as line:
        gate = await begin(chat, line, provider)
        line.cut()
        gate.release()
        assert await is_whole(chat)


async def test_a_line_that_is_held(
    app: Parlour, provider: Provider, chat: ChatPage, watch: PageErrors
) -> None:
    """Nothing goes through until the whole answer has been given; then it comes."""
    watch.expect_lost_connection()
    async with TcpProxy(app.url) as line:
        gate = await begin(chat, line, provider)
        line.hold()
        gate.release()
        await provider_is_done(app, chat, line)
        line.release()
        assert await is_whole(chat)


@pytest.mark.long
@pytest.mark.parametrize('seconds', sized([0.5], [5, 20, 60]))
async def test_a_network_that_is_down_for_a_while(
    app: Parlour, provider: Provider, chat: ChatPage, watch: PageErrors, seconds: float
) -> None:
    watch.expect_lost_connection()
    async with TcpProxy(app.url) as line:
        gate = await begin(chat, line, provider)
        gate.release()
        await cut_network(line, seconds)
        assert await is_whole(chat)


@pytest.mark.long
@pytest.mark.parametrize('lid', [only_long(False), True], ids=['frozen', 'lid'])
async def test_a_tab_that_is_frozen(
    app: Parlour, provider: Provider, chat: ChatPage, watch: PageErrors, *, lid: bool
) -> None:
    """With the lid closed the network goes too, and what was a connection leads nowhere afterwards."""
    watch.expect_lost_connection()
    async with TcpProxy(app.url) as line:
        gate = await begin(chat, line, provider)
        async with frozen(chat.page):
            gate.release()
            await cut_network(line, sized(0.5, 10)) if lid else await provider_is_done(app, chat, line)
        assert await is_whole(chat)


async def provider_is_done(app: Parlour, chat: ChatPage, line: TcpProxy) -> None:
    """Wait until the whole answer has been given, as another page sees it."""
    elsewhere = ChatPage(await chat.page.context.new_page())
    await elsewhere.open(app.url + chat.page.url.removeprefix(line.url))
    await elsewhere.expect_state('done')
    await elsewhere.page.close()


async def test_who_comes_back_to_a_dead_connection_is_told_and_gets_another(
    app: Parlour, provider: Provider, chat: ChatPage, watch: PageErrors
) -> None:
    """The page does not wait for the next sign of life: it asks when somebody looks at it again."""
    watch.expect_lost_connection()
    async with TcpProxy(app.url) as line:
        gate = await begin(chat, line, provider)
        line.hold()
        await chat.page.evaluate('window.dispatchEvent(new Event("focus"))')
        await expect(chat.page.locator('#popup')).to_be_visible()
        gate.release()
        line.cut()
        line.release()
        assert await is_whole(chat)
        await expect(chat.page.locator('#popup')).to_be_hidden()


async def test_attempts_that_take_too_long_do_not_end_the_page(
    app: Parlour, provider: Provider, chat: ChatPage, watch: PageErrors
) -> None:
    watch.expect_lost_connection()
    async with TcpProxy(app.url) as line:
        gate = await begin(chat, line, provider)
        await chat.page.evaluate("""() => {
            window.late = 0;
            socket.io.timeout(200);
            socket.on('connect_error', () => window.late++);
        }""")
        line.hold()
        line.cut()
        gate.release()
        await chat.page.wait_for_function('window.late > 2')
        await chat.page.evaluate('socket.io.timeout(6000)')
        line.release()
        assert await is_whole(chat)


async def test_who_listens_to_the_page_hears_that_the_connection_is_lost_and_back(
    app: Parlour, chat: ChatPage, watch: PageErrors
) -> None:
    watch.expect_lost_connection()
    async with TcpProxy(app.url) as line:
        await chat.open(line.url)
        await listen(chat.page)
        await chat.page.evaluate(RECONNECT_SOON)
        line.hold()
        line.cut()
        lost = 'Connection lost. Trying to reconnect …'
        assert await heard(chat.page, 1) == [lost]
        line.release()
        assert await heard(chat.page, 2) == [lost, 'Connected again.']
