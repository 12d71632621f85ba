"""The public server that has everything, over stdin and stdout.

It is `@modelcontextprotocol/server-everything` of npm, version 2026.8.31. CI installs it; elsewhere the tests
look for `mcp-server-everything` in the path.
"""

import asyncio
import os
import shutil

import pytest
from pydantic_ai import BinaryContent, BinaryImage

from chat.agent.mcp.entries import ServerEntry
from chat.agent.mcp.server import McpServer
from chat.agent.mcp.servers import McpServers
from tests.support.mcp_servers import open_servers, ready, until

VERSION = '2026.8.31'
PROGRAM = 'mcp-server-everything'


@pytest.fixture
def entry() -> ServerEntry:
    """The server as it is started; without it the tests are skipped, but for those of CI."""
    if program := shutil.which(PROGRAM):
        return ServerEntry(name='all', kind='command', command=program, args=('stdio',))
    reason = f'There is no {PROGRAM}: npm install -g @modelcontextprotocol/server-everything@{VERSION}'
    if os.environ.get('CI'):
        pytest.fail(reason)
    pytest.skip(reason)


async def accept(servers: McpServers, **content: object) -> None:
    """Answer the question that is asked next."""
    await until(servers, lambda: servers.board.of('c'))
    (question,) = servers.board.of('c')
    servers.board.accept(question.id, content)


async def test_everything(entry: ServerEntry) -> None:
    async with open_servers(entry) as servers:
        server = await ready(servers, 'all')
        names = {tool.name for tool in server.tools}
        assert {'echo', 'get-tiny-image', 'trigger-elicitation-request', 'trigger-url-elicitation'} <= names
        assert 'simulate-research-query' not in names  # needs tasks
        assert await server.call('echo', {'message': 'hello'}, 'c') == 'Echo: hello'
        weather = await server.call('get-structured-content', {'location': 'Chicago'}, 'c')
        assert {*weather} == {'temperature', 'conditions', 'humidity'}
        await give_pictures_and_files(server)
        await ask_in_both_modes(servers, server)


async def give_pictures_and_files(server: McpServer) -> None:
    image = await server.call('get-tiny-image', {}, 'c')
    assert [isinstance(part, BinaryImage) for part in image] == [False, True, False]
    links = await server.call('get-resource-links', {'count': 2}, 'c')
    assert [link.partition(':')[0] for link in links[1:]] == ['demo', 'demo']
    blob = {'resourceType': 'Blob', 'resourceId': 1}
    parts = await server.call('get-resource-reference', blob, 'c')
    assert any(isinstance(part, BinaryContent) for part in parts)


async def ask_in_both_modes(servers: McpServers, server: McpServer) -> None:
    asking = asyncio.create_task(server.call('trigger-elicitation-request', {}, 'c'))
    await accept(servers, name='Ada', check=True, integer=7, untitledMultipleSelectEnum=['Violin'])
    assert 'Ada' in str(await asking)
    url = {'url': 'http://127.0.0.1:9/sign-in'}
    asking = asyncio.create_task(server.call('trigger-url-elicitation', url, 'c'))
    await until(servers, lambda: servers.board.of('c'))
    assert servers.board.of('c')[0].request.url == url['url']
    await accept(servers)
    assert 'accept' in str(await asking)
