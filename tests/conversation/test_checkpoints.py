"""An unfinished answer is kept safe while it grows."""

from pydantic_ai import ModelResponse, TextPart

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
