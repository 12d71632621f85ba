"""What the app does beside its pages ends before what it uses."""

import asyncio
from contextlib import AsyncExitStack

import pytest

from chat.started_tasks import start_task


async def test_the_app_waits_for_the_end_of_what_it_has_started() -> None:
    events: list[str] = []
    has_begun = asyncio.Event()

    async def work() -> None:
        try:
            has_begun.set()
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0)
            events.append('the task has ended')

    async with AsyncExitStack() as stack:
        stack.callback(events.append, 'what it uses is closed')
        start_task(work(), 'work', stack)
        await has_begun.wait()
    assert events == ['the task has ended', 'what it uses is closed']


async def test_a_task_that_has_failed_is_told_at_the_end(caplog: pytest.LogCaptureFixture) -> None:
    async def fail() -> None:
        raise ValueError('out of order')

    async with AsyncExitStack() as stack:
        await asyncio.wait([start_task(fail(), 'look for models', stack)])
    (record,) = caplog.records
    assert 'look for models' in record.getMessage()
