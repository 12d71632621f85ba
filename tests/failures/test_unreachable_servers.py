"""Models that cannot be reached: the sentence says where one looked."""

import asyncio
import socket
from collections.abc import Iterator
from contextlib import ExitStack, closing
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path

import pytest

from chat.agent.model_catalog import ModelCatalog
from tests.agent.small_server import Answer, model_list, serving, spoken
from tests.support.certificates import own_certificate
from tests.support.gates import Gate
from tests.support.http_models import make_registry
from tests.support.ports import reserved_port
from tests.support.provider import Provider
from tests.support.replies import Reply, refusal
from tests.support.scripted import wait_until, wait_until_answered


@pytest.fixture
def nowhere() -> str:
    """An address at which nothing listens."""
    return f'http://127.0.0.1:{reserved_port()}'


async def failure_at(url: str) -> str | None:
    live = make_registry(f'{url}/v1').new()
    live.send('Hello')
    await wait_until_answered(live)
    assert (live.turns[-1].question, live.turns[-1].state) == ('Hello', 'failed')
    return live.turns[-1].failure


async def test_a_server_that_is_gone(nowhere: str) -> None:
    assert await failure_at(nowhere) == f'The model cannot be reached. Is the server running on {nowhere}?'


async def test_ollama_is_named(nowhere: str) -> None:
    choices = ModelCatalog(
        preferred='ollama:llama3',
        base_url=None,
        api_key=None,
        environment={'OLLAMA_BASE_URL': f'{nowhere}/v1'},
    )
    live = make_registry(choices).new()
    live.send('Hello')
    await wait_until_answered(live)
    assert live.turns[-1].failure == f'The model cannot be reached. Is Ollama running on {nowhere}?'


async def test_a_port_that_there_cannot_be(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv('OPENAI_BASE_URL', 'http://127.0.0.1:99999/v1')
    environment = {'OPENAI_API_KEY': 'sk-not-a-real-one'}
    models = ModelCatalog(
        preferred='openai-chat:gpt-4o', base_url=None, api_key=None, environment=environment
    )
    live = make_registry(models).new()
    live.send('Hello')
    await wait_until_answered(live)
    await models.close()
    assert 'at most 65535' in (live.turns[-1].failure or '')


async def test_a_name_that_nobody_has() -> None:
    assert await failure_at('http://no-such-host.invalid') == (
        'No computer named no-such-host.invalid was found. Check the address and the network.'
    )


@pytest.fixture
def deaf() -> Iterator[str]:
    """An address that neither takes a connection nor refuses it: its queue is full."""
    with ExitStack() as stack:
        listening = stack.enter_context(closing(socket.socket()))
        listening.bind(('127.0.0.1', 0))
        listening.listen(0)
        for _ in range(4):
            caller = stack.enter_context(closing(socket.socket()))
            caller.setblocking(False)
            caller.connect_ex(listening.getsockname())
        yield f'http://127.0.0.1:{listening.getsockname()[1]}'


async def test_stop_while_connecting(deaf: str) -> None:
    live = make_registry(f'{deaf}/v1').new()
    live.send('Hello')
    await wait_until(live, lambda: live.turns[-1].state == 'waiting')
    await live.stop()
    assert live.turns[-1].state == 'stopped'


async def test_a_retry_when_the_server_is_back(nowhere: str) -> None:
    live = make_registry(f'{nowhere}/v1').new()
    live.send('Hello')
    await wait_until_answered(live)
    assert live.turns[-1].state == 'failed'
    async with Provider(int(nowhere.rpartition(':')[2])) as provider:
        provider.reply(Reply(pieces=['Here I am.']))
        live.regenerate()
        await wait_until_answered(live)
    assert [(turn.text, turn.state) for turn in live.turns] == [('Here I am.', 'done')]


async def test_a_server_that_loads_its_model_is_waited_for() -> None:
    """The page says so, and what the server says; the model is asked again by itself."""
    async with Provider() as provider:
        held = Gate()
        loading = refusal(503, 'Loading model')
        provider.reply(loading, replace(loading, before=held), Reply(pieces=['Here I am.']))
        live = make_registry(provider.url).new()
        live.send('Hello')
        await held.reached.wait()
        assert (live.turns[-1].state, live.turns[-1].notice) == (
            'waiting',
            'Waiting for the model … It says: Loading model',
        )
        held.release()
        await wait_until_answered(live)
    assert [(turn.text, turn.state) for turn in live.turns] == [('Here I am.', 'done')]


async def test_a_list_that_is_not_there_yet_is_waited_for() -> None:
    """A server that loads gives no list of models either."""
    async with serving(
        {'/v1/models': Answer(body='{"error": {"message": "Loading"}}', status=503)}
    ) as server:
        server.answers['/v1/chat/completions'] = spoken('Here I am.')
        models = ModelCatalog(preferred=None, base_url=f'{server.url}/v1', api_key=None, environment={})
        live = make_registry(models).new()
        live.send('Hello')
        await wait_until(live, lambda: bool(live.turns[-1].notice))
        server.answers['/v1/models'] = model_list('small')
        await wait_until_answered(live)
    assert [(turn.text, turn.state) for turn in live.turns] == [('Here I am.', 'done')]


async def test_stop_while_a_model_is_loaded() -> None:
    async with Provider() as provider:
        provider.always_reply(refusal(503, 'Loading model'))
        live = make_registry(provider.url).new()
        live.send('Hello')
        await wait_until(live, lambda: bool(live.turns[-1].notice))
        await live.stop()
        assert live.turns[-1].state == 'stopped'


async def test_a_certificate_of_ones_own_is_trusted_when_the_environment_names_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On this computer too; else the sentence says how. It is read once, whoever asks after that."""
    certificate = own_certificate(tmp_path)
    async with serving({'/v1/chat/completions': spoken('All well.')}, certificate.context) as server:
        url = server.url.replace('http:', 'https:')
        assert 'SSL_CERT_FILE' in (await failure_at(url) or '')
        monkeypatch.setenv('SSL_CERT_FILE', str(certificate.file))
        live = make_registry(f'{url}/v1').new()
        live.send('Hello')
        await wait_until_answered(live)
        certificate.file.rename(tmp_path / 'elsewhere')
        another = make_registry(f'{url}/v1').new()
        another.send('Hello')
        await wait_until_answered(another)
        monkeypatch.setenv('SSL_CERT_FILE', str(tmp_path / 'nothing'))
        assert 'SSL_CERT_FILE' in (await failure_at(url) or '')
    assert [live.turns[-1].text, another.turns[-1].text] == ['All well.'] * 2


async def test_no_certificate_at_all_is_named() -> None:
    """A server that speaks no TLS refuses its first bytes as no request."""

    async def refuse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)
        writer.write(b'HTTP/1.1 400 Bad Request\r\nconnection: close\r\n\r\n')
        writer.close()
        await writer.wait_closed()

    async with await asyncio.start_server(refuse, '127.0.0.1') as server:
        port = server.sockets[0].getsockname()[1]
        failure = await failure_at(f'https://127.0.0.1:{port}')
    assert 'http://' in (failure or '')


@pytest.mark.parametrize('status', [301, 302, 307, 308])
async def test_a_server_that_sends_on_within_itself_is_followed(status: int) -> None:
    there = Answer(body='', status=status, location='/other/chat/completions')
    async with serving({'/v1/chat/completions': there, '/other/chat/completions': spoken('Here.')}) as server:
        live = make_registry(f'{server.url}/v1').new()
        live.send('Hello')
        await wait_until_answered(live)
    assert [(turn.text, turn.state) for turn in live.turns] == [('Here.', 'done')]


async def test_no_question_and_no_key_is_sent_on_to_another_server() -> None:
    async with serving({'/v1/chat/completions': spoken('Mine.')}) as other:
        there = Answer(body='', status=307, location=f'{other.url}/v1/chat/completions')
        async with serving({'/v1/chat/completions': there}) as server:
            failure = await failure_at(server.url)
        assert other.asked == []
    assert other.url in (failure or '')


@pytest.mark.parametrize(
    ('proxy', 'words'),
    [
        pytest.param(
            'socks5://127.0.0.1:9',
            'pip install socksio',
            marks=pytest.mark.skipif(
                find_spec('socksio') is not None, reason='SOCKS proxies can be used here.'
            ),
        ),
        ('socks://127.0.0.1:9', 'cannot be used. It must begin with'),
        ('http://127.0.0.1:9', 'The model cannot be reached.'),
    ],
)
async def test_a_proxy_that_cannot_be_used_is_told(
    proxy: str, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ('ALL_PROXY', 'HTTP_PROXY', 'HTTPS_PROXY'):
        monkeypatch.setenv(name, proxy)
    assert words in (await failure_at('http://192.0.2.1:81') or '')
