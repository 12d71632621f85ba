"""A follower that keeps the unfinished answer safe, in case the process dies."""

import asyncio
import logging
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from typing import Protocol

from pydantic_ai import ModelMessage

from chat.conversation.change import Change
from chat.conversation.run import Run

log = logging.getLogger(__name__)

PAUSE = 0.5
"""Seconds between two checkpoints: what was said is on disk well within a second."""


class CheckpointStore(Protocol):
    """Keeps, for each conversation, what its unfinished answer has said so far."""

    async def write_checkpoint(self, conversation_id: str, messages: Sequence[ModelMessage]) -> None:
        """Replace the checkpoint; the next save of the conversation makes it void."""
        ...


@asynccontextmanager
async def kept_safe(
    run: Run, changed: Change, store: CheckpointStore, conversation_id: str
) -> AsyncGenerator[None]:
    """Write checkpoints of a run for as long as the block lasts."""
    keeping = asyncio.create_task(_keep(run, changed, store, conversation_id))
    try:
        yield
    finally:
        keeping.cancel()
        await asyncio.wait({keeping})


async def _keep(run: Run, changed: Change, store: CheckpointStore, conversation_id: str) -> None:
    while True:
        await changed.wait()
        await asyncio.sleep(PAUSE)
        try:
            await store.write_checkpoint(conversation_id, run.messages)
        except OSError as error:  # the answer itself goes on; when it is saved, the page is told
            log.warning('An unfinished answer could not be kept safe: %s', error)
