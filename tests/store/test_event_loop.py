"""While a long conversation is stored, the event loop does other things."""

import asyncio
import gc
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.store.store_samples import conversation_of, store_in, turn

MESSAGES = 10_000
LONGEST = 0.02
"""Seconds for which the loop's own thread may be busy at a stretch, whatever else the computer does."""


@dataclass(eq=False)
class Stretch:
    """The longest time for which the thread of the loop computed without letting others have a turn."""

    longest: float = 0.0

    async def watch(self) -> None:
        before = time.thread_time()
        while True:
            await asyncio.sleep(0)
            now = time.thread_time()
            self.longest = max(self.longest, now - before)
            before = now


@asynccontextmanager
async def watched() -> AsyncGenerator[Stretch]:
    """Watch without the garbage collector, which at any moment goes through all that tests have left."""
    stretch = Stretch()
    gc.disable()
    watching = asyncio.create_task(stretch.watch())
    try:
        yield stretch
    finally:
        watching.cancel()
        gc.enable()


async def test_saving_into_a_long_conversation(tmp_path: Path) -> None:
    conversation = conversation_of(*map(str, range(MESSAGES // 2)))
    async with store_in(tmp_path) as data_folder:
        store = data_folder.conversations
        async with watched() as first:
            await store.save(conversation)
        async with watched() as later:
            for prompt in ('one', 'two', 'three'):
                conversation.messages += turn(prompt)
                await store.write_checkpoint(conversation.conversation_id, conversation.messages[-200:])
                await store.save(conversation)
            await store.recover_journals()
    assert first.longest < 25 * LONGEST  # pydantic-ai alone takes a tenth of a second for so many entries
    assert later.longest < LONGEST


async def test_it_would_be_noticed() -> None:
    async with watched() as stretch:
        await asyncio.sleep(0)
        end = time.thread_time() + 2 * LONGEST
        while time.thread_time() < end:
            pass
        await asyncio.sleep(0)
    assert stretch.longest > LONGEST
