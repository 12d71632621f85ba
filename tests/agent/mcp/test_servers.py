"""Servers of tools: connected, used, ended and connected again."""

import asyncio
import json
import os
import signal
import sys
from pathlib import Path

import pytest
from pydantic import SecretStr
from pydantic_ai import BinaryImage
from pydantic_ai.exceptions import ToolFailed

from chat.agent.api_keys import ApiKeys
from chat.agent.mcp.connection import open_connection
from chat.agent.mcp.connection_protocol import Listeners
from chat.agent.mcp.elicitation import CANCELLED, Answer, Request
from chat.agent.mcp.entries import ServerEntry, StoredServer
from chat.agent.mcp.run_tools import free_prefix
from chat.agent.mcp.server import McpServer
from chat.agent.mcp.servers_file import read_servers_file
from chat.agent_config import Asking
from chat.errors import ServerRefused
from tests.support.mcp_servers import (
    SMALL,
    clock_of_the_call,
    make_servers,
    open_servers,
    opened,
    ready,
    small,
    until,
)
from tests.support.memory_storage import MemoryApiKeys
from tests.support.profile import sized
from tests.support.timeouts import WAIT_TIMEOUT

ADDRESS = 'http://127.0.0.1:9/mcp'
ENDED = 'The server “small” ended before it answered; whether it did what was asked is not known.'


async def test_a_server_is_connected_and_its_tools_are_called() -> None:
    """Those that can only be called as tasks are left out."""
    async with open_servers(small()) as servers:
        server = await ready(servers)
        assert server.seconds is not None
        assert 'echo' in {tool.name for tool in server.tools}
        assert 'slow' not in {tool.name for tool in server.tools}
        assert await server.call('echo', {'text': 'hello'}, 'c') == 'hello!'
        assert await server.call('numbers', {}, 'c') == {'ones': [1, 1], 'two': 2}
        caption, picture = await server.call('picture', {}, 'c')
        assert (caption, isinstance(picture, BinaryImage)) == ('A dot:', True)
        assert len(await server.call('large', {'text': '3000000'}, 'c')) == 3_000_000


async def test_an_approved_call_waits_for_its_own_server_only() -> None:
    async with open_servers(small(), small('mute', 'mute')) as servers:
        await ready(servers)
        await servers.settled(['small_echo'])
        waiting = asyncio.create_task(servers.settled(['mute_echo']))
        await asyncio.wait({waiting}, timeout=0.1)
        assert not waiting.done()
        waiting.cancel()


async def test_files_are_read_again(tmp_path: Path) -> None:
    """Servers that are gone end, others begin, and the same ones stay; a broken file changes nothing."""
    path = tmp_path / 'mcp.json'

    def write(**more: object) -> None:
        same = {'command': sys.executable, 'args': [SMALL]}
        path.write_text(json.dumps({'mcpServers': {'same': same, **more}}))

    write(gone={'url': ADDRESS}, other={'url': ADDRESS})
    added = StoredServer(name='mine', url=ADDRESS)
    servers = make_servers(files=[read_servers_file(path, {}, is_optional=True)], stored=[added])
    async with opened(servers):
        same = await ready(servers, 'same')
        connection = same.connection
        path.write_text('{')
        await servers.reread()
        assert [server.name for server in servers.servers] == ['same', 'gone', 'other', 'mine']
        assert 'is no JSON' in servers.trouble
        write(new={'command': sys.executable, 'args': [SMALL]}, Other={'disabled': True, 'url': ADDRESS})
        await servers.reread()
        assert servers.trouble == ''
        assert [server.name for server in servers.servers] == ['same', 'new', 'Other', 'mine']
        await until(servers, lambda: servers.servers[1].state == 'ready')
        assert servers.servers[0] is same
        assert (same.state, same.connection is connection) == ('ready', True)
        assert servers.servers[2].state == 'off'
        write(mine={'url': f'{ADDRESS}/2'})
        await servers.reread()
        assert [(server.name, server.entry.is_added) for server in servers.servers] == [
            ('same', False),
            ('mine', False),
        ]
        write()
        await servers.reread()
        assert [(server.name, server.entry.is_added) for server in servers.servers] == [
            ('same', False),
            ('mine', True),
        ]


async def test_one_that_comes_before_another_with_the_files_gets_a_prefix_of_its_own(tmp_path: Path) -> None:
    """Else both would be refused, or what was allowed of the one would hold for the other."""
    path = tmp_path / 'mcp.json'
    off = {'disabled': True, 'url': ADDRESS}
    path.write_text(json.dumps({'mcpServers': {'my server': off}}))
    servers = make_servers(files=[read_servers_file(path, {}, is_optional=True)])
    async with opened(servers):
        [kept] = servers.servers
        path.write_text(json.dumps({'mcpServers': {'my.server': off, 'my server': off}}))
        await servers.reread()
        assert servers.servers[1] is kept
        assert len({server.prefix for server in servers.servers}) == 2


@pytest.mark.parametrize(('tool', 'reason'), [('fail', 'It failed. so'), ('refuse', 'No such argument.')])
async def test_what_a_server_says_of_a_failure_is_told(tool: str, reason: str) -> None:
    async with open_servers(small()) as servers:
        server = await ready(servers)
        with pytest.raises(ToolFailed, match=f'^{reason}$'):
            await server.call(tool, {'text': 'so'}, 'c')
        assert await server.call('echo', {'text': 'here'}, 'c') == 'here!'


async def test_none_waits_for_another(tmp_path: Path) -> None:
    """One that is mute, one that is missing and one that exits harm nobody, nor hold up the end."""
    missing = ServerEntry(name='missing', kind='command', command=str(tmp_path / 'nothing'))
    entries = [
        small(),
        small('mute', 'mute'),
        small('exits', 'exits'),
        missing,
        small('off', is_disabled=True),
    ]
    async with asyncio.timeout(WAIT_TIMEOUT), open_servers(*entries, connect_timeout=3600) as servers:
        await ready(servers)
        by_name = {server.name: server for server in servers.servers}
        await until(servers, lambda: by_name['exits'].state == by_name['missing'].state == 'failed')
        assert by_name['mute'].state == 'connecting'
        assert by_name['exits'].trouble == 'It ended before it was ready. It says: no licence'
        command = tmp_path / 'nothing'
        assert (
            by_name['missing'].trouble == f'The command “{command}” cannot be run: No such file or directory.'
        )
        assert (by_name['off'].state, by_name['off'].trouble) == ('off', '')


async def test_a_mute_server_is_given_up_and_can_be_connected_again() -> None:
    async with open_servers(small('mute', 'mute'), connect_timeout=0.3) as servers:
        (server,) = servers.servers
        await until(servers, lambda: server.state == 'failed')
        assert server.trouble == 'It did not answer within 0.3 seconds.'
        servers.reconnect('mute')
        await until(servers, lambda: server.state == 'connecting')


async def test_a_death_in_two_calls_ends_both_and_connects_once(tmp_path: Path) -> None:
    starts = tmp_path / 'starts'
    async with open_servers(small(env={'STARTS': str(starts)})) as servers:
        server = await ready(servers)
        hanging = asyncio.create_task(server.call('hang', {}, 'c'))
        await until(servers, lambda: any('hanging' in line for line in server.lines))
        ends = await asyncio.gather(hanging, server.call('die', {}, 'c'), return_exceptions=True)
        assert [str(end) for end in ends] == [ENDED, ENDED]
        await until(servers, lambda: server.state != 'ready')
        await ready(servers)
        assert await server.call('echo', {'text': 'back'}, 'c') == 'back!'
        assert starts.read_text().split() == ['started', 'started']


async def test_a_death_between_calls_is_noticed(tmp_path: Path) -> None:
    """By the end of its error output: neither the library nor the toolset says so."""
    starts = tmp_path / 'starts'
    async with open_servers(small(env={'STARTS': str(starts)})) as servers:
        server = await ready(servers)
        os.kill(int(await server.call('pid', {}, 'c')), signal.SIGKILL)
        await until(servers, lambda: server.state == 'connecting')
        await ready(servers)
        assert len(starts.read_text().split()) == 2


async def test_one_that_ends_again_and_again_waits_for_a_person(tmp_path: Path) -> None:
    starts = tmp_path / 'starts'
    async with open_servers(small(env={'STARTS': str(starts)})) as servers:
        server = await ready(servers)
        server.short_life = WAIT_TIMEOUT
        for _ in range(3):
            await ready(servers)
            with pytest.raises(ToolFailed):
                await server.call('die', {}, 'c')
            await until(servers, lambda: server.state != 'ready')
        await until(servers, lambda: server.state == 'failed')
        assert server.trouble == 'It ended several times, each time soon after it was started.'
        assert len(starts.read_text().split()) == 3
        with pytest.raises(ToolFailed, match=r'is not connected\. It ended several times'):
            await server.call('echo', {}, 'c')
        servers.reconnect('small')
        await ready(servers)


async def test_a_call_has_the_time_of_its_entry() -> None:
    """The server is told that nobody waits any more, and goes on."""
    async with open_servers(small(timeout=WAIT_TIMEOUT)) as servers:
        server = await ready(servers)
        call = asyncio.create_task(server.call('hang', {}, 'c'))
        await until(servers, lambda: any('hanging' in line for line in server.lines))
        clock, now = clock_of_the_call(server), asyncio.get_running_loop().time()
        assert 0 < (clock.when() or 0) - now < WAIT_TIMEOUT
        clock.reschedule(now)
        with pytest.raises(ToolFailed, match=r'^“small” did not answer within 60 seconds\.$'):
            await call
        await until(servers, lambda: any('cancelled' in line for line in server.lines))
        assert server.state == 'ready'
        assert await server.call('echo', {'text': 'on'}, 'c') == 'on!'


async def test_new_tools_of_a_server_are_seen() -> None:
    async with open_servers(small()) as servers:
        server = await ready(servers)
        assert await server.call('grow', {}, 'c') == 'grown'
        await until(servers, lambda: 'grown' in {tool.name for tool in server.tools})


async def test_one_that_never_lists_its_new_tools_is_connected_anew() -> None:
    async with open_servers(small(mood='lists-once')) as servers:
        server = await ready(servers)
        server.connect_timeout = 0.3
        await server.call('grow', {}, 'c')
        await until(servers, lambda: server.state == 'connecting')
        server.connect_timeout = WAIT_TIMEOUT
        await ready(servers)
        assert await server.call('echo', {'text': 'back'}, 'c') == 'back!'


async def until_said(server: McpServer, *lines: str) -> None:
    """Wait for lines that come by two ways, in any order; those of one alone could push out the others."""
    async with asyncio.timeout(WAIT_TIMEOUT):
        while not {*lines} <= {*server.lines}:  # noqa: ASYNC110  # the servers tell of some together
            await asyncio.sleep(0.001)


async def test_what_a_server_says_stays_with_it(
    capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    """The last lines of its log and its error output; nothing of them in our terminal."""
    async with open_servers(small(), small('noisy', 'noisy')) as servers:
        server, noisy = await ready(servers), await ready(servers, 'noisy')
        for number in range(60):
            await server.call('chat', {'text': f'{number}'}, 'c')
            await until_said(server, f'error {number}', f'info: log {number}')
        assert len(server.lines) == 50
        await until(servers, lambda: noisy.lines)
    assert capfd.readouterr() == ('', '')
    assert caplog.text == ''


async def test_secrets_are_hidden_in_what_it_says_and_gives() -> None:
    """An ordinary path in `env` is none: a tool that names it must work."""
    env = {'API_TOKEN': 'abcdef-secret', 'ROOT': '/srv/files'}
    async with open_servers(small('noisy', 'noisy', env=env)) as servers:
        server = await ready(servers, 'noisy')
        await until(servers, lambda: server.lines)
        assert list(server.lines) == ['with token •••']
        assert await server.call('environ', {'text': 'API_TOKEN'}, 'c') == '•••'
        assert await server.call('environ', {'text': 'ROOT'}, 'c') == '/srv/files'
        with pytest.raises(ToolFailed, match=r'It failed\. •••'):
            await server.call('fail', {'text': 'abcdef-secret'}, 'c')


async def test_servers_of_the_page_are_stored_with_their_key_elsewhere() -> None:
    stored_keys = MemoryApiKeys()
    keys = ApiKeys({}, stored_keys)
    servers = make_servers(keys=keys)
    await servers.add('web', '127.0.0.1:9/mcp', SecretStr('key-123456'))
    (server,) = servers.servers
    assert (server.entry.url, server.entry.headers) == (
        'http://127.0.0.1:9/mcp',
        {'Authorization': 'Bearer key-123456'},
    )
    assert list(await stored_keys.read()) == ['mcp:web']
    async with opened(servers):
        await until(servers, lambda: server.state == 'failed')
        assert server.trouble == 'Nothing answers at its address. Is it running?'
        await servers.remove('WEB')
    assert (servers.servers, await stored_keys.read()) == ([], {})


@pytest.mark.parametrize(
    ('name', 'address', 'sentence'),
    [
        ('', 'http://host/mcp', 'A name consists of'),
        ('small', 'http://host/mcp', 'There is a server called “small” already.'),
        ('web', '', 'The server needs an address'),
        ('web', 'ftp://host', 'That is not a valid address.'),
        ('web', 'http://me:secret@host/mcp', 'must not contain a password'),
        ('web', 'npx -y files', 'That is not a valid address.'),
    ],
)
async def test_what_cannot_be_added(name: str, address: str, sentence: str) -> None:
    servers = make_servers(small())
    with pytest.raises(ServerRefused, match=sentence):
        await servers.add(name, address, None)
    assert len(servers.servers) == 1


async def test_a_server_of_a_file_is_not_removed() -> None:
    servers = make_servers(small())
    await servers.remove('small')
    assert len(servers.servers) == 1


async def test_closing_lets_each_server_end_by_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each does when its input does, and is not terminated."""
    monkeypatch.setattr('mcp.client.stdio.PROCESS_TERMINATION_TIMEOUT', WAIT_TIMEOUT)
    ends = tmp_path / 'ends'
    async with open_servers(
        *(small(f's{number}', env={'ENDS': str(ends)}) for number in range(5))
    ) as servers:
        for number in range(5):
            await ready(servers, f's{number}')
    assert ends.read_text().split() == ['ended'] * 5


def test_prefixes_are_such_as_providers_take() -> None:
    assert free_prefix('My files (local)', ()) == 'My_files_local'
    assert free_prefix('a b', {'a_b', 'a_b_2'}) == 'a_b_3'
    assert free_prefix('文件', ()) == 'server'


async def test_without_the_packages_each_server_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, 'fastmcp.client', None)
    monkeypatch.delitem(sys.modules, 'chat.agent.mcp.connection', raising=False)
    async with open_servers(small()) as servers:
        (server,) = servers.servers
        await until(servers, lambda: server.state == 'failed')
        assert server.trouble == 'MCP needs more packages. Install them with: pip install "parlour[mcp]"'


@pytest.mark.long
async def test_the_app_can_end_in_any_moment_of_a_death() -> None:
    """Also while the dead connection is being closed, which the library would let nobody break off."""
    for steps in range(0, 200, sized(30, 10)):
        async with asyncio.timeout(WAIT_TIMEOUT), open_servers(small()) as servers:
            server = await ready(servers)
            with pytest.raises(ToolFailed):
                await server.call('die', {}, 'c')
            for _ in range(steps):
                await asyncio.sleep(0)


@pytest.mark.long
async def test_a_question_whether_a_dead_server_is_there_can_be_broken_off() -> None:
    """In any moment: who asks ends, as the app does, and does not take it for an answer."""

    async def nobody(_: Request) -> Answer:
        return CANCELLED

    for steps in range(1, 9, sized(2, 1)):
        ended = asyncio.Event()
        listeners = Listeners(said=print, list_changed=print, suspect=ended.set, ask=nobody)
        async with open_connection(small(), listeners, WAIT_TIMEOUT) as connection:
            os.kill(int(await connection.call('pid', {})), signal.SIGKILL)
            await ended.wait()
            asking = asyncio.create_task(connection.is_alive())
            for _ in range(steps):
                await asyncio.sleep(0)
            if asking.cancel():
                await asyncio.wait({asking})
                assert asking.cancelled(), steps


async def test_a_server_that_has_failed_is_tried_again_when_somebody_asks(tmp_path: Path) -> None:
    """In the background, and not with each prompt."""
    asking, starts = Asking(user='Host', conversation_id='c'), tmp_path / 'starts'
    entry = small('exits', 'exits', env={'STARTS': str(starts)})
    async with open_servers(entry, retry_interval=0) as servers:
        (server,) = servers.servers
        await until(servers, lambda: server.state == 'failed')
        assert servers.tools_for(asking).toolsets == ()
        await until(servers, lambda: server.state == 'connecting')
        await until(servers, lambda: server.state == 'failed')
        assert len(starts.read_text().split()) == 2
    async with open_servers(entry, small('other', 'exits'), retry_interval=60) as servers:
        server, other = servers.servers
        await until(servers, lambda: server.state == other.state == 'failed')
        servers.tools_for(asking)
        servers.reconnect(other.name)
        await until(servers, lambda: other.state == 'connecting')
        await until(servers, lambda: other.state == 'failed')
        assert server.state == 'failed'
        assert len(starts.read_text().split()) == 3, 'it was tried again before the other one, and failed'


async def test_a_server_that_restarts_slowly_is_tried_again_a_few_times(tmp_path: Path) -> None:
    """By itself, as its state says; in the end a person has to say so."""
    entry = small('small', 'slow-restart', env={'STARTS': str(tmp_path / 'starts')})
    async with open_servers(entry) as servers:
        server = await ready(servers)
        server.reconnect_delays = (0.01, 60.0)
        with pytest.raises(ToolFailed):
            await server.call('die', {}, 'c')
        await until(servers, lambda: '60 seconds' in server.trouble)  # it was tried again once, after 0.01
        assert server.trouble.endswith('It says: no licence. Parlour tries again in 60 seconds.')
        servers.reconnect(server.name)
        await ready(servers)
        assert await server.call('echo', {'text': 'here'}, 'c') == 'here!'
        assert len((tmp_path / 'starts').read_text().split()) == 4
