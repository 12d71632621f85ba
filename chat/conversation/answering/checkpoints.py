"""Checkpoints: what an answer that is under way has said so far, on the disk."""

import asyncio
import logging
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress

from pydantic_ai import ModelMessage

from chat.change_signal import ChangeSignal
from chat.conversation.answering.answer import Answering

log = logging.getLogger(__name__)

CheckpointWriter = Callable[[Sequence[ModelMessage]], Awaitable[None]]
"""Stores what an answer has said so far."""

CHECKPOINT_INTERVAL = 0.5
"""Seconds between two checkpoints: what was said is on disk well within a second."""


@asynccontextmanager
async def checkpointing(
    now: Answering, changed: ChangeSignal, write: CheckpointWriter, interval: float = CHECKPOINT_INTERVAL
) -> AsyncGenerator[None]:
    """Write checkpoints of what answers for as long as the block lasts, so many seconds after each other."""
    keeping = asyncio.create_task(_write_checkpoints(now, changed, write, interval))
    try:
        yield
    finally:
        keeping.cancel()
        await asyncio.wait({keeping})


async def _write_checkpoints(
    now: Answering, changed: ChangeSignal, write: CheckpointWriter, interval: float
) -> None:
    seen = changed.count
    while True:
        await changed.wait(seen)
        with suppress(TimeoutError):  # what a tool has done is stored at once
            async with asyncio.timeout(interval):  # `wait_for` of Python 3.11 may lose a cancel
                await now.has_returned.wait()
        now.has_returned.clear()
        seen = changed.count
        try:
            await write(now.checkpoint)
        except OSError as error:  # the answer itself goes on; when it is saved, the page is told
            log.warning('An unfinished answer could not be saved: %s', error)
        except Exception:  # the border of a task: the next time may go well
            log.exception('An unfinished answer could not be saved')
