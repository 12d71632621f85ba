"""Models that cannot be reached: the sentence says where one looked."""

import socket
from collections.abc import Iterator
from contextlib import ExitStack, closing

import pytest

from chat.agent.models import ModelChoices
from tests.support.asked import conversations
from tests.support.provider import Provider
from tests.support.replies import Reply
from tests.support.scripted import answered, until


@pytest.fixture
def nowhere() -> str:
    """An address at which nothing listens."""
    with closing(socket.socket()) as free:
        free.bind(('127.0.0.1', 0))
        return f'http://127.0.0.1:{free.getsockname()[1]}'


async def failure_at(url: str) -> str | None:
    live = conversations(f'{url}/v1').new()
    live.send('Hello')
    await answered(live)
    assert (live.turns[-1].question, live.turns[-1].state) == ('Hello', 'failed')
    return live.turns[-1].failure


async def test_a_server_that_is_gone(nowhere: str) -> None:
    assert await failure_at(nowhere) == f'The model cannot be reached. Is the server running on {nowhere}?'


async def test_ollama_is_named(nowhere: str) -> None:
    choices = ModelChoices(
        preferred='ollama:llama3',
        base_url=None,
        api_key=None,
        environment={'OLLAMA_BASE_URL': f'{nowhere}/v1'},
    )
    live = conversations(choices).new()
    live.send('Hello')
    await answered(live)
    assert live.turns[-1].failure == f'The model cannot be reached. Is Ollama running on {nowhere}?'


async def test_a_name_that_nobody_has() -> None:
    assert await failure_at('http://no-such-host.invalid') == (
        'There is no computer with the name no-such-host.invalid. Check the address, and the network.'
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
    live = conversations(f'{deaf}/v1').new()
    live.send('Hello')
    await until(live, lambda: live.turns[-1].state == 'waiting')
    await live.stop()
    assert live.turns[-1].state == 'stopped'


async def test_a_retry_when_the_server_is_back(nowhere: str) -> None:
    live = conversations(f'{nowhere}/v1').new()
    live.send('Hello')
    await answered(live)
    assert live.turns[-1].state == 'failed'
    async with Provider(int(nowhere.rpartition(':')[2])) as provider:
        provider.say(Reply(pieces=['Here I am.']))
        live.retry()
        await answered(live)
    assert [(turn.text, turn.state) for turn in live.turns] == [('Here I am.', 'done')]
