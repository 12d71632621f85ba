"""A follower that keeps the unfinished answer safe, in case the process dies."""

import asyncio
import logging
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from chat.change_signal import ChangeSignal
from chat.conversation.run import Run
from chat.conversation.storage import ConversationStorage

log = logging.getLogger(__name__)

CHECKPOINT_INTERVAL = 0.5
"""Seconds between two checkpoints: what was said is on disk well within a second."""


@asynccontextmanager
async def checkpointing(
    run: Run, changed: ChangeSignal, store: ConversationStorage, conversation_id: str
) -> AsyncGenerator[None]:
    """Write checkpoints of a run for as long as the block lasts."""
    keeping = asyncio.create_task(_write_checkpoints(run, changed, store, conversation_id))
    try:
        yield
    finally:
        keeping.cancel()
        await asyncio.wait({keeping})


async def _write_checkpoints(
    run: Run, changed: ChangeSignal, store: ConversationStorage, conversation_id: str
) -> None:
    seen = changed.count
    while True:
        await changed.wait(seen)
        await asyncio.sleep(CHECKPOINT_INTERVAL)
        seen = changed.count
        try:
            await store.write_checkpoint(conversation_id, run.messages)
        except OSError as error:  # the answer itself goes on; when it is saved, the page is told
            log.warning('An unfinished answer could not be saved: %s', error)
