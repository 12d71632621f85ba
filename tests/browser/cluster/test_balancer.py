"""What people see of a team while its nodes die and are updated: through nginx, HAProxy and three nodes."""

import asyncio
from collections.abc import Mapping

from playwright.async_api import Browser, Page, expect

from chat.server.api import DEFAULT_CONVERSATION_ID
from tests.support.chat_page import ChatPage
from tests.support.gates import Gate
from tests.support.page_errors import PageErrors
from tests.support.provider import Provider
from tests.support.replies import Reply
from tests.support.team_in_processes import PASSWORDS, TeamInProcesses

WATCH_TEXT = """() => {
    window.seen = [];
    new MutationObserver(() => {
        const answers = document.querySelectorAll('[data-testid="answer"]');
        const text = answers.length ? answers[answers.length - 1].textContent : '';
        if (text !== window.seen.at(-1)) window.seen.push(text);
    }).observe(document.body, {childList: true, subtree: true, characterData: true});
}"""
"""Notes each text that the last answer has had on the screen."""


async def node_of_page(team: TeamInProcesses) -> str:
    """The node that has the one page that is open."""
    async with asyncio.timeout(30):
        while True:
            for name in team.nodes:
                if await asyncio.to_thread(team.viewers, name) == 1:
                    return name


async def signed_in(browser: Browser, user: str) -> ChatPage:
    """A page of somebody who has signed in."""
    credentials: Mapping[str, str] = {'username': user, 'password': PASSWORDS[user]}
    context = await browser.new_context(http_credentials=credentials)  # pyright: ignore[reportArgumentType]
    context.set_default_timeout(30_000)
    return ChatPage(await context.new_page())


async def test_an_answer_outlives_the_nodes(
    team: TeamInProcesses, provider: Provider, browser: Browser
) -> None:
    """A page whose node is killed comes back at another; what a killed node was saying stays, marked."""
    chat = await signed_in(browser, 'anna')
    page = chat.page
    await chat.open(team.url)
    here = await node_of_page(team)
    owner, third = [name for name in team.nodes if name != here]
    gates = [Gate(), Gate()]
    provider.reply(Reply(pieces=['One ', 'two ', 'three.'], gates=dict(enumerate(gates, start=1))))
    asking = asyncio.create_task(asyncio.to_thread(team.ask, owner, '/chat/', data={'prompt': 'count'}))
    await gates[0].reached.wait()
    await chat.open(f'{team.url}/c/{DEFAULT_CONVERSATION_ID}')
    answer = chat.turns('assistant').last
    await expect(answer).to_contain_text('One')

    team.nodes[here].kill()
    gates[0].release()
    await expect(answer).to_contain_text('One two')
    await expect(chat.stop).to_be_visible()
    del team.nodes[here]
    gates[1].release()
    await expect(answer).to_contain_text('One two three.')
    assert 'three.' in await asking
    assert len(provider.requests) == 1
