"""HTML of an answer runs in a frame that reaches neither the network nor the page around it."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from playwright.async_api import Frame, expect

from tests.support.chat_page import ChatPage
from tests.support.gates import Gate
from tests.support.page_errors import PageErrors
from tests.support.process import Parlour
from tests.support.provider import Provider
from tests.support.replies import Reply
from tests.support.timeouts import WAIT_TIMEOUT

HTML = """<h1>Bees</h1><p id=told>nothing</p>
<img src="http://TRAP/img"><link rel=stylesheet href="http://TRAP/css"><iframe src="http://TRAP/frame"></iframe>
<link rel=preconnect href="http://TRAP"><link rel=prefetch href="http://TRAP/prefetch">
<form id=form action="http://TRAP/form"></form>
<script>
const told = [];
const attempt = (name, act) => {
  try { act(); told.push(name + " passed"); } catch { told.push(name + " refused"); }
};
attempt("parent", () => parent.document.title);
attempt("storage", () => localStorage.length);
attempt("cookie", () => document.cookie);
attempt("calls", () => new RTCPeerConnection({ iceServers: [{ urls: "stun:TRAP" }] }).createDataChannel("a"));
attempt("window", () => { if (!open("http://TRAP/window")) throw 0; });
attempt("top", () => { top.location = "http://TRAP/top"; });
attempt("socket", () => new WebSocket("ws://TRAP/socket"));
navigator.sendBeacon("http://TRAP/beacon", "x");
form.submit();
parent.postMessage("ready", "*");
fetch("http://TRAP/fetch").catch(() => "refused").then((word) => {
  document.getElementById("told").textContent = [...told, "fetch " + word].join(", ");
});
</script>
"""
LEAVES = '<p>Away</p><script>location = "http://TRAP/away?words"</script>'


@asynccontextmanager
async def trap() -> AsyncGenerator[tuple[str, asyncio.Queue[str]]]:
    """A host of the test's own, and all that has come to it by TCP or UDP."""
    came = asyncio.Queue[str]()

    async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        came.put_nowait((await reader.readline()).decode())
        writer.close()

    class Datagrams(asyncio.DatagramProtocol):
        def datagram_received(self, data: bytes, addr: object) -> None:
            came.put_nowait('a datagram')

    server = await asyncio.start_server(accept, '127.0.0.1', 0)
    port = server.sockets[0].getsockname()[1]
    loop = asyncio.get_running_loop()
    transport, _ = await loop.create_datagram_endpoint(Datagrams, local_addr=('127.0.0.1', port))
    yield f'127.0.0.1:{port}', came
    transport.close()
    server.close()
    await server.wait_closed()


async def shown(chat: ChatPage, place: int) -> Frame:
    """What the frame of a block shows, once it has that."""
    frame = chat.page.locator('.preview-place iframe').nth(place)
    content = await (await frame.element_handle()).content_frame()
    assert content
    return content


async def test_a_preview_is_closed(
    app: Parlour, provider: Provider, chat: ChatPage, watch: PageErrors
) -> None:
    """It is offered once the block is complete. All it may do is to run."""
    watch.expect_error('TRAP', 'Content Security Policy', 'sandbox', 'blocked', 'Unsafe attempt', '127.0.0.1')
    gate = Gate()
    async with trap() as (host, came):
        html, leaves = (text.replace('TRAP', host) for text in (HTML, LEAVES))
        said = [
            f'```html\n{html[:40]}',
            f'{html[40:]}```\n\n',
            f'```html\n{leaves}\n```\n\n```svg\n<svg></svg>\n```\n',
        ]
        provider.reply(Reply(pieces=said, gates={1: gate}))
        await chat.open(app.url)
        await chat.send('Draw bees')
        button = chat.page.get_by_test_id('preview')
        await expect(chat.page.locator('figure.code')).to_contain_text('Bees')
        await expect(button).to_have_count(0)
        gate.release()
        await chat.expect_state('done')
        await expect(button).to_have_count(3)

        await button.first.click()
        await expect(chat.page.locator('.preview-place iframe')).to_have_attribute('sandbox', 'allow-scripts')
        frame = await shown(chat, 0)
        told = frame.locator('#told')
        await expect(told).to_contain_text('fetch refused')
        words = await told.inner_text()
        for name in ('parent', 'storage', 'cookie', 'calls', 'window', 'top'):
            assert f'{name} refused' in words, words
        await expect(frame.locator('h1')).to_have_text('Bees')

        await button.nth(1).click()
        away = await shown(chat, 1)
        await expect(chat.page.locator('.preview-place iframe')).to_have_count(2)
        await away.wait_for_load_state()
        assert host not in away.url
        address = await chat.address()
        _, writer = await asyncio.open_connection(*host.split(':'))
        writer.write(b'the last\n')
        async with asyncio.timeout(WAIT_TIMEOUT):
            assert await came.get() == 'the last\n'  # nothing came before it
        writer.close()
        await button.first.click()
        await expect(chat.page.locator('.preview-place iframe')).to_have_count(1)
        assert address == chat.page.url
