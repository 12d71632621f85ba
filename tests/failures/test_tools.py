"""Tools that break, over real HTTP."""

import asyncio
import logging
from collections.abc import Mapping
from typing import Any

import pytest
from pydantic_ai import Agent, ModelRetry

from tests.support.chat_page import request_messages
from tests.support.http_models import make_registry, turn_after
from tests.support.provider import Provider
from tests.support.replies import Reply, ToolCall
from tests.support.scripted import wait_until_answered

WEATHER = Reply(pieces=['Let me look. '], calls=[ToolCall(name='weather', arguments='{"place": "Bonn"}')])


def agent_with(weather: type[Exception]) -> Agent[None, str]:
    agent: Agent[None, str] = Agent()

    @agent.tool_plain(name='weather')
    def look(place: str) -> str:  # pyright: ignore[reportUnusedFunction]  # the agent calls it
        raise weather(f'no window in {place}')

    return agent


async def test_a_tool_that_breaks_is_named(caplog: pytest.LogCaptureFixture) -> None:
    """What was said before is kept, and the log says where it broke."""
    with caplog.at_level(logging.ERROR):
        turn = await turn_after(WEATHER, agent=agent_with(ZeroDivisionError))
    assert (turn.text, turn.state) == ('Let me look. ', 'failed')
    assert turn.failure == 'The tool “weather” failed. ZeroDivisionError: no window in Bonn'
    assert 'test_tools.py' in caplog.text


async def test_the_tool_that_broke_has_failed_and_the_one_beside_it_was_stopped() -> None:
    agent = agent_with(ZeroDivisionError)

    @agent.tool_plain(name='clock')
    async def wait() -> str:  # pyright: ignore[reportUnusedFunction]  # the agent calls it
        await asyncio.Event().wait()
        return 'never'

    both = [ToolCall(name='clock', id='call-2'), *WEATHER.calls]
    turn = await turn_after(Reply(pieces=['Let me look. '], calls=both), agent=agent)
    uses = [part.tool_call for part in turn.answer_parts if part.tool_call]
    states = {use.request.tool_name: use.state(is_running=False) for use in uses}
    assert states == {'clock': 'stopped', 'weather': 'failed'}


async def test_the_next_message_works_after_a_tool_has_broken() -> None:
    """The call has a result, so the provider does not refuse the conversation, and it is not made again."""
    async with Provider() as provider:
        provider.reply(WEATHER, Reply(pieces=['Fine.']))
        live = make_registry(provider.url, agent=agent_with(ZeroDivisionError)).new()
        live.send('How is the weather?')
        await wait_until_answered(live)
        live.send('Never mind. How are you?')
        await wait_until_answered(live)
        assert (live.turns[-1].text, live.turns[-1].state) == ('Fine.', 'done')
        roles = [message['role'] for message in provider.requests[1]['messages']]
    assert roles == ['user', 'assistant', 'tool', 'assistant', 'user']  # roles take turns


async def test_what_a_tool_tells_the_model_is_no_failure() -> None:
    async with Provider() as provider:
        provider.reply(WEATHER, Reply(pieces=['I cannot see it.']))
        live = make_registry(provider.url, agent=agent_with(ModelRetry)).new()
        live.send('How is the weather?')
        await wait_until_answered(live)
        assert live.turns[-1].state == 'done'
        assert request_messages(provider.requests[1])[-1][0] == 'tool'


def piece(index: int | None, call_id: str, name: str, arguments: str) -> Mapping[str, Any]:
    place = {} if index is None else {'index': index}
    return {'tool_calls': [{**place, 'id': call_id, 'function': {'name': name, 'arguments': arguments}}]}


BONN, KIEL = '{"place": "Bonn"}', '{"place": "Kiel"}'


@pytest.mark.parametrize(
    'pieces',
    [
        pytest.param(
            [piece(0, 'a', 'weather', BONN), piece(0, 'b', 'weather', KIEL)], id='all at the same index'
        ),
        pytest.param(
            [
                piece(0, 'a', 'weather', ''),
                piece(0, '', '', BONN),
                piece(0, 'b', 'weather', ''),
                piece(0, 'another', '', KIEL),
            ],
            id='there in pieces, with another id in each',
        ),
        pytest.param(
            [
                piece(0, 'a', 'weather', '{"place": '),
                piece(0, 'b', 'weather', '{"place": '),
                piece(0, 'a', 'weather', '"Bonn"}'),
                piece(0, 'b', 'weather', '"Kiel"}'),
            ],
            id='there by turns, with the id and the name in each',
        ),
        pytest.param(
            [
                piece(None, 'a', 'weather', '{"place": '),
                piece(None, '', '', '"Bonn"}'),
                piece(None, 'b', 'weather', KIEL),
            ],
            id='without an index',
        ),
    ],
)
async def test_two_calls_stay_two_however_they_are_numbered(pieces: list[Mapping[str, Any]]) -> None:
    agent: Agent[None, str] = Agent()
    seen: list[str] = []

    @agent.tool_plain(name='weather')
    def look(place: str) -> str:  # pyright: ignore[reportUnusedFunction]  # the agent calls it
        seen.append(place)
        return 'Rain.'

    async with Provider() as provider:
        provider.reply(Reply(pieces=pieces, finish='tool_calls'), Reply(pieces=['It rains.']))
        live = make_registry(provider.url, agent=agent).new()
        live.send('How is the weather?')
        await wait_until_answered(live)
    assert live.turns[-1].failure is None
    assert (live.turns[-1].text, live.turns[-1].state) == ('It rains.', 'done')
    assert sorted(seen) == ['Bonn', 'Kiel']
