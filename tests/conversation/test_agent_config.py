"""An agent that somebody brings along, and what its tools need."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass

import pytest
from pydantic_ai import Agent, RunContext

from tests.support.http_models import make_registry
from tests.support.provider import Provider
from tests.support.scripted import wait_until_answered


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
