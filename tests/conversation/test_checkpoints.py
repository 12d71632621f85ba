"""An unfinished answer is kept safe while it grows."""

import asyncio
from collections.abc import Sequence

import pytest
from pydantic_ai import ModelMessage, ModelResponse, RunUsage, TextPart

from chat.change_signal import ChangeSignal
from chat.conversation.answering.answer import Answer, Answering
from chat.conversation.answering.checkpoints import checkpointing
from chat.conversation.answering.run import Run
from chat.conversation.answering.step_prompts import StepPrompts
from chat.conversation.content.usage import UsageMeter
from chat.documents.reader import DocumentReader
from tests.support.scripted import HeldScript, MemoryStore, ScriptedModels, registry_with
from tests.support.timeouts import WAIT_TIMEOUT


async def test_what_has_been_said_is_kept_while_the_answer_grows() -> None:
    store = MemoryStore()
    live = registry_with(ScriptedModels(HeldScript('So ', 'far')), store).new()
    live.send('Go')
    await store.checkpointed.wait()
    (message,) = store.checkpoints[live.id]
    assert isinstance(message, ModelResponse)
    assert message.parts == [TextPart('So far')]
    await live.stop()


@pytest.mark.parametrize('steps', range(6))
async def test_the_last_checkpoint_ends_with_the_run(steps: int) -> None:
    """Also if that ends in the moment in which a tool has returned, whatever has taken note of it by then."""
    store, changed = MemoryStore(), ChangeSignal()
    given, documents = StepPrompts(list), DocumentReader()
    run = Run(lambda _: None, lambda name, content: store.store_file(name, content), given, documents)

    async def write(_: Sequence[ModelMessage]) -> None:
        pass

    answer = Answer(run=run, meter=UsageMeter(RunUsage(), lambda _: None), model=None)
    async with asyncio.timeout(WAIT_TIMEOUT):
        async with checkpointing(Answering(answers=[answer], is_prompt_stored=True), changed, write):
            await asyncio.sleep(0)
            changed.notify()
            for _ in range(6):
                await asyncio.sleep(0)  # until a checkpoint is due
            run.has_returned.set()
            for _ in range(steps):
                await asyncio.sleep(0)
