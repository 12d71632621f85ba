"""The file with servers of tools: what is taken from it, and what is said of the rest."""

import json
import logging
from pathlib import Path
from typing import Any

import pytest

from chat.agent.mcp.entries import ServerEntry
from chat.agent.mcp.servers_file import ServersFile, read_servers_file
from chat.errors import StartFailed

TOKEN = 'tok-51f0c2a9'

NO_ADDRESS = 'That is not a valid address. Enter one like https://example.com/mcp.'


def read(
    folder: Path, servers: object, environment: dict[str, str] | None = None, *, is_optional: bool = True
) -> ServersFile:
    path = folder / 'mcp.json'
    path.write_text(servers if isinstance(servers, str) else json.dumps({'mcpServers': servers}))
    return read_servers_file(path, environment or {}, is_optional=is_optional)


def only(folder: Path, entry: object, **environment: str) -> ServerEntry:
    (found,) = read(folder, {'files': entry}, environment).entries
    return found


def test_an_entry_with_all_that_it_may_have(tmp_path: Path) -> None:
    written = {
        'command': 'npx',
        'args': ['-y', 'files', 8080],
        'env': {'TOKEN': '${TOKEN}', 'DEBUG': True},
        'cwd': '${HOME:-/srv}',
        'timeout': 20,
        'alwaysAllow': ['read'],
        'disabled': True,
    }
    entry = only(tmp_path, written, TOKEN=TOKEN)
    assert (entry.kind, entry.command, entry.args, entry.cwd) == (
        'command',
        'npx',
        ('-y', 'files', '8080'),
        '/srv',
    )
    assert (entry.env, entry.timeout) == ({'TOKEN': TOKEN, 'DEBUG': 'true'}, 20)
    assert (entry.always_allow, entry.is_disabled, entry.problem) == ({'read'}, True, '')


@pytest.mark.parametrize(
    ('entry', 'kind'),
    [
        ({'url': 'https://host/mcp'}, 'http'),
        ({'url': 'https://host/sse'}, 'sse'),
        ({'url': 'https://host/events', 'type': 'sse'}, 'sse'),
        ({'url': 'https://host/sse', 'type': 'streamable-http'}, 'http'),
        ({'command': 'x', 'args': None, 'env': None, 'cwd': None, 'url': None}, 'command'),
    ],
)
def test_how_a_server_is_reached(tmp_path: Path, entry: Any, kind: str) -> None:
    found = only(tmp_path, entry)
    assert (found.kind, found.problem) == (kind, '')


@pytest.mark.parametrize(
    ('entry', 'problem'),
    [
        ({'url': '${HOST}/mcp'}, 'The variable HOST is not set. Set it, or write ${HOST:-default}.'),
        ({}, 'There is neither a command nor a url.'),
        ({'command': 'x', 'url': 'https://host'}, 'There is both a command and a url. Use one of them.'),
        ({'command': 'x', 'type': 'http'}, 'The type http needs a url.'),
        ({'url': 'https://host', 'type': 'stdio'}, 'The type stdio needs a command.'),
        ({'url': 'https://host', 'type': 'ws'}, 'type: “ws” is no type of server; use stdio, http or sse.'),
        ({'url': 'host'}, NO_ADDRESS),
        ({'url': 'https://[your-server]/mcp'}, NO_ADDRESS),
        ({'url': 'http://[::1:80/mcp', 'type': 'http'}, NO_ADDRESS),
        ({'command': 'x', 'args': 'y'}, 'args: Input should be a valid list.'),
        ({'command': 'x', 'timeout': 0}, 'timeout: Input should be greater than 0.'),
        ('npx', 'The entry: Input should be a valid dictionary or instance of _Entry.'),
    ],
)
def test_an_entry_that_cannot_be_used_says_why_and_spoils_no_other(
    tmp_path: Path, entry: object, problem: str
) -> None:
    bad, good = read(tmp_path, {'bad': entry, 'good': {'command': 'y'}}).entries
    assert (bad.problem, good.problem) == (problem, '')
    assert bad.address in ('', 'x', 'https://host')  # as pages show it
    assert bad.secrets == []  # as logs look for them


@pytest.mark.parametrize(
    ('text', 'problem'),
    [
        (
            '{"mcpServers": {',
            'it is no JSON (line 1, column 17: Expecting property name enclosed in double quotes).',
        ),
        ('[]', 'it needs an object “mcpServers” with a server by each name.'),
        ('{"servers": {}}', 'it needs an object “mcpServers” with a server by each name.'),
    ],
)
def test_a_file_that_makes_no_sense(tmp_path: Path, text: str, problem: str) -> None:
    """That of the data folder is told on the page; that of the command line ends the start."""
    assert read(tmp_path, text).problem.endswith(f'mcp.json cannot be used: {problem}')
    with pytest.raises(StartFailed, match=r'^--mcp: '):
        read(tmp_path, text, is_optional=False)


def test_no_file(tmp_path: Path) -> None:
    path = tmp_path / 'mcp.json'
    assert read_servers_file(path, {}, is_optional=True) == ServersFile(path=path)
    with pytest.raises(StartFailed, match='there is no file'):
        read_servers_file(path, {}, is_optional=False)


def test_keys_of_other_programs_are_named_once(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        read(tmp_path, {name: {'command': 'x', 'autoStart': True, 'icon': 'y'} for name in 'abc'})
    assert [record.getMessage() for record in caplog.records] == [
        'mcp.json: these keys mean nothing here: autoStart, icon'
    ]


def test_no_secret_is_shown(tmp_path: Path) -> None:
    """Neither as the address of a server, nor when an entry is printed."""
    url = f'https://me:{TOKEN}@host/mcp?key={TOKEN}'
    entry = only(tmp_path, {'url': url, 'headers': {'Authorization': f'Bearer {TOKEN}'}})
    assert entry.address == 'https://host/mcp'
    assert TOKEN not in repr(entry)
    assert TOKEN in entry.secrets
    command = only(
        tmp_path, {'command': 'x', 'args': ['--token', '${T}'], 'env': {'A_KEY': TOKEN}}, T='ghp-99887766'
    )
    assert command.address == 'x'
    assert TOKEN not in repr(command)
    assert {TOKEN, 'ghp-99887766'} <= {*command.secrets}
