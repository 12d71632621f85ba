"""Stop in every phase of an answer, over real HTTP: at once, nothing said is lost, the next message works.

What is held here is held for an hour.
"""

import asyncio
import logging
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from pydantic_ai import Agent, ModelResponse, ModelSettings, RunContext
from pydantic_ai.capabilities import AbstractCapability

from chat.conversation.live_conversation import LiveConversation
from tests.support import replies
from tests.support.gates import Gate, Signal
from tests.support.http_models import make_registry
from tests.support.provider import Provider
from tests.support.replies import Piece, Reply, ToolCall
from tests.support.scripted import wait_until, wait_until_answered
from tests.support.timeouts import WAIT_TIMEOUT

LATER = Reply(pieces=['Here I am.'])

PHASES: dict[str, list[Piece]] = {
    'before the first word': [],
    'text': ['Some ', 'words '],
    'thinking': [replies.thought('Let me '), replies.thought('think.')],
    'arguments of a tool': ['I look. ', *replies.call_in_pieces('look', '{"where": ', '"out')],
}


@dataclass
class Tools:
    """One that comes back at once, and two that do not, each in its own way."""

    times_looked: int = 0
    begun: Signal = field(default_factory=Signal)
    released: Signal = field(default_factory=Signal)

    def agent(self) -> Agent[None, str]:
        agent: Agent[None, str] = Agent(model_settings=ModelSettings(max_retries=2))
        for tool in (self.look, self.wait, self.block):
            agent.tool_plain(tool)
        return agent

    def look(self) -> str:
        self.times_looked += 1
        return 'Nothing there.'

    async def wait(self) -> str:
        self.begun.set()
        await asyncio.sleep(3600)
        return ''

    def block(self) -> str:
        self.begun.set()
        self.released.wait_blocking()
        return ''


async def stop(live: LiveConversation) -> None:
    async with asyncio.timeout(WAIT_TIMEOUT):
        await live.stop()
    assert live.turns[-1].state == 'stopped'


async def next_message_works(live: LiveConversation, provider: Provider) -> list[dict[str, str]]:
    """Ask again; return what the provider was told then. Every call of a tool must have a result."""
    live.send('Are you there?')
    await wait_until_answered(live)
    assert (live.turns[-1].text, live.turns[-1].state) == ('Here I am.', 'done')
    messages = provider.requests[-1]['messages']
    called = [call['id'] for message in messages for call in message.get('tool_calls') or ()]
    assert [message['tool_call_id'] for message in messages if message['role'] == 'tool'] == called
    return messages


@pytest.mark.parametrize('phase', PHASES)
async def test_stop_while_the_model_speaks(phase: str) -> None:
    pieces, gate = PHASES[phase], Gate()
    text = ''.join(piece for piece in pieces if isinstance(piece, str))
    async with Provider() as provider:
        provider.reply(Reply(pieces=[*pieces, 'never said'], gates={len(pieces): gate}), LATER)
        live = make_registry(provider.url, agent=Tools().agent()).new()
        live.send('Tell me')
        await gate.reached.wait()
        await wait_until(live, lambda: live.turns[-1].state == ('streaming' if pieces else 'waiting'))
        await wait_until(live, lambda: live.turns[-1].text == text)
        await stop(live)
        await provider.wait_for_closed()
        assert live.turns[-1].text == text
        await next_message_works(live, provider)


@dataclass
class Reviewer(AbstractCapability[Any]):
    """Looks at what the model has said, without end."""

    has_begun: asyncio.Event = field(default_factory=asyncio.Event)

    async def after_model_request(self, ctx: RunContext[Any], **_: Any) -> ModelResponse:
        self.has_begun.set()
        await asyncio.sleep(3600)
        raise AssertionError


async def test_stop_when_all_is_said() -> None:
    """Before the agent has taken it: what stood on the page stays."""
    async with Provider() as provider:
        provider.reply(Reply(pieces=['All of it.']), LATER)
        reviewer = Reviewer()
        live = make_registry(provider.url, agent=Agent(capabilities=[reviewer])).new()
        live.send('Tell me')
        await reviewer.has_begun.wait()
        await stop(live)
        assert live.turns[-1].text == 'All of it.'


async def test_stop_before_the_first_byte() -> None:
    gate = Gate()
    async with Provider() as provider:
        provider.reply(Reply(before=gate), LATER)
        live = make_registry(provider.url).new()
        live.send('Tell me')
        await gate.reached.wait()
        await stop(live)
        await provider.wait_for_closed()
        await next_message_works(live, provider)


@pytest.mark.parametrize('tool', ['wait', 'block'])
async def test_stop_while_a_tool_runs(tool: str) -> None:
    """What another one has returned is kept; the model is told that this one was interrupted."""
    tools = Tools()
    calls = [ToolCall(name='look'), ToolCall(name=tool, id='call-2')]
    async with Provider() as provider:
        provider.reply(Reply(pieces=['I look. '], calls=calls), LATER)
        live = make_registry(provider.url, agent=tools.agent()).new()
        live.send('What is there?')
        await tools.begun.wait()
        await wait_until(
            live,
            lambda: any(each.tool_call and each.tool_call.result for each in live.turns[-1].answer_parts),
        )
        await stop(live)
        tools.released.set()
        assert live.turns[-1].text == 'I look. '
        messages = await next_message_works(live, provider)
    results = {
        message['tool_call_id']: message['content'] for message in messages if message['role'] == 'tool'
    }
    assert results['call-1'] == 'Nothing there.'
    assert 'interrupted' in results['call-2'].lower()
    assert tools.times_looked == 1


@pytest.fixture
def client_waits() -> Iterator[Signal]:
    """Happens when the client of OpenAI has been refused and says that it will try again; then it waits."""
    signal, client_log = Signal(), logging.getLogger('openai._base_client')

    def hear(record: logging.LogRecord) -> bool:
        if record.getMessage().startswith('Retrying request'):
            signal.set()
        return True

    level = client_log.level
    client_log.setLevel(logging.INFO)
    client_log.addFilter(hear)
    yield signal
    client_log.removeFilter(hear)
    client_log.setLevel(level)


async def test_stop_while_the_client_waits_to_try_again(client_waits: Signal) -> None:
    """An agent of one's own may let the client try again by itself."""
    async with Provider() as provider:
        provider.reply(replies.rate_limited(60), LATER)
        live = make_registry(provider.url, agent=Tools().agent()).new()
        live.send('Tell me')
        await client_waits.wait()
        await stop(live)
        await next_message_works(live, provider)
        assert len(provider.requests) == 2, 'the client has tried again'


@pytest.mark.parametrize('way', ['deleted', 'shut down'])
async def test_what_is_deleted_or_shut_down_is_not_answered_any_more(way: str) -> None:
    gate = Gate()
    async with Provider() as provider:
        provider.reply(Reply(pieces=['Some ', 'words '], gates={1: gate}))
        registry = make_registry(provider.url)
        live = registry.new()
        live.send('Tell me')
        await wait_until(live, lambda: live.turns[-1].text == 'Some ')
        async with asyncio.timeout(WAIT_TIMEOUT):
            await (registry.delete(live.id) if way == 'deleted' else registry.close())
        await provider.wait_for_closed()
        assert (live.turns[-1].text, live.turns[-1].state) == ('Some ', 'stopped')
