"""What never changes is read and compressed once."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from httpx import ASGITransport, AsyncClient
from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles
from starlette.types import Receive, Scope, Send

from chat.server.compression import MAX_KEPT_BYTES, CompressOnce

TEXT = 'One script of many. ' * 200


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / 'one.js').write_text(TEXT)
    return tmp_path


@pytest_asyncio.fixture
async def client(folder: Path) -> AsyncIterator[AsyncClient]:
    files = StaticFiles(directory=folder)
    app = Starlette(routes=[Mount('/kept', files), Mount('/other', files)])
    transport = ASGITransport(CompressOnce(app, unchanging=('/kept/',)))
    async with AsyncClient(transport=transport, base_url='http://test') as client:
        yield client


async def test_it_is_the_same_for_all_who_come_later(client: AsyncClient, folder: Path) -> None:
    first = await client.get('/kept/one.js')
    (folder / 'one.js').unlink()
    second = await client.get('/kept/one.js')
    assert second.status_code == 200
    assert second.headers == first.headers
    assert second.headers['content-encoding'] == 'gzip'
    assert second.text == first.text == TEXT


@pytest.mark.parametrize(
    ('path', 'headers'),
    [
        ('/other/one.js', {}),
        ('/kept/one.js', {'accept-encoding': 'identity'}),
        ('/kept/one.js', {'range': 'bytes=0-9'}),
        ('/kept/one.js', {'if-none-match': '"another"'}),
        ('/kept/one.js?other', {}),
    ],
)
async def test_all_else_is_asked_for_each_time(
    client: AsyncClient, folder: Path, path: str, headers: dict[str, str]
) -> None:
    assert (await client.get(path, headers=headers)).is_success
    (folder / 'one.js').write_text(TEXT.upper())
    assert (await client.get(path, headers=headers)).text.isupper() or headers.get('range')
    assert (await client.get('/kept/one.js')).text == TEXT.upper()


async def test_what_is_not_there_may_come(client: AsyncClient, folder: Path) -> None:
    assert (await client.get('/kept/two.js')).status_code == 404
    (folder / 'two.js').write_text(TEXT)
    assert (await client.get('/kept/two.js')).text == TEXT


async def test_what_is_kept_has_a_limit(client: AsyncClient, folder: Path) -> None:
    large = bytes(range(256)) * (1 + MAX_KEPT_BYTES // 256)
    (folder / 'large.woff2').write_bytes(large)
    assert (await client.get('/kept/large.woff2')).content == large
    (folder / 'large.woff2').unlink()
    assert (await client.get('/kept/large.woff2')).status_code == 404


async def test_half_of_a_file_is_not_kept() -> None:
    """As middleware gives it when the first who asks goes away, nor what holds a cookie."""
    parts, cookie = [b'One half, '], [(b'set-cookie', b'who=first')]

    async def app(_: Scope, __: Receive, send: Send) -> None:
        headers = [(b'content-length', b'24'), *cookie]
        await send({'type': 'http.response.start', 'status': 200, 'headers': headers})
        for part in parts:
            await send({'type': 'http.response.body', 'body': part, 'more_body': True})
        await send({'type': 'http.response.body', 'body': b'', 'more_body': False})

    transport = ASGITransport(CompressOnce(app, unchanging=('/kept/',)))
    async with AsyncClient(transport=transport, base_url='http://test') as client:
        assert (await client.get('/kept/one.js')).text == 'One half, '
        parts.append(b'and the other.')
        assert (await client.get('/kept/one.js')).text == 'One half, and the other.'
        cookie.clear()
        assert 'set-cookie' not in (await client.get('/kept/one.js')).headers
        parts.clear()
        assert (await client.get('/kept/one.js')).text == 'One half, and the other.'
