"""Agents of somebody's with all that agents have: they answer as they do without Parlour."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from pydantic import BaseModel
from pydantic_ai import Agent, FunctionToolset, ModelRetry, NativeOutput
from pydantic_ai.agent import AbstractAgent, WrapperAgent
from pydantic_ai.capabilities import AbstractCapability

from tests.support.http_models import make_registry
from tests.support.provider import Provider
from tests.support.replies import Reply, ToolCall
from tests.support.scripted import wait_until_answered


@pytest.fixture
def provider() -> Iterator[Provider]:
    with Provider() as provider:
        yield provider


class City(BaseModel):
    name: str
    people: int = 0


LISBON = '{"name": "Lisbon"}'
CALL = Reply(calls=[ToolCall(name='final_result', arguments=LISBON)])
CITY = {'type': 'City', 'value': {'name': 'Lisbon', 'people': 0}}


def length_of(name: str) -> int:
    """Take the name of a city."""
    return len(name)


@pytest.mark.parametrize(
    ('output_type', 'reply', 'kept'),
    [
        (City, CALL, CITY),
        ([City, str], CALL, CITY),
        (length_of, CALL, {'type': 'int', 'value': 6}),
        (NativeOutput(City), Reply(pieces=[LISBON]), CITY),
    ],
)
async def test_an_output_of_any_type_is_an_answer(
    provider: Provider, output_type: Any, reply: Reply, kept: dict[str, object]
) -> None:
    """And the chat goes on after it."""
    live = make_registry(provider.url, agent=Agent(output_type=output_type)).new()
    for _ in range(2):
        provider.reply(reply)
        live.send('Which city?')
        await wait_until_answered(live)
        assert (live.turns[-1].state, live.turns[-1].failure) == ('done', None)
    output = (live.turns[-1].answer[-1].metadata or {})['output']
    assert {name: output[name] for name in kept} == kept
    assert len(provider.requests) == 2
    assert live.conversation.usage.requests == 2


async def test_a_validator_may_ask_again(provider: Provider) -> None:
    agent = Agent()

    @agent.output_validator
    def polite(words: str) -> str:
        if 'please' not in words:
            raise ModelRetry('Say please.')
        return words

    live = make_registry(provider.url, agent=agent).new()
    provider.reply(Reply(pieces=['Go.']), Reply(pieces=['Go, please.']))
    live.send('Where?')
    await wait_until_answered(live)
    assert live.turns[-1].state == 'done'
    assert live.turns[-1].text.endswith('Go, please.')
    assert 'Say please.' in str(provider.requests[1]['messages'])


def weather(city: str) -> str:
    """Tell the weather."""
    return f'It rains in {city}.'


@dataclass
class Manners(AbstractCapability[Any]):
    """Tells the model how to behave."""

    def get_instructions(self) -> str:
        return 'Say please.'


def wrapped() -> AbstractAgent[Any, Any]:
    agent = Agent(instructions='Be brief.', toolsets=[FunctionToolset([weather])], capabilities=[Manners()])
    return WrapperAgent(agent)


async def test_instructions_toolsets_and_capabilities_come_along(provider: Provider) -> None:
    """Also from behind a wrapper."""
    live = make_registry(provider.url, agent=wrapped()).new()
    provider.reply(
        Reply(calls=[ToolCall(name='weather', arguments='{"city": "Lisbon"}')]), Reply(pieces=['Rain.'])
    )
    live.send('What is the weather?')
    await wait_until_answered(live)
    assert live.turns[-1].state == 'done'
    first, second = provider.requests
    assert [tool['function']['name'] for tool in first['tools']] == ['weather']
    assert 'Be brief.' in first['messages'][0]['content']
    assert 'Say please.' in first['messages'][0]['content']
    assert second['messages'][-1]['content'] == 'It rains in Lisbon.'


async def test_an_agent_is_not_changed(provider: Provider) -> None:
    agent = Agent(model_settings={'temperature': 0.1}, instructions='Be brief.')
    before = repr(agent), agent.model_settings, agent.name
    live = make_registry(provider.url, agent=agent).new()
    live.send('Hello')
    await wait_until_answered(live)
    assert (repr(agent), agent.model_settings, agent.name) == before
