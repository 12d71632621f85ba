"""MCP servers with an address: over real HTTP, of the official package."""

import asyncio
from collections.abc import Iterator

import pytest
from pydantic import SecretStr
from pydantic_ai import BinaryImage
from pydantic_ai.exceptions import ToolFailed

from chat.agent.api_keys import ApiKeys
from chat.agent.mcp.entries import McpKey, ServerEntry, StoredServer
from tests.support.mcp_over_http import KEY, McpOverHttp
from tests.support.mcp_servers import open_servers, ready, until
from tests.support.memory_storage import MemoryApiKeys
from tests.support.ports import reserved_port
from tests.support.timeouts import WAIT_TIMEOUT

HEADERS = {'Authorization': f'Bearer {KEY}'}


@pytest.fixture
def server() -> Iterator[McpOverHttp]:
    with McpOverHttp(reserved_port()) as server:  # so that it can come again where it was
        yield server


def entry(url: str, **more: object) -> ServerEntry:
    return ServerEntry(name='web', url=url, headers=more.get('headers', HEADERS))  # pyright: ignore[reportArgumentType]  # from a test


async def test_tools_pictures_and_structured_results(server: McpOverHttp) -> None:
    """A result may be larger than the megabyte at which the client of the library ends the connection."""
    async with open_servers(entry(server.url)) as servers:
        web = await ready(servers, 'web')
        assert await web.call('city', {}, 'c') == {'name': 'Bonn', 'people': 330_000}
        assert isinstance(await web.call('picture', {}, 'c'), BinaryImage)
        assert len(await web.call('large', {'size': 3_000_000}, 'c')) == 3_000_000
        with pytest.raises(ToolFailed, match='size'):
            await web.call('large', {'size': 'much'}, 'c')


async def test_questions_in_both_modes(server: McpOverHttp) -> None:
    async with open_servers(entry(server.url)) as servers:
        web = await ready(servers, 'web')
        asking = asyncio.create_task(web.call('ask', {}, 'c'))
        await until(servers, lambda: servers.board.of('c'))
        (form,) = servers.board.of('c')
        assert form.request.schema
        servers.board.accept(form.id, {'name': 'Ada', 'age': 36})
        assert await asking == "accept: name='Ada' age=36"
        visiting = asyncio.create_task(web.call('visit', {}, 'c'))
        await until(servers, lambda: servers.board.of('c'))
        (address,) = servers.board.of('c')
        assert address.request.url == 'http://127.0.0.1:9/sign'
        servers.board.accept(address.id)
        assert await visiting == 'accept'


async def test_a_death_in_mid_call(server: McpOverHttp) -> None:
    """The call ends at once; once the server is there again, it can be connected again."""
    async with open_servers(entry(server.url)) as servers:
        web = await ready(servers, 'web')
        hanging = asyncio.create_task(web.call('hang', {}, 'c'))
        assert await asyncio.to_thread(server.hanging.wait, WAIT_TIMEOUT)
        await asyncio.to_thread(server.__exit__)
        with pytest.raises(ToolFailed, match='ended before it answered'):
            await hanging
        await until(servers, lambda: web.state == 'failed')
        assert web.trouble.startswith('Nothing answers at its address. Is it running?')
        with McpOverHttp(server.port):
            servers.reconnect('web')
            await ready(servers, 'web')
            assert await web.call('large', {'size': 1}, 'c') == 'x'


async def test_a_restart_costs_one_call(server: McpOverHttp) -> None:
    async with open_servers(entry(server.url)) as servers:
        web = await ready(servers, 'web')
        await asyncio.to_thread(server.__exit__)
        with McpOverHttp(server.port):
            with pytest.raises(ToolFailed):
                await web.call('large', {'size': 1}, 'c')
            await until(servers, lambda: web.state != 'ready')
            await ready(servers, 'web')
            assert await web.call('large', {'size': 1}, 'c') == 'x'


@pytest.mark.parametrize(
    ('path', 'headers', 'trouble'),
    [
        ('mcp', {}, 'It needs a key, or does not accept the one that it got.'),
        ('elsewhere', HEADERS, 'It cannot be reached. Not Found'),
    ],
)
async def test_why_a_server_is_not_reached(
    server: McpOverHttp, path: str, headers: dict[str, str], trouble: str
) -> None:
    async with open_servers(entry(server.url.replace('mcp', path), headers=headers)) as servers:
        (web,) = servers.servers
        await until(servers, lambda: web.state == 'failed')
        assert web.trouble == trouble


async def test_a_key_is_not_taken_along_to_another_address() -> None:
    with McpOverHttp() as other, McpOverHttp(elsewhere=other.url) as server:
        async with open_servers(entry(server.url.replace('mcp', 'moved'))) as servers:
            (web,) = servers.servers
            await until(servers, lambda: web.state == 'failed')
            assert web.trouble.startswith(f'It cannot be reached. Redirect to {other.url} not followed')
        assert (server.app.received, other.app.received) == ([f'Bearer {KEY}'], [])


async def test_a_key_that_comes_later_is_used(server: McpOverHttp) -> None:
    """As that of a keyring which is unlocked after the start."""
    keys = ApiKeys({}, MemoryApiKeys())
    stored = [StoredServer(name='web', url=server.url)]
    async with open_servers(stored=stored, keys=keys) as servers:
        (web,) = servers.servers
        await until(servers, lambda: web.state == 'failed')
        await keys.save(McpKey('web'), SecretStr(KEY))
        await ready(servers, 'web')
