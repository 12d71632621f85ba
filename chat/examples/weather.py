"""A weather agent: its tools are given the stations that it knows, and tell how far they are."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

from pydantic_ai import Agent, CustomEvent, ModelMessage, ModelRetry, RunContext
from pydantic_ai.models.function import AgentInfo, DeltaToolCall, DeltaToolCalls

from chat.examples.scripting import NOTE, returned_in, script_without_key

STATIONS = {'Lisbon': ('rain', 14.5), 'Oslo': ('snow', -3.0), 'Cairo': ('sun', 24.0)}


@dataclass
class Stations:
    """The deps: what the stations measure. Others come with `--deps module:function`."""

    by_city: dict[str, tuple[str, float]] = field(default_factory=lambda: dict(STATIONS))


@dataclass(kw_only=True)
class Asked(CustomEvent):
    """How many stations have answered."""

    done: int
    total: int


async def script(messages: list[ModelMessage], info: AgentInfo) -> AsyncIterator[str | DeltaToolCalls]:
    """Ask for two cities, then tell their weather."""
    if not (returned := returned_in(messages)):
        cities = enumerate(('Lisbon', 'Oslo'))
        yield {at: DeltaToolCall('weather', f'{{"city": "{city}"}}') for at, city in cities}
        return
    yield NOTE
    for found in returned:
        yield f'- {found["city"]}: {found["weather"]}, {found["degrees"]} °C\n'


agent = Agent(
    script_without_key(script), name='Weather', deps_type=Stations, instructions='Answer in one sentence.'
)


@agent.tool
async def weather(context: RunContext[Stations], city: str) -> dict[str, str | float]:
    """Tell the weather in a city."""
    stations = context.deps.by_city
    for done in range(3):
        await context.emit(Asked(done=done + 1, total=3))
        await asyncio.sleep(0.2)
    if city not in stations:
        raise ModelRetry(f'There is no station in {city}. There are some in {", ".join(stations)}.')
    sky, degrees = stations[city]
    return {'city': city, 'weather': sky, 'degrees': degrees}
