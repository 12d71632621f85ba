"""An unfinished answer is kept safe while it grows."""

import asyncio
from collections.abc import Sequence

from pydantic_ai import BinaryContent, ModelMessage, ModelResponse, TextPart

from chat.change_signal import ChangeSignal
from chat.conversation.attachments import Attachment
from chat.conversation.checkpoints import checkpointing
from chat.conversation.run import Run
from tests.support.scripted import HeldScript, MemoryStore, ScriptedModels, registry_with


async def test_what_has_been_said_is_kept_while_the_answer_grows() -> None:
    store = MemoryStore()
    live = registry_with(ScriptedModels(HeldScript('So ', 'far')), store).new()
    live.send('Go')
    await store.checkpointed.wait()
    (message,) = store.checkpoints[live.id]
    assert isinstance(message, ModelResponse)
    assert message.parts == [TextPart('So far')]
    await live.stop()


async def test_the_end_of_a_run_ends_its_checkpoints_at_any_moment() -> None:
    """Also while what a tool has returned is about to be written."""

    async def store(name: str, content: BinaryContent) -> Attachment:
        raise NotImplementedError

    async def write(_: Sequence[ModelMessage]) -> None:
        await asyncio.sleep(0)

    for steps in range(8):
        run, changed = Run(lambda _: None, store), ChangeSignal()
        async with asyncio.timeout(5), checkpointing(run, changed, write):
            await asyncio.sleep(0)
            changed.notify()
            await asyncio.sleep(0.01)  # now it waits for what tools return
            run.has_returned.set()
            for _ in range(steps):
                await asyncio.sleep(0)
