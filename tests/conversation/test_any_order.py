"""Whatever is done in whatever order, every message stays until its version is deleted; one path is shown."""

import asyncio
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat.conversation.live_conversation import LiveConversation
from chat.errors import TurnMissing
from tests.support.profile import examples
from tests.support.scripted import MemoryStore, ScriptedModels, registry_with, saying, wait_until_answered

MOVES = ['send', 'edit', 'regenerate', 'switch question', 'switch answer', 'stop at once']
DELETIONS = ['delete question', 'delete answer']
STEPS = st.tuples(
    st.sampled_from(MOVES + DELETIONS),
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
        live.regenerate(turn.id)
    elif what in DELETIONS:
        await delete(live, turn.id, what.removeprefix('delete '), turn.answer_entry_id)
    else:
        await live.switch(turn.id, 'question' if what == 'switch question' else 'answer', step)
    if what == 'stop at once':
        await live.stop()
    if live.is_running:
        await wait_until_answered(live)


async def delete(live: LiveConversation, turn_id: str, side: str, seen: str) -> None:
    """Delete a version, if it is not the only one."""
    with suppress(TurnMissing):
        await live.delete_version(turn_id, 'question' if side == 'question' else 'answer', seen)


async def paths(store: MemoryStore, live: LiveConversation) -> list[list[str]]:
    """The texts of each branch, from the first message to its end; the one that is shown is the first."""
    record = await store.read_record(live.id)
    if record is None:
        return []
    ends = [record.head_id, *record.branches]
    return [[str(entry.message.parts) for entry in await store.read_history(end)] for end in ends]


def without(version: tuple[str, int], live: LiveConversation, paths: list[list[str]]) -> list[list[str]]:
    """The paths that stay when the version that is shown is deleted; all of them if it is the only one."""
    what, place = version
    turn = live.turns[place % len(live.turns)]
    at = next(at for at, text in enumerate(paths[0]) if f"'{turn.question}'" in text)
    question, answer = paths[0][: at + 1], paths[0][at + 1 : at + 2]
    is_silent = not answer or 'UserPromptPart' in answer[0]

    def goes(path: list[str]) -> bool:
        if path[: at + 1] != question or what == 'delete question':
            return path[: at + 1] == question
        following = path[at + 1 : at + 2]
        return (not following or 'UserPromptPart' in following[0]) if is_silent else following == answer

    shown = turn.question_version if what == 'delete question' else turn.answer_version
    return paths if shown.count == 1 else [path for path in paths if not goes(path)]


@given(st.lists(STEPS, max_size=12))
@pytest.mark.long
@examples(short=10, long=60)
def test_any_order_keeps_every_message(steps: list[tuple[str, int, int]]) -> None:
    asyncio.run(every_message_is_kept(steps))


async def every_message_is_kept(steps: list[tuple[str, int, int]]) -> None:
    store, models = MemoryStore(), ScriptedModels(saying(''))
    live = registry_with(models, store).new()
    kept: set[str] = set()
    for number, (what, place, step) in enumerate(steps):
        models.script = saying(f'answer {number}.')
        if what in DELETIONS and live.turns:
            staying = without((what, place), live, await paths(store, live))
            kept = {text for path in staying for text in path}
        await do(live, what, place, step, f'question {number}.')
        stored = await paths(store, live)
        texts = {text for path in stored for text in path}
        assert texts == kept if what in DELETIONS and kept else texts >= kept
        kept = texts
        assert all(text in str(stored[0]) for turn in live.turns for text in (turn.question, turn.text))
        for turn in live.turns:
            for version in (turn.question_version, turn.answer_version):
                assert 1 <= version.number <= version.count
        again = await registry_with(models, store).open(live.id)
        assert [(turn.id, turn.text, turn.state, turn.is_last, turn.entries) for turn in again.turns] == [
            (turn.id, turn.text, turn.state, turn.is_last, turn.entries) for turn in live.turns
        ]
        assert [(turn.question_version, turn.answer_version) for turn in again.turns] == [
            (turn.question_version, turn.answer_version) for turn in live.turns
        ]
