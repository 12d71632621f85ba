"""What tools cost: the start with ten MCP servers, one of them mute, and a run of 200 calls."""

import asyncio
import json
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Generator, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import Thread

from playwright.sync_api import Browser
from pydantic_ai import Agent, ModelMessage, ModelResponse
from pydantic_ai.models.function import AgentInfo, DeltaToolCall, DeltaToolCalls, FunctionModel

from chat.agent_config import AgentConfig, AgentRoster
from chat.conversation.content.chat_settings import Preferences
from chat.conversation.conversation_registry import ConversationRegistry
from chat.conversation.live_conversation import LiveConversation
from tests.benchmarks.measuring import App
from tests.benchmarks.starting import is_served
from tests.support.mcp_servers import SMALL
from tests.support.process import Parlour
from tests.support.provider import Provider
from tests.support.scripted import MemoryStore, ScriptedModels, preferences_store, wait_until_answered

SERVERS = 10
CALLS = 200
CALLS_AT_ONCE = 10

Cost = tuple[float, float]
"""Seconds of the processor, and seconds."""


def run(browser: Browser, provider: Provider, *, is_short: bool) -> None:
    assert browser  # which this part has no use for
    times = 1 if is_short else 7
    print(f'{"start until the first page":32}{"cpu s":>10}{"seconds":>10}')
    without, with_servers = list[Cost](), list[Cost]()
    for _ in range(times):  # in turns, so that both have the same neighbours
        without.append(cost_of_first_page(provider, 0))
        with_servers.append(cost_of_first_page(provider, SERVERS))
    for name, costs in (('no MCP server', without), (f'{SERVERS} MCP servers, one mute', with_servers)):
        print(f'{name:32}{least(costs)[0]:>10.2f}{least(costs)[1]:>10.2f}')
    cpu, seconds = (after - before for before, after in zip(least(without), least(with_servers), strict=True))
    print(f'{cpu:+.2f} s of the processor and {seconds:+.2f} s with MCP servers')
    calls = CALLS_AT_ONCE if is_short else CALLS
    plain, ours = (min(cpu_of(each, calls) for _ in range(times)) for each in (run_plainly, run_here))
    print(f'\n{f"a run of {calls} tool calls":32}{"cpu s":>10}')
    print(f'{"pydantic-ai":32}{plain:>10.2f}\n{"Parlour":32}{ours:>10.2f}')
    print(f'{ours / plain:.2f} times the processor')


@contextmanager
def parlour_with(provider: Provider, servers: int) -> Generator[App]:
    """A new app with so many servers, the last of which is mute."""
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / 'data'
        data.mkdir()
        moods = [*[''] * (servers - 1), 'mute'] if servers else []
        entries = {
            f's{place}': {'command': sys.executable, 'args': [SMALL, mood]}
            for place, mood in enumerate(moods)
        }
        (data / 'mcp.json').write_text(json.dumps({'mcpServers': entries}))
        with Parlour(data, base_url=provider.url) as app:
            app.wait_until_ready()
            yield App(name='Parlour', url=app.url, pid=app.pid)


def least(costs: Sequence[Cost]) -> Cost:
    """What it takes when nobody disturbs it."""
    return min(cpu for cpu, _ in costs), min(seconds for _, seconds in costs)


def cost_of_first_page(provider: Provider, servers: int) -> Cost:
    begun = time.perf_counter()
    with parlour_with(provider, servers) as app:
        while not is_served(app):
            time.sleep(0.005)
        return app.cpu, time.perf_counter() - begun


def cpu_of(work: Callable[[int], object], calls: int) -> float:
    """Seconds of the processor that this takes, in a thread: the driver of the browser has this one."""
    begun = time.process_time()
    thread = Thread(target=work, args=[calls])
    thread.start()
    thread.join()
    return time.process_time() - begun


def add(left: int, right: int) -> int:
    """Add two numbers."""
    return left + right


def steps_so_far(messages: list[ModelMessage]) -> int:
    return sum(isinstance(message, ModelResponse) for message in messages)


def run_plainly(calls: int) -> None:
    """Follow the events of a run as a program does that shows them."""

    async def stream(messages: list[ModelMessage], _: AgentInfo) -> AsyncIterator[str | DeltaToolCalls]:
        if (done := steps_so_far(messages)) < calls / CALLS_AT_ONCE:
            yield called(done)
        else:
            yield 'Done.'

    async def follow() -> None:
        agent = Agent(FunctionModel(stream_function=stream), tools=[add])
        async with agent.iter('Add.') as agent_run:
            async for node in agent_run:
                if Agent.is_model_request_node(node) or Agent.is_call_tools_node(node):
                    async with node.stream(agent_run.ctx) as events:
                        async for _ in events:
                            pass

    asyncio.run(follow())


def run_here(calls: int) -> None:
    """The same in a chat that somebody looks at."""

    async def script(messages: list[ModelMessage]) -> AsyncIterator[str | DeltaToolCalls]:
        if (done := steps_so_far(messages)) < calls / CALLS_AT_ONCE:
            yield called(done)
        else:
            yield 'Done.'

    async def follow() -> None:
        registry = ConversationRegistry(
            agents=AgentRoster([AgentConfig(Agent(tools=[add]))]),
            model_source=ScriptedModels(script),
            store=MemoryStore(),
            preferences=preferences_store(Preferences(refines_titles=False)),
        )
        live = registry.new()
        viewer = asyncio.create_task(look(live))
        live.send('Add.')
        await wait_until_answered(live)
        viewer.cancel()
        await registry.close()

    async def look(live: LiveConversation) -> None:
        while True:
            await live.changed.wait()
            assert live.turns[-1].answer_parts is not None

    asyncio.run(follow())


def called(step: int) -> DeltaToolCalls:
    """Ten calls at once."""
    return {
        place: DeltaToolCall(name='add', json_args='{"left": 1, "right": 2}', tool_call_id=f'{step}-{place}')
        for place in range(CALLS_AT_ONCE)
    }
