"""What stands in an answer or a prompt does not act: no script, request, style or window comes of it."""

from collections.abc import Iterator, Mapping
from contextlib import suppress

import pytest
import pytest_asyncio
from playwright.async_api import Error, Page, expect

from tests.browser.hostile.careless import careless_page
from tests.browser.hostile.payloads import BITING, BLUNT, diagram
from tests.browser.hostile.traps import Traps
from tests.support.browser_contexts import leave_for
from tests.support.chat_page import ChatPage, OpenChatPage, request_messages
from tests.support.page_errors import PageErrors
from tests.support.process import Parlour
from tests.support.profile import sized
from tests.support.provider import Exchange, Provider
from tests.support.replies import Reply, thought

HARMLESS = diagram('graph LR\n A --> B')
SAMPLE = sized(1, None)
"""How many texts of each group are shown without care: a page for each."""
PIECES = 6
"""Of an answer, one in 20 ms, so that a page shows most of its beginnings too."""

TEXTS = {group: '\n\n'.join([*texts, *BLUNT.get(group, ())]) for group, texts in BITING.items()}
DIAGRAMS = {'diagrams': f'{TEXTS.pop("diagrams")}\n\n{HARMLESS}'}


@pytest.fixture
def traps() -> Iterator[Traps]:
    with Traps() as traps:
        yield traps


@pytest_asyncio.fixture(loop_scope='session')
async def chat(open_chat: OpenChatPage) -> ChatPage:
    """A page that is watched more closely than others; nobody has it afterwards."""
    return await open_chat(anew=True)


async def test_no_text_acts(app: Parlour, provider: Provider, chat: ChatPage, traps: Traps) -> None:
    """As a prompt, as a thought and as an answer, while it grows and when it is loaded anew."""
    await hold(TEXTS, app, provider, chat, traps)


async def test_no_diagram_acts(
    app: Parlour, provider: Provider, chat: ChatPage, traps: Traps, watch: PageErrors
) -> None:
    """Two kinds of pictures, which Mermaid loads whatever it is told, are stopped by the policy of the page.

    The third thing it stops is nothing: Mermaid cleans labels in a document of its own, where no script runs.
    """
    watch.expect_error('node.png', 'icon.png', "script-src-attr 'none'")
    await hold(DIAGRAMS, app, provider, chat, traps)


@pytest.mark.long
async def test_on_a_careless_page_all_of_them_act(chat: ChatPage, traps: Traps, watch: PageErrors) -> None:
    watch.expect_error('')
    await traps.look_at(chat.page, f'http://{traps.web.host}')
    tame: list[str] = []
    for number, text in enumerate(text for texts in BITING.values() for text in texts[:SAMPLE]):
        await leave_for(chat.page, 'about:blank')  # a text may lead the page elsewhere after it was caught
        traps.set_again(number)
        traps.web.page = careless_page(traps.baited(text))
        if not await acts(chat.page, traps):
            tame.append(text)
    assert tame == []


async def test_a_link_in_a_diagram_opens_beside_the_conversation(
    app: Parlour, provider: Provider, chat: ChatPage
) -> None:
    provider.reply(Reply(pieces=[diagram(f'graph LR\n A[Source]\n click A href "{app.url}/healthz"')]))
    await chat.open(app.url)
    await chat.send('Draw')
    async with chat.page.expect_popup() as opening:
        await chat.answers.get_by_text('Source', exact=True).click()
    beside = await opening.value
    assert beside.url == f'{app.url}/healthz'
    assert await beside.evaluate('opener') is None
    await chat.address()


async def hold(
    texts: Mapping[str, str], app: Parlour, provider: Provider, chat: ChatPage, traps: Traps
) -> None:
    """Hold a conversation of these texts, read it again, and see that nothing is caught."""
    provider.otherwise = parrot
    await traps.look_at(chat.page, app.url)
    await chat.open(app.url)
    for number, (group, text) in enumerate(texts.items(), start=1):
        await chat.send(traps.baited(text))
        await expect(chat.answers).to_have_count(number)
        await chat.expect_state('done')
        await traps.touch(chat.page, newest=2)  # the thought and the answer
        assert traps.caught == [], group
    prompts = [traps.baited(text) for text in texts.values()]
    await see_all(chat.page, prompts)
    await chat.page.reload()
    await see_all(chat.page, prompts)
    await traps.touch(chat.page)
    assert traps.caught == []


def parrot(exchange: Exchange) -> Reply:
    """Think and say what was asked, in pieces, so that parts of it are shown too."""
    text = request_messages(exchange.body)[-1][1]
    size = len(text) // PIECES + 1
    pieces = [text[start : start + size] for start in range(0, len(text), size)]
    return Reply(pieces=[thought(text), *pieces], pause=0.02)


async def see_all(page: Page, prompts: list[str]) -> None:
    """See the prompts as they were written, and each of them as a thought and as an answer."""
    await expect(page.locator('.bubble')).to_have_text(prompts)
    await expect(page.locator('.bubble *')).to_have_count(0)
    await expect(page.locator('.prose')).to_have_count(2 * len(prompts))
    if HARMLESS in prompts[-1]:  # they are drawn one after the other
        await expect(page.locator('figure').last).to_have_attribute('data-drawn', '')


async def acts(page: Page, traps: Traps) -> bool:
    """Whether something is caught on a careless page."""
    with suppress(Error):  # it may lead itself elsewhere meanwhile
        await page.goto(f'http://{traps.web.host}')
        await page.evaluate('window.drawn')
        await traps.touch(page)
    with suppress(TimeoutError):
        await traps.sprung.wait()
    return traps.sprung.is_set
