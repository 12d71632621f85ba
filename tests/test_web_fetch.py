"""What the guard of the web lets through, tried on a real server on loopback and with harmless addresses."""

import asyncio
import re
from collections.abc import Iterator, Sequence

import pytest

from chat.errors import FetchFailed
from chat.web_fetch import MAX_REDIRECTS, WebFetcher
from tests.support.web_server import HOST, Page, WebServer


@pytest.fixture
def web() -> Iterator[WebServer]:
    with WebServer({'/a': Page(body=b'hello')}) as server:
        yield server


async def fetch(fetcher: WebFetcher, url: str, *, max_bytes: int = 1000) -> bytes:
    return (await fetcher.fetch(url, accept='image/png', max_bytes=max_bytes)).content


def redirect(location: str) -> Page:
    return Page(status=302, headers={'Location': location})


async def test_a_file_is_fetched_without_anything_of_ours(
    web: WebServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The server is named as the address names it; a proxy of the environment is not asked."""
    monkeypatch.setenv('HTTP_PROXY', 'http://127.0.0.1:9')
    assert await fetch(web.fetcher(), f'{web.url}/a') == b'hello'
    ((path, headers),) = web.requests
    assert path == '/a'
    assert headers['host'] == f'{HOST}:{web.port}'
    assert headers.keys() == {'host', 'accept', 'accept-encoding', 'user-agent', 'connection'}


async def test_a_redirect_is_followed_without_cookies(web: WebServer) -> None:
    web.pages['/b'] = Page(status=302, headers={'Location': '/a', 'Set-Cookie': 'known=1'})
    file = await web.fetcher().fetch(f'{web.url}/b', accept='image/png', max_bytes=1000)
    assert (file.content, file.url) == (b'hello', f'{web.url}/a')
    assert web.paths == ['/b', '/a']
    assert 'cookie' not in web.requests[1][1]


@pytest.mark.parametrize(
    'address',
    [
        *('127.0.0.1', '10.1.2.3', '192.168.0.1', '169.254.169.254', '100.64.0.1', '224.0.0.1'),
        *('::1', '::', '::ffff:127.0.0.1', 'fe80::1', 'fc00::1', '64:ff9b::7f00:1', '2002:7f00:1::'),
    ],
)
async def test_what_is_not_public_is_not_reached(web: WebServer, address: str) -> None:
    """Neither under its own address nor under a name, and not if a name has a public address as well."""
    own = f'[{address}]' if ':' in address else address
    with pytest.raises(FetchFailed, match='nothing is loaded from there'):
        await fetch(WebFetcher(), f'http://{own}/a')
    for addresses in ([address], ['93.184.215.14', address]):
        with pytest.raises(FetchFailed, match='is this computer or one in a private network'):
            await fetch(web.fetcher(addresses=addresses), f'http://{HOST}/a')


@pytest.mark.parametrize('name', ['localhost', '127.1', '2130706433', '0x7f.1', '127.0.0.1.'])
async def test_other_spellings_of_this_computer(name: str) -> None:
    with pytest.raises(FetchFailed):
        await fetch(WebFetcher(), f'http://{name}/a')


async def test_a_redirect_is_checked_as_the_first_address(web: WebServer) -> None:
    with WebServer({'/secret': Page(body=b'secret')}) as other:
        web.pages['/b'] = redirect(f'http://127.0.0.1:{other.port}/secret')
        web.pages['/c'] = redirect('file:///etc/hostname')
        for path in ('/b', '/c'):
            with pytest.raises(FetchFailed):
                await fetch(web.fetcher(), web.url + path)
        assert other.requests == []


async def test_a_name_that_leads_elsewhere_at_each_question(web: WebServer) -> None:
    """What was checked is what is connected to: the name is resolved once for each request."""
    answers: list[Sequence[str]] = [['127.0.0.1'], ['10.0.0.1']]

    async def resolve(_: str) -> Sequence[str]:
        return answers.pop(0)

    fetcher = WebFetcher(resolve=resolve, allowed=frozenset({('127.0.0.1', web.port)}))
    assert await fetch(fetcher, f'{web.url}/a') == b'hello'
    assert answers == [['10.0.0.1']]


@pytest.mark.parametrize(
    ('url', 'sentence'),
    [
        ('ftp://pictures.example/a', 'http:// or https://'),
        ('file:///etc/hostname', 'http:// or https://'),
        ('http://me:secret@pictures.example/', 'http:// or https://'),
        ('http://pictures.example:22/a', 'unusual ports'),
        ('https://pictures.example:80/a', 'unusual ports'),
        ('http://nowhere.example/', 'nowhere.example is not known'),
        ('http://', 'http:// or https://'),
        ('http://[', 'not known'),
        (f'http://{"a" * 70}.example/', 'cannot be read|not known'),
        ('http://pictures.example:99999/', 'unusual ports'),
        ('http://pictures.example:0/', 'unusual ports'),
        ('http://pictures.example:x/', 'cannot be read'),
    ],
)
async def test_addresses_that_are_refused(web: WebServer, url: str, sentence: str) -> None:
    with pytest.raises(FetchFailed, match=sentence):
        await fetch(web.fetcher(addresses=['93.184.215.14']), url)


async def test_limits_of_size_time_and_redirects(web: WebServer) -> None:
    web.pages |= {
        '/large': Page(body=b'x' * 2_000_001),
        '/round': redirect('/round'),
        '/packed': Page(body=b'x', headers={'Content-Encoding': 'gzip'}),
        '/gone': Page(status=410),
    }
    expected = {
        '/large': 'larger than 2 MB',
        '/round': 'redirects too often',
        '/packed': 'compressed',
        '/gone': re.escape('answers with an error (410)'),
    }
    for path, sentence in expected.items():
        with pytest.raises(FetchFailed, match=sentence):
            await fetch(web.fetcher(), web.url + path, max_bytes=2_000_000)
    assert web.paths.count('/round') == MAX_REDIRECTS + 1


async def test_a_server_that_says_nothing() -> None:
    over = asyncio.Event()

    async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()
        await writer.wait_closed()
        over.set()

    async with await asyncio.start_server(accept, '127.0.0.1', 0) as server:
        port = server.sockets[0].getsockname()[1]
        fetcher = WebFetcher(allowed=frozenset({('127.0.0.1', port)}), timeout=0.2)
        with pytest.raises(FetchFailed, match='has not answered in time'):
            await fetch(fetcher, f'http://127.0.0.1:{port}/')
        await over.wait()


async def test_the_next_address_is_tried_where_one_cannot_be_reached(web: WebServer) -> None:
    async def resolve(_: str) -> Sequence[str]:
        return ['127.0.0.2', '127.0.0.1']

    allowed = frozenset({('127.0.0.2', web.port), ('127.0.0.1', web.port)})
    assert await fetch(WebFetcher(resolve=resolve, allowed=allowed), f'{web.url}/a') == b'hello'
