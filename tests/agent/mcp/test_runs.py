"""Runs with tools of MCP servers, over real HTTP: whatever a server does, the run ends by itself."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic_ai import BinaryImage, ToolReturnPart

from chat.agent.mcp.run_tools import exposed_name
from chat.agent.mcp.servers import McpServers
from chat.agent_config import Asking
from chat.conversation.content.messages import MISSING_TOOLS_KEY
from chat.conversation.conversation_registry import ConversationRegistry
from chat.conversation.live_conversation import LiveConversation
from tests.support.http_models import make_registry
from tests.support.mcp_servers import SMALL, make_servers, open_servers, ready, small, until
from tests.support.provider import Provider
from tests.support.replies import Reply, ToolCall
from tests.support.scripted import MemoryStore, wait_until_answered


@pytest.fixture
def provider() -> Iterator[Provider]:
    with Provider() as provider:
        yield provider


def calling(*tools: str, arguments: str = '{"text": "hello"}') -> Reply:
    calls = [ToolCall(name=tool, arguments=arguments, id=f'call-{place}') for place, tool in enumerate(tools)]
    return Reply(calls=calls)


def ask(provider: Provider, servers: McpServers, *replies: Reply) -> LiveConversation:
    """A chat in which a question is being answered so."""
    provider.reply(*replies)
    live = make_registry(provider.url, tools_for=servers.tools_for).new()
    live.send('Do it.')
    return live


async def answered(provider: Provider, servers: McpServers, *replies: Reply) -> LiveConversation:
    live = ask(provider, servers, *replies)
    await wait_until_answered(live)
    return live


def results(live: LiveConversation) -> list[tuple[object, str]]:
    """What each call has returned, and whether that was well."""
    parts = [part for message in live.turns[-1].answer for part in message.parts]
    return [(part.content, part.outcome) for part in parts if isinstance(part, ToolReturnPart)]


def offered(provider: Provider) -> list[str]:
    """The tools that the model was told of last."""
    return [tool['function']['name'] for tool in provider.requests[-1].get('tools', [])]


DONE = Reply(pieces=['Done.'])


async def test_a_tool_of_a_server_is_called(provider: Provider) -> None:
    async with open_servers(small()) as servers:
        await ready(servers)
        live = await answered(provider, servers, calling('small_echo', 'small_picture'), DONE)
        (echo, _), (picture, _) = results(live)
        assert echo == 'hello!'
        assert isinstance(picture, list)
        assert isinstance(picture[1], BinaryImage)
        assert live.turns[-1].text == 'Done.'
        assert 'small_echo' in offered(provider)


async def test_a_prompt_waits_for_no_server_and_says_which_was_missing(provider: Provider) -> None:
    async with open_servers(small('mute', 'mute'), small()) as servers:
        await ready(servers)
        live = await answered(provider, servers, DONE)
        assert live.turns[-1].asked_without(MISSING_TOOLS_KEY) == ['mute']
        assert {name.partition('_')[0] for name in offered(provider)} == {'small'}
    before = make_servers(small())
    assert (await answered(provider, before, DONE)).turns[-1].asked_without(MISSING_TOOLS_KEY) == ['small']


@pytest.mark.parametrize('tool', ['small_fail', 'small_refuse'])
async def test_a_tool_that_fails_three_times_ends_no_run(provider: Provider, tool: str) -> None:
    async with open_servers(small()) as servers:
        await ready(servers)
        live = await answered(provider, servers, *[calling(tool)] * 3, DONE)
        assert [outcome for _, outcome in results(live)] == ['failed'] * 3
        assert (live.turns[-1].text, live.turns[-1].state) == ('Done.', 'done')


async def test_a_death_in_a_call_ends_the_call_and_not_the_run(provider: Provider) -> None:
    """The next run has the server again."""
    async with open_servers(small()) as servers:
        server = await ready(servers)
        before = server.connection
        live = await answered(provider, servers, calling('small_hang', 'small_die'), DONE)
        assert [outcome for _, outcome in results(live)] == ['failed', 'failed']
        assert live.turns[-1].state == 'done'
        await until(servers, lambda: server.connection not in (None, before))  # its death is noticed later
        assert results(await answered(provider, servers, calling('small_echo'), DONE)) == [
            ('hello!', 'success')
        ]


async def test_stopping_a_run_closes_its_form(provider: Provider) -> None:
    async with open_servers(small()) as servers:
        await ready(servers)
        live = ask(provider, servers, calling('small_ask'))
        await until(servers, lambda: servers.board.of(live.id))
        await live.stop()
        assert servers.board.of(live.id) == []
        assert live.turns[-1].state == 'stopped'


async def test_what_a_person_enters_reaches_the_model(provider: Provider) -> None:
    async with open_servers(small()) as servers:
        await ready(servers)
        live = ask(provider, servers, calling('small_ask'), DONE)
        await until(servers, lambda: servers.board.of(live.id))
        (question,) = servers.board.of(live.id)
        servers.board.accept(question.id, {'name': 'Ada'})
        await wait_until_answered(live)
        assert results(live) == [({'action': 'accept', 'content': {'name': 'Ada'}}, 'success')]


async def test_two_chats_at_one_server_and_one_form(provider: Provider) -> None:
    """The other chat, whose call is not under way at that moment, shows none."""
    async with open_servers(small()) as servers:
        await ready(servers)
        asking = ask(provider, servers, calling('small_ask'), DONE)
        await until(servers, lambda: servers.board.of(asking.id))
        other = await answered(provider, servers, calling('small_echo'), DONE)
        assert (len(servers.board.of(asking.id)), servers.board.of(other.id)) == (1, [])
        await asking.stop()


async def test_a_tool_that_is_switched_off_is_not_offered(provider: Provider) -> None:
    async with open_servers(small()) as servers:
        server = await ready(servers)
        await servers.switch('small', 'echo', is_on=False)
        await answered(provider, servers, DONE)
        assert 'small_echo' not in offered(provider)
        assert not servers.is_on(server, 'echo')
        await servers.switch('small', 'echo', is_on=True)
        await answered(provider, servers, DONE)
        assert 'small_echo' in offered(provider)


async def test_new_tools_count_from_the_next_run(provider: Provider) -> None:
    async with open_servers(small()) as servers:
        server = await ready(servers)
        await answered(provider, servers, calling('small_grow'), DONE)
        assert 'small_grown' not in offered(provider)
        await until(servers, lambda: 'grown' in {tool.name for tool in server.tools})
        await answered(provider, servers, DONE)
        assert 'small_grown' in offered(provider)


async def test_a_tool_runs_unasked_only_if_it_is_allowed(provider: Provider) -> None:
    """By its file or by a person; in the run of a guest each asks."""
    asked: list[tuple[str, str]] = []

    def needs_approval(server: str, tool: str) -> bool:
        asked.append((server, tool))
        return tool != 'numbers'

    entry = small(always_allow=frozenset({'echo'}))
    async with open_servers(entry, needs_approval=needs_approval) as servers:
        await ready(servers)
        live = await answered(provider, servers, calling('small_echo', 'small_numbers'), DONE)
        assert [outcome for _, outcome in results(live)] == ['success', 'success']
        assert asked == [('small', 'numbers')]
        (tools,) = servers.tools_for(Asking(user='Ann', conversation_id='c', is_guest=True)).toolsets
        assert tools.id == 'mcp:small'
        provider.reply(calling('small_echo'))
        registry = make_registry(provider.url, tools_for=servers.tools_for)
        guests = registry.new()
        guests.send('Do it.', by='Ann')
        await wait_until_answered(guests)
        assert results(guests) == []


async def test_two_stops_at_once_harm_nobody(provider: Provider) -> None:
    async with open_servers(small()) as servers:
        server = await ready(servers)
        lives = [ask(provider, servers, calling('small_hang')) for _ in range(2)]
        await until(servers, lambda: len(server.calls) == 2)
        await asyncio.gather(*(live.stop() for live in lives))
        assert (server.state, len(server.calls)) == ('ready', 0)


def test_names_are_such_as_providers_take() -> None:
    assert exposed_name('files', 'read') == 'files_read'
    assert exposed_name('files', 'read/all').startswith('files_read_all_')
    long, longer = exposed_name('files', 'x' * 80), exposed_name('files', 'x' * 81)
    assert len(long) == len(longer) == 64
    assert long != longer


async def test_a_call_that_was_approved_waits_for_its_server(provider: Provider, tmp_path: Path) -> None:
    """A decision may come right after a restart, before the server is there, or after it has failed."""
    store = MemoryStore()
    program = tmp_path / 'small.py'
    program.symlink_to(SMALL)
    entry = small(always_allow=frozenset(), args=(str(program),))
    async with open_servers(entry) as servers:
        await ready(servers)
        provider.reply(calling('small_echo'), calling('small_echo'))
        registry = make_registry(provider.url, store=store, tools_for=servers.tools_for)
        chats = [registry.new(), registry.new()]
        for live in chats:
            live.send('Do it.')
            await wait_until_answered(live)
            assert live.turns[-1].state == 'needs-approval'
        await registry.close()
    provider.reply(DONE, DONE)
    program.unlink()
    async with open_servers(entry) as again:
        await until(again, lambda: again.servers[0].state == 'failed')
        program.symlink_to(SMALL)
        registry = make_registry(provider.url, store=store, tools_for=again.tools_for)
        assert await result_of_approval(registry, chats[0]) == [('hello!', 'success')]
    async with open_servers(entry) as again:
        assert again.servers[0].state == 'connecting'
        registry = make_registry(provider.url, store=store, tools_for=again.tools_for)
        assert await result_of_approval(registry, chats[1]) == [('hello!', 'success')]


async def result_of_approval(
    registry: ConversationRegistry, live: LiveConversation
) -> list[tuple[object, str]]:
    """What a waiting call returns that is approved now."""
    reopened = await registry.open(live.id)
    await reopened.decisions.approve(reopened.turns[-1].id, 'call-0', by='Host')
    await wait_until_answered(reopened)
    return results(reopened)
