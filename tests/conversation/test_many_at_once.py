"""Many conversations are answered at the same time, more than there are files in memory."""

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest

from chat.conversation.live_conversation import LiveConversation
from chat.store.data_folder import open_store
from tests.support.profile import sized
from tests.support.scripted import (
    HeldScript,
    ScriptedModels,
    registry_with,
    saying,
    wait_until,
    wait_until_answered,
)
from tests.support.timeouts import WAIT_TIMEOUT

SHOWN = ('done', 'The beginning, and the end.')


@pytest.mark.parametrize(('count', 'open_files'), [(sized(20, 100), sized(6, 32)), (12, 1), (12, 2)])
async def test_all_answers_are_whole_and_there_after_a_restart(
    tmp_path: Path, count: int, open_files: int
) -> None:
    """Each has a checkpoint on the disk when the others are stored."""
    folder = await open_store(tmp_path, open_files=open_files)
    held = HeldScript('The beginning', then=', and the end.')
    registry = registry_with(ScriptedModels(held), folder.conversations)
    lives = [registry.new() for _ in range(count)]
    for live in lives:
        live.send('Hello')
    await asyncio.gather(*(wait_until(live, says(live, 'The beginning')) for live in lives))
    await journalled(tmp_path, len(lives))
    held.release.set()
    await asyncio.gather(*(wait_until_answered(live) for live in lives))
    assert {(live.turns[0].state, live.turns[0].text) for live in lives} == {SHOWN}
    for live in lives:
        live.send('And now?')  # nobody else has changed it
    await asyncio.gather(*(wait_until_answered(live) for live in lives))
    assert {turn.state for live in lives for turn in live.turns} == {'done'}
    await folder.close()

    folder = await open_store(tmp_path, open_files=open_files)
    registry = registry_with(ScriptedModels(saying('Hi')), folder.conversations)
    again = [await registry.open(live.id) for live in lives]
    assert {(live.turns[0].state, live.turns[0].text) for live in again} == {SHOWN}
    assert {len(live.turns) for live in again} == {2}
    await folder.close()


def says(live: LiveConversation, text: str) -> Callable[[], bool]:
    return lambda: bool(live.turns) and live.turns[0].text == text


async def journalled(folder: Path, count: int) -> None:
    """Return as soon as so many answers have a checkpoint on the disk."""
    async with asyncio.timeout(WAIT_TIMEOUT):
        while journals_in(folder) < count:  # noqa: ASYNC110  # the disk tells nobody
            await asyncio.sleep(0.05)


def journals_in(folder: Path) -> int:
    return len(list((folder / 'conversations').glob('*.journal')))
