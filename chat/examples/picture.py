"""An agent that draws: its tool returns a picture, and the numbers from which it was made as a file."""

import json
import struct
import zlib
from collections.abc import AsyncIterator
from typing import Any

from pydantic_ai import Agent, BinaryContent, BinaryImage, ModelMessage
from pydantic_ai.models.function import AgentInfo, DeltaToolCall, DeltaToolCalls

from chat.examples.scripting import NOTE, returned_in, script_without_key

WIDTH, HEIGHT, STEPS = 360, 240, 40


async def script(messages: list[ModelMessage], info: AgentInfo) -> AsyncIterator[str | DeltaToolCalls]:
    """Draw the whole set, then say so."""
    if returned_in(messages):
        yield f'{NOTE}There it is: the set of Mandelbrot.'
    else:
        yield {0: DeltaToolCall('mandelbrot', '{"x": -0.6, "y": 0.0, "width": 3.2}')}


agent = Agent(script_without_key(script), name='Painter', description='Draws the set of Mandelbrot.')


@agent.tool_plain
def mandelbrot(x: float, y: float, width: float) -> list[Any]:
    """Draw the set of Mandelbrot around a point."""
    across = [x + (at / WIDTH - 0.5) * width for at in range(WIDTH)]
    down = [y + (at - HEIGHT / 2) * width / WIDTH for at in range(HEIGHT)]
    rows = b''.join(b'\0' + bytes(shade(complex(left, top)) for left in across) for top in down)
    place = json.dumps({'x': x, 'y': y, 'width': width}).encode()
    picture = BinaryImage(png(rows), media_type='image/png', identifier='mandelbrot.png')
    return ['Drawn.', picture, BinaryContent(place, media_type='application/json', identifier='place.json')]


def shade(point: complex) -> int:
    """Return how bright a point is: 20 if it stays in the set, more the sooner it leaves."""
    z = 0j
    for step in range(STEPS):
        z = z * z + point
        if abs(z) > 2:
            return 240 - 5 * step
    return 20


def png(rows: bytes) -> bytes:
    """Return the bytes of a picture in shades of grey; a zero is before each row."""
    head = struct.pack('>IIBBBBB', WIDTH, HEIGHT, 8, 0, 0, 0, 0)
    chunks = (b'IHDR', head), (b'IDAT', zlib.compress(rows)), (b'IEND', b'')
    sums = ((len(data), kind + data, zlib.crc32(kind + data)) for kind, data in chunks)
    return b'\x89PNG\r\n\x1a\n' + b''.join(
        struct.pack('>I', n) + d + struct.pack('>I', c) for n, d, c in sums
    )
