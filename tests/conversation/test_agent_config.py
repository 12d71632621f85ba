"""An agent that somebody brings along, and what its tools need."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, replace

import pytest
from pydantic_ai import Agent, RunContext

from chat import Asking
from chat.agent_config import AgentConfig, AgentRoster
from tests.support import replies
from tests.support.http_models import make_registry
from tests.support.provider import Provider
from tests.support.scripted import wait_until, wait_until_answered


@dataclass(frozen=True)
class Person:
    name: str


guide = Agent(deps_type=Person)


@guide.instructions
def _greeting(context: RunContext[Person]) -> str:
    return f'You talk to {context.deps.name}.'


@pytest.fixture
def provider() -> Iterator[Provider]:
    with Provider() as provider:
        yield provider


@pytest.fixture
def names() -> Iterator[str]:
    return iter(['Ada', 'Grace'])


async def instructions(provider: Provider, deps: object, questions: int = 1) -> AsyncIterator[str]:
    """What the model is told with each question of one conversation."""
    live = make_registry(provider.url, agent=guide, deps=deps).new()
    for _ in range(questions):
        live.send('Hello')
        await wait_until_answered(live)
        yield provider.requests[-1]['messages'][0]['content']


async def test_deps_reach_the_agent(provider: Provider) -> None:
    assert [told async for told in instructions(provider, Person('Ada'))] == ['You talk to Ada.']


async def test_a_function_gives_each_run_deps_of_its_own(provider: Provider, names: Iterator[str]) -> None:
    told = [told async for told in instructions(provider, lambda: Person(next(names)), 2)]
    assert told == ['You talk to Ada.', 'You talk to Grace.']


async def test_the_function_may_be_async(provider: Provider) -> None:
    async def ask() -> Person:
        return Person('Ada')

    assert [told async for told in instructions(provider, ask)] == ['You talk to Ada.']


async def test_the_function_may_ask_who_asks_and_where(provider: Provider) -> None:
    def deps(asking: Asking) -> Person:
        return Person(f'{asking.user} in {asking.conversation_id}')

    live = make_registry(provider.url, agent=guide, deps=deps).new()
    live.send('Hello')
    await wait_until_answered(live)
    live.send('And I', by='Grace')
    await wait_until_answered(live)
    told = [request['messages'][0]['content'] for request in provider.requests]
    assert told == [f'You talk to {user} in {live.id}.' for user in ('Host', 'Grace')]


def test_who_asks_in_a_team_is_known_by_their_name() -> None:
    roster = AgentRoster([AgentConfig(guide)])
    asking = Asking(user='Host', conversation_id='c')
    assert roster.first.as_owned(asking) == asking
    named = roster.owned_by('anna').first.as_owned(asking)
    assert (named.user, named.owner, named.is_guest) == ('anna', 'anna', False)


class Account:
    """A context manager that counts."""

    def __init__(self) -> None:
        self.events: list[str] = []

    def make(self) -> 'Account':
        return self

    def __enter__(self) -> Person:
        self.events.append('entered')
        return Person('Ada')

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> bool:
        self.events.append(f'left after {kind.__name__}' if kind else 'left')
        return True  # it would have a failure count as success


class AsyncAccount(Account):
    def make(self) -> 'AsyncAccount':
        return self

    async def __aenter__(self) -> Person:
        return self.__enter__()

    async def __aexit__(self, kind: type[BaseException] | None, *_: object) -> bool:
        return self.__exit__(kind)


@pytest.mark.parametrize('kind', [Account, AsyncAccount])
async def test_a_context_manager_is_left_however_the_run_ends(
    provider: Provider, kind: type[Account]
) -> None:
    account = kind()
    live = make_registry(provider.url, agent=guide, deps=account.make).new()
    live.send('Hello')
    await wait_until_answered(live)
    assert account.events == ['entered', 'left']
    provider.reply(replies.unknown_model())
    live.send('Hello')
    await wait_until_answered(live)
    assert live.turns[-1].state == 'failed'
    assert account.events[2:] == ['entered', 'left after ModelNotFoundError']
    reply, middle = replies.two_halves()
    provider.reply(reply)
    live.send('Hello')
    await wait_until(live, lambda: live.turns[-1].state == 'streaming')
    await live.stop()
    middle.release()
    assert live.turns[-1].state == 'stopped'
    assert account.events[4:] == ['entered', 'left after RunCancelled']


async def test_deps_that_fail_say_so_and_can_be_tried_again(
    provider: Provider, caplog: pytest.LogCaptureFixture
) -> None:
    tries = iter([ConnectionError('No database at 127.0.0.1'), None])

    def make() -> Person:
        if error := next(tries):
            raise error
        return Person('Ada')

    live = make_registry(provider.url, agent=guide, deps=make).new()
    live.send('Hello')
    await wait_until_answered(live)
    [turn] = live.turns
    assert (turn.state, turn.question) == ('failed', 'Hello')
    assert turn.failure == (
        'The deps of the agent could not be made. ConnectionError: No database at 127.0.0.1'
    )
    assert 'could not be made' in caplog.text
    live.regenerate()
    await wait_until_answered(live)
    assert live.turns[-1].state == 'done'


async def test_a_stop_does_not_wait_for_deps(provider: Provider) -> None:
    making, given_up = asyncio.Event(), asyncio.Event()

    async def make() -> Person:
        making.set()
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            given_up.set()
            raise
        return Person('Ada')

    live = make_registry(provider.url, agent=guide, deps=make).new()
    live.send('Hello')
    await making.wait()
    await live.stop()
    assert given_up.is_set()
    assert live.turns[-1].state == 'stopped'


async def test_the_settings_of_an_agent_count_and_a_chat_adds_its_own(provider: Provider) -> None:
    agent = Agent(model_settings={'temperature': 0.5, 'max_tokens': 77})
    live = make_registry(provider.url, agent=agent).new()
    live.send('Hello')
    await wait_until_answered(live)
    await live.update_metadata(lambda metadata: replace(metadata, temperature=1.5))
    live.send('Hello')
    await wait_until_answered(live)
    sent = [(request['temperature'], request['max_completion_tokens']) for request in provider.requests]
    assert sent == [(0.5, 77), (1.5, 77)]
