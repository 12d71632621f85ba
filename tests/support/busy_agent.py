"""An agent whose tools do all that tools can do, for `--agent tests.support.busy_agent:agent`."""

import asyncio
from dataclasses import dataclass
from typing import Any

from pydantic_ai import Agent, BinaryContent, BinaryImage, CustomEvent, RunContext

from tests.support.files import PDF, png

LINE = 'A line of a result that is long. '

agent = Agent(name='Busy', description='Has tools that do all that tools can do.')


@dataclass(kw_only=True)
class Progress(CustomEvent):
    """How far an upload is."""

    message: str
    done: int
    total: int


@agent.tool_plain
def write(path: str, text: str) -> str:
    """Write a file; return a megabyte, or three if it is to be a long one."""
    return LINE * (100_000 if path == 'long.txt' else 30_000)


@agent.tool_plain
def paint(subject: str) -> list[Any]:
    """Paint a picture."""
    picture = BinaryImage(png(320, 200), media_type='image/png')
    report = BinaryContent(PDF, media_type='application/pdf', identifier='report.pdf')
    return [f'{subject}, as a picture and as a report.', picture, report]


@agent.tool
async def upload(ctx: RunContext[object], name: str) -> str:
    """Upload a file, which never ends."""
    await ctx.emit(Progress(message=f'Uploading {name}', done=30, total=100))
    await asyncio.Event().wait()
    return 'never'


@agent.tool_plain
def look_up(city: str) -> dict[str, object]:
    """Look up the weather."""
    return {'city': city, 'weather': 'rain', 'degrees': 14.5, 'wind': {'from': 'west', 'speed': 5}}
