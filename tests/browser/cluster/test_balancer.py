"""What people see of a team while its nodes die and are updated: through nginx, HAProxy and three nodes."""

import asyncio
import json
from itertools import pairwise
from urllib.parse import urlsplit

import httpx2
import pytest
from playwright.async_api import Browser, expect

from chat.server.api import DEFAULT_CONVERSATION_ID
from tests.browser.conftest import EXPECT_TIMEOUT
from tests.support.chat_page import ChatPage
from tests.support.gates import Gate
from tests.support.provider import Provider
from tests.support.replies import Reply
from tests.support.team_in_processes import PASSWORDS, TeamInProcesses, authorization
from tests.support.timeouts import WAIT_TIMEOUT

WATCH_WORDS = """() => {
    window.seen = [''];
    const look = () => {
        const answer = [...document.querySelectorAll('[data-role="assistant"] .prose')].at(-1);
        const words = answer?.textContent ?? '';
        if (words !== window.seen.at(-1)) window.seen.push(words);
    };
    look();
    new MutationObserver(look).observe(document.body, {childList: true, subtree: true, characterData: true});
}"""
"""Notes all that the last answer has said on the screen."""


def held(*pieces: str) -> tuple[Reply, list[Gate]]:
    """An answer that is held after each piece but the last."""
    gates = [Gate() for _ in pieces[1:]]
    return Reply(pieces=pieces, gates=dict(enumerate(gates, start=1))), gates


async def signed_in(browser: Browser, user: str) -> ChatPage:
    """A page of somebody who has signed in."""
    context = await browser.new_context(http_credentials={'username': user, 'password': PASSWORDS[user]})
    context.set_default_timeout(EXPECT_TIMEOUT)
    return ChatPage(await context.new_page())


async def node_of_page(team: TeamInProcesses) -> str:
    """The node that has the one page that is open."""
    async with asyncio.timeout(WAIT_TIMEOUT):
        while True:
            for name in team.nodes:
                if await asyncio.to_thread(team.viewers, name):
                    return name


async def without_pages(team: TeamInProcesses) -> None:
    """Wait until all nodes know that the pages before are closed."""
    async with asyncio.timeout(WAIT_TIMEOUT):
        for name in team.nodes:
            while await asyncio.to_thread(team.viewers, name):  # noqa: ASYNC110  # nobody tells
                await asyncio.sleep(0.1)


async def ask(team: TeamInProcesses, node: str, prompt: str, *, user: str) -> str:
    """What a program is answered by one node, in the chat that is for programs; nothing if it dies."""
    return await asyncio.to_thread(team.ask, node, '/chat/', user=user, data={'prompt': prompt})


@pytest.mark.timeout(360)  # three nodes and two front servers are started, six times, on a busy machine too
async def test_people_of_a_team_whose_nodes_are_updated_and_killed(
    team: TeamInProcesses, provider: Provider, browser: Browser
) -> None:
    await let_in_two_people(team, provider, browser)
    await kill_nodes(team, provider, browser)


async def let_in_two_people(team: TeamInProcesses, provider: Provider, browser: Browser) -> None:
    """None comes in without a password, nothing of one is there for the other, and updates lose nothing."""
    async with httpx2.AsyncClient(base_url=team.url, trust_env=False, timeout=WAIT_TIMEOUT) as nobody:
        for path in ('/', '/chat/', '/_nicegui_ws/socket.io/', '/healthz'):
            assert (await nobody.get(path)).status_code == 401
    anna, bert = await signed_in(browser, 'anna'), await signed_in(browser, 'bert')
    for chat, user in ((anna, 'anna'), (bert, 'bert')):
        await chat.open(team.url)
        provider.reply(Reply(pieces=['Hello ', f'to {user}.']))
        await chat.send(f'What {user} asks')
        await expect(chat.answers.last).to_contain_text(f'Hello to {user}.')
        await expect(chat.links).to_have_count(1)
    [cookie] = await bert.page.context.cookies()
    assert cookie.get('name') == 'NODE'
    path = urlsplit(anna.page.url).path
    conversation = path.removeprefix('/c/')
    client = httpx2.AsyncClient(
        base_url=team.url, headers=authorization('bert'), trust_env=False, timeout=WAIT_TIMEOUT
    )
    async with client:
        assert 'What bert asks' not in (await client.get('/chat/')).text
        for address in (path, f'/chat/?conversation={conversation}', '/metrics'):
            assert (await client.get(address)).status_code == 404
    await bert.page.goto(team.url + path)
    await expect(bert.page.get_by_text('Chat not found.')).to_be_visible()
    assert 'What anna asks' not in await bert.page.content()
    written = [json.loads(line) for node in team.nodes.values() for line in node.stderr.lines]
    assert len({line['node'] for line in written}) == len(team.nodes)
    assert not any(word in str(written) for word in ('anna', 'bert', *PASSWORDS.values()))
    for name in team.nodes:
        assert not any(word in team.ask(name, '/metrics') for word in ('anna', 'bert', conversation))
    await bert.page.context.close()
    await update_all_nodes(team, provider, anna)
    await anna.page.context.close()


async def update_all_nodes(team: TeamInProcesses, provider: Provider, chat: ChatPage) -> None:
    """Each node is stopped while it answers, and started: no answer is less than whole, or asked twice.

    The page is never without what was said, and keeps what stands in its box.
    """
    await chat.composer.fill('What I was writing')
    await chat.wait_until_saved()
    requests, asked = len(provider.requests), list[asyncio.Task[str]]()
    for name in 'abc':
        reply, [gate] = held(f'Node {name} says ', 'all of it.')
        provider.reply(reply)
        asked.append(asyncio.create_task(ask(team, name, f'Question to {name}', user='anna')))
        await gate.reached.wait()
        stopping = asyncio.create_task(asyncio.to_thread(team.stop, name))
        async with asyncio.timeout(WAIT_TIMEOUT):
            while await asyncio.to_thread(team.ask, name, '/ready') != 'leaving':
                pass
        gate.release()
        await stopping
        await asyncio.to_thread(team.start_again, name)
    assert all('all of it.' in said for said in await asyncio.gather(*asked))
    await node_of_page(team)  # where it has come back to
    await expect(chat.composer).to_have_value('What I was writing')
    await chat.page.get_by_role('link', name='API').click()
    for number, name in enumerate('abc'):
        await expect(chat.turns('assistant').nth(number)).to_contain_text(f'Node {name} says all of it.')
    await expect(chat.page.get_by_test_id('continue')).to_have_count(0)
    assert len(provider.requests) == requests + 3


async def kill_nodes(team: TeamInProcesses, provider: Provider, browser: Browser) -> None:
    """A page whose node is killed comes back at another; what a killed node was saying stays, marked."""
    requests = len(provider.requests)
    await without_pages(team)
    chat = await signed_in(browser, 'carla')
    await chat.open(team.url)
    viewing = await node_of_page(team)
    answering, _ = (name for name in team.nodes if name != viewing)
    reply, gates = held('One ', 'two ', 'three.')
    provider.reply(reply)
    asking = asyncio.create_task(ask(team, answering, 'count', user='carla'))
    await gates[0].reached.wait()
    await chat.open(f'{team.url}/c/{DEFAULT_CONVERSATION_ID}')
    answer = chat.turns('assistant').last
    await expect(answer).to_contain_text('One')

    team.kill(viewing)
    gates[0].release()
    await expect(answer).to_contain_text('One two')
    await expect(chat.stop).to_be_visible()
    gates[1].release()
    await expect(answer).to_contain_text('One two three.')
    assert 'three.' in await asking

    viewing = await node_of_page(team)
    [answering] = (name for name in team.nodes if name != viewing)
    reply, gates = held('Four ', 'five.')
    provider.reply(reply, Reply(pieces=['And the rest.']))
    asking = asyncio.create_task(ask(team, answering, 'go on', user='carla'))
    await expect(chat.turns('assistant')).to_have_count(2)
    await expect(answer).to_contain_text('Four')
    runs = [team.figures(name)['parlour_runs'] for name in (answering, viewing)]
    assert runs == ['1.0', '0.0']  # of the page's node it is none of its own
    await chat.page.evaluate(WATCH_WORDS)
    team.kill(answering)
    go_on = chat.page.get_by_test_id('continue')
    await expect(go_on).to_be_visible()
    await expect(answer).to_contain_text('Four')
    assert await asking == ''
    await go_on.click()
    await expect(answer).to_contain_text('And the rest.')
    seen: list[str] = await chat.page.evaluate('window.seen')
    assert all(later.startswith(earlier.strip()) for earlier, later in pairwise(seen)), seen
    assert len(provider.requests) == requests + 3
