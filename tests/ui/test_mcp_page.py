"""Servers of tools on the page of settings; and that no page can have a command run."""

import asyncio
import json
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from nicegui import Client
from nicegui.testing import User

from chat.agent.mcp.elicitation import Call, Request
from chat.agent.mcp.servers import McpServers
from chat.agent.mcp.servers_file import read_servers_file
from chat.conversation.content.chat_settings import PreferencesStore
from chat.conversation.content.waiting import AllowedTool
from chat.conversation.conversation_registry import ConversationRegistry
from chat.sharing.access import Guest, Owner, Visitor
from chat.storage import Storage
from chat.ui.settings.mcp_page import McpServerList
from tests.support.mcp_servers import open_servers, opened, small, until
from tests.support.scripted import wait_until_answered
from tests.ui.handlers import handled_to_the_end
from tests.ui.test_forged_events import listeners_of

ADDRESS = 'http://127.0.0.1:9/mcp'


@pytest.fixture(params=['owner', 'device', 'read', 'write'])
async def visitor(request: pytest.FixtureRequest, registry: ConversationRegistry) -> Visitor:
    """One of them, for whom there is a chat with an answer."""
    live = registry.new()
    live.send('Hello?')
    await wait_until_answered(live)
    if request.param in ('owner', 'device'):
        return Owner(is_remote=request.param == 'device')
    return Guest(conversation_id=live.id, permission=request.param, name='Ann', session_id='ann')


def forgeries(mark: Path) -> list[list[object]]:
    """What somebody may send who wants a program to be run, which would leave a mark."""
    program = [sys.executable, '-c', f'open({str(mark)!r}, "w")']
    entry: dict[str, object] = {'command': program[0], 'args': program[1:], 'env': {}, 'type': 'stdio'}
    form = {'serial': 1, 'name': 'evil', 'address': ADDRESS, 'key': ''}
    return [
        [{**form, **entry}],
        [{**form, 'name': 'worse', 'address': ' '.join(program), **entry}],
        [{**form, 'name': 'worst', 'address': f'stdio://{mark}', **entry, 'kind': 'command'}],
        [{'mcpServers': {'evil': entry}}],
        [entry],
        ['evil', entry],
        ['evil', json.dumps(entry), True],
        [' '.join(program)],
    ]


async def test_no_page_can_have_a_command_run(
    person: User, mcp_servers: McpServers, storage: Storage, visitor: Visitor, tmp_path: Path
) -> None:
    """All of it is sent to every handler of every page; at most a server with an address is added."""
    (summary,) = storage.catalog.summaries
    mark = tmp_path / 'mark'
    async with opened(mcp_servers):
        for address in ('/', '/settings', f'/c/{summary.conversation_id}', '/settings/mcp'):
            await person.open(address)
            assert person.client
            async with handled_to_the_end():
                send_all(person.client, forgeries(mark))
            expects_one = isinstance(visitor, Owner) and address == '/settings/mcp'
            if expects_one:
                await until(
                    mcp_servers, lambda: [server.state for server in mcp_servers.servers] == ['failed']
                )
            added = [(server.name, server.entry.kind, server.entry.url) for server in mcp_servers.servers]
            assert added == ([('evil', 'http', ADDRESS)] if expects_one else []), address
            assert [server.entry.command for server in mcp_servers.servers if server.entry.command] == []
            assert not mark.exists()


def send_all(client: Client, forgeries: list[list[object]]) -> None:
    """Send each of them to every listener of a page."""
    for element_id, listener_id in list(listeners_of(client)):
        for args in forgeries:
            message = {
                'id': element_id,
                'listener_id': listener_id,
                'args': [json.dumps(one) for one in args],
            }
            client.handle_event(message)  # pyright: ignore[reportUnknownMemberType]  # it has no types


async def test_the_program_would_be_noticed(tmp_path: Path) -> None:
    """In a file it is run."""
    mark = tmp_path / 'mark'
    async with open_servers(small(args=('-c', f'open({str(mark)!r}, "w")'))) as servers:
        await until(servers, lambda: servers.servers[0].state == 'failed')
        assert mark.exists()


@pytest.mark.parametrize('visitor', ['owner', 'device', 'read', 'write'], indirect=True)
async def test_only_the_owner_is_asked_what_a_server_wants_to_know(
    person: User, mcp_servers: McpServers, storage: Storage, visitor: Visitor
) -> None:
    (summary,) = storage.catalog.summaries
    call = Call(summary.conversation_id)
    question = Request(text='What is your PIN?', schema={'type': 'object', 'properties': {}})
    asking = asyncio.create_task(mcp_servers.board.ask('bank', [call], question))
    await person.open(f'/c/{summary.conversation_id}')
    await person.should_see('Hello?')
    if isinstance(visitor, Owner):
        await person.should_see('What is your PIN?')
    else:
        await person.should_not_see('What is your PIN?')
    mcp_servers.board.end_call(call)
    assert await asking == ('cancel', None)
    await person.should_not_see('What is your PIN?')


@pytest.mark.parametrize('visitor', ['owner'], indirect=True)
async def test_another_server_of_the_same_name_asks_again(
    person: User, mcp_servers: McpServers, preferences: PreferencesStore, tmp_path: Path
) -> None:
    """What a person allows holds for the server that was there, wherever that is removed or changed."""
    path = tmp_path / 'mcp.json'

    def write(**more: object) -> None:
        entries = {name: {'url': f'{ADDRESS}/{name}', 'disabled': True} for name in ('mail_2', 'same')}
        path.write_text(json.dumps({'mcpServers': {**entries, **more}}))

    write(files={'command': 'x'}, gone={'command': 'y'}, same={'url': ADDRESS})
    mcp_servers.files = [read_servers_file(path, {}, is_optional=True)]
    await mcp_servers.reread()
    await mcp_servers.add('mail', ADDRESS, None)
    names = ['mail_send', 'mail_2_send', 'files_read', 'gone_read', 'same_read', 'remove']
    allowed = {name: AllowedTool(agent='', tool=name) for name in names}
    await preferences.update(lambda now: replace(now, allowed_tools=tuple(allowed.values())))
    await person.open('/settings/mcp')
    async with handled_to_the_end():
        person.find(kind=McpServerList).trigger('remove', 'mail')
    del allowed['mail_send']
    assert preferences.current.allowed_tools == tuple(allowed.values())
    write(files={'command': 'z'}, same={'url': ADDRESS, 'timeout': 7})
    async with handled_to_the_end():
        person.find('Read again').trigger('click')
    del allowed['files_read'], allowed['gone_read']
    assert preferences.current.allowed_tools == tuple(allowed.values())
