"""Whatever is done in whatever order, every message stays, and what is shown is one path through them."""

import asyncio

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chat.conversation.live import LiveConversation
from tests.support.scripted import MemoryStore, ScriptedModels, answered, opened_with, saying

STEPS = st.tuples(
    st.sampled_from(['send', 'edit', 'regenerate', 'switch question', 'switch answer', 'stop at once']),
    st.integers(0, 5),
    st.sampled_from([-1, 1]),
)


async def do(live: LiveConversation, what: str, place: int, step: int, text: str) -> None:
    turn = live.turns[place % len(live.turns)] if live.turns else None
    if turn is None or what in ('send', 'stop at once'):
        live.send(text)
    elif what == 'edit':
        live.edit(turn.id, text)
    elif what == 'regenerate':
        live.retry(turn.id)
    else:
        await live.switch(turn.id, 'question' if what == 'switch question' else 'answer', step)
    if what == 'stop at once':
        await live.stop()
    if live.is_running:
        await answered(live)


async def tips(store: MemoryStore, live: LiveConversation) -> list[str]:
    """The texts of each branch, from the first message to its end."""
    record = await store.read_record(live.id)
    assert record
    ends = [record.head_id, *record.branches]
    return [str([entry.message.parts for entry in await store.read_history(end)]) for end in ends]


@given(st.lists(STEPS, max_size=12))
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_any_order_keeps_every_message(steps: list[tuple[str, int, int]]) -> None:
    asyncio.run(every_message_is_kept(steps))


async def every_message_is_kept(steps: list[tuple[str, int, int]]) -> None:
    store, models = MemoryStore(), ScriptedModels(saying(''))
    live = opened_with(models, store).new()
    said: set[str] = set()
    for number, (what, place, step) in enumerate(steps):
        models.speech = saying(f'answer {number}.')
        await do(live, what, place, step, f'question {number}.')
        for turn in live.turns:
            said |= {turn.question, turn.text} - {''}
        paths = await tips(store, live)
        assert all(any(text in path for path in paths) for text in said)
        assert all(text in paths[0] for turn in live.turns for text in (turn.question, turn.text))
        for turn in live.turns:
            for version in (turn.question_version, turn.answer_version):
                assert 1 <= version.number <= version.count
        again = await opened_with(models, store).open(live.id)
        assert [(turn.id, turn.text, turn.state) for turn in again.turns] == [
            (turn.id, turn.text, turn.state) for turn in live.turns
        ]
        assert [(turn.question_version, turn.answer_version) for turn in again.turns] == [
            (turn.question_version, turn.answer_version) for turn in live.turns
        ]
