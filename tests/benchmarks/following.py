"""What it costs to follow an answer of another node: `python tests/benchmarks/following.py`.

The frames are made as a node makes them, and somebody looks after each; what a page makes of the messages
costs as much at the node that answers, and is left out. Beside that, what it costs to parse the whole text
at each frame, and for somebody who comes late: the longest time for which the event loop had no turn while
all frames were read at once.
"""

import asyncio
import gc
import os
import random
import time
from collections.abc import AsyncGenerator, Iterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from itertools import pairwise

from pydantic_ai import (
    ModelMessage,
    ModelRequest,
    ModelResponse,
    TextPart,
    ThinkingPart,
    ToolCallPart,
    ToolReturnPart,
    UserPromptPart,
)

from chat.cluster.remote_answer import RemoteAnswer
from chat.conversation.answering.answer import AnswerDetails, RunDetails, dump_details
from chat.conversation.content.turns import Turn
from chat.store.conversations.document_repair import load_message
from chat.store.conversations.format import dump_checkpoint, load_checkpoint
from chat.store.tinydb_storage.journal import common_prefix_length
from chat.store.tinydb_storage.tables import parsed

Frame = tuple[int, int, str]

WORDS = ['alpha', 'beta "quoted"', 'gamma\n', '`code()`', 'ünïcödé', 'delta', '日本']

LENGTHS = (16 * 1024, 64 * 1024, 256 * 1024)

STEP = 100
"""Characters in each frame."""

RESULT = 2000
"""Characters of what each tool returns, in the answers that have many."""

NOW = datetime.now(UTC)

QUESTION = [Turn(id='one', prompt=ModelRequest(parts=[UserPromptPart('one')]))]


def growing_text(length: int) -> Iterator[list[ModelMessage]]:
    """One response of so many characters, after a thought."""
    text = words(length)
    for end in range(STEP, length + 1, STEP):
        yield [ModelResponse(parts=[ThinkingPart(words(2000)), TextPart(text[:end])], timestamp=NOW)]


def growing_steps(length: int) -> Iterator[list[ModelMessage]]:
    """Tools that return so many characters, with a sentence after each."""
    said: list[ModelMessage] = []
    for number in range(length // RESULT):
        call = ToolCallPart('look', {'at': number}, f'call-{number}')
        result = ToolReturnPart('look', content=words(RESULT), tool_call_id=f'call-{number}', timestamp=NOW)
        text = words(4 * STEP)
        for end in range(STEP, 4 * STEP + 1, STEP):
            yield [*said, ModelResponse(parts=[TextPart(text[:end])], timestamp=NOW)]
        said.append(ModelResponse(parts=[TextPart(text), call], timestamp=NOW))
        said.append(ModelRequest(parts=[result], timestamp=NOW))


def words(length: int) -> str:
    chosen = random.Random(1)  # noqa: S311  # the same at each run
    return ' '.join(chosen.choice(WORDS) for _ in range(length // 3))[:length]


def frames_of(answer: Iterator[list[ModelMessage]]) -> list[Frame]:
    details = dump_details(RunDetails(answers=(AnswerDetails(message_count=1),)))
    texts = [f'{load_checkpoint(dump_checkpoint(said))}\n{details}' for said in answer]
    keeps = [common_prefix_length(before, text) for before, text in pairwise(['', *texts])]
    return [(seq, keep, text[keep:]) for seq, (keep, text) in enumerate(zip(keeps, texts, strict=True), 1)]


async def follow(frames: Sequence[Frame]) -> float:
    """Seconds of processor time for all frames."""
    remote = RemoteAnswer(1, lambda: None)
    begun = time.process_time()
    for frame in frames:
        await remote.add([frame])
        assert remote.turns(QUESTION)[-1].answer
    return time.process_time() - begun


def parse_each(frames: Sequence[Frame]) -> tuple[float, float]:
    """The same, if the whole text is parsed after each frame, and how long that took at most."""
    text = ''
    begun = before = time.process_time()
    longest = 0.0
    for _, keep, tail in frames:
        text = text[:keep] + tail
        said = parsed(text.partition('\n')[0])
        messages = [load_message('', {'parent_id': '', 'message': each}) for each in said]
        assert QUESTION[0].while_running(messages, previous_message_count=0).answer
        now = time.process_time()
        longest, before = max(longest, now - before), now
    return before - begun, longest


@asynccontextmanager
async def longest_stall(stalls: list[float]) -> AsyncGenerator[None]:
    """Note for how long the event loop had no turn."""

    async def tick() -> None:
        while True:
            before = time.perf_counter()
            await asyncio.sleep(0.001)
            stalls.append(time.perf_counter() - before - 0.001)

    ticking = asyncio.create_task(tick())
    try:
        yield
    finally:
        await asyncio.sleep(0.005)
        ticking.cancel()
        await asyncio.wait([ticking])


async def come_late(frames: Sequence[Frame]) -> float:
    """Seconds for which nothing else had a turn while all frames were read."""
    stalls = list[float]()
    remote = RemoteAnswer(1, lambda: None)
    async with longest_stall(stalls):
        await remote.add(frames)
        remote.turns(QUESTION)
    return max(stalls)


async def main() -> None:
    for name, kind in (('one text', growing_text), ('many tools', growing_steps)):
        for length in LENGTHS:
            frames = frames_of(kind(length))
            gc.collect()
            gc.freeze()
            new, (whole, longest) = await follow(frames), parse_each(frames)
            late = min([await come_late(frames) for _ in range(5)])
            print(
                f'{name}, {length // 1024}k characters, {len(frames)} frames: {new:.2f} s, '
                f'{1e6 * new / len(frames):.0f} µs a frame; parsed whole {whole:.2f} s, '
                f'{whole / new:.1f} times as long, up to {1e3 * longest:.1f} ms a frame; '
                f'for who comes late nothing else for {1e3 * late:.1f} ms; load {os.getloadavg()[0]:.1f}',
                flush=True,
            )


if __name__ == '__main__':
    asyncio.run(main())
