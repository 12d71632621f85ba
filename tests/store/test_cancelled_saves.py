"""A save whose caller is cancelled is finished all the same."""

import asyncio
import contextlib
from pathlib import Path

import pytest

from chat.store.filesystem.disk import UNFINISHED_SUFFIX
from tests.store.store_samples import (
    conversation_of,
    prompts_in,
    store_in,
    turn,
)


@pytest.mark.parametrize('steps', range(8))
async def test_a_cancelled_save_is_finished_and_can_be_followed_by_another(
    tmp_path: Path, steps: int
) -> None:
    async with store_in(tmp_path) as data_folder:
        conversation = conversation_of('one')
        await data_folder.conversations.save(conversation)
        conversation.messages += turn('two')
        saving = asyncio.create_task(data_folder.conversations.save(conversation))
        for _ in range(steps):
            await asyncio.sleep(0)
        saving.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await saving
        conversation.messages += turn('three')
        await data_folder.conversations.save(conversation)
        loaded = await data_folder.conversations.load(conversation.conversation_id)
        assert prompts_in(loaded) == ['one', 'two', 'three']
        record = await data_folder.conversations.read_record(conversation.conversation_id)
        assert record is not None
        assert record.branches == []


async def test_closing_finishes_what_a_cancelled_caller_began(tmp_path: Path) -> None:
    conversation = conversation_of('one')
    async with store_in(tmp_path) as data_folder:
        saving = asyncio.create_task(data_folder.conversations.save(conversation))
        await asyncio.sleep(0)
        saving.cancel()
        await asyncio.wait([saving])
        assert saving.cancelled()
    async with store_in(tmp_path) as data_folder:
        assert data_folder.catalog.has(conversation.conversation_id)
        assert prompts_in(await data_folder.conversations.load(conversation.conversation_id)) == ['one']


async def test_a_cancelled_save_that_fails_is_logged(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with store_in(tmp_path) as data_folder:
        conversation = conversation_of('one')
        (tmp_path / 'conversations' / f'{conversation.conversation_id}.json{UNFINISHED_SUFFIX}').mkdir()
        saving = asyncio.create_task(data_folder.conversations.save(conversation))
        await asyncio.sleep(0)
        saving.cancel()
        await asyncio.wait([saving])
    assert 'was not stored' in caplog.text
