"""Who looks is woken at once, then once a frame, and always after the last change."""

import asyncio
import time

from chat.change import FRAME, LONGEST, LONGEST_READ, Change


async def test_the_first_change_is_told_at_once() -> None:
    change = Change()
    change.notify_soon()
    assert change.count == 1


async def test_many_changes_within_a_frame_are_one() -> None:
    change = Change()
    for _ in range(100):
        change.notify_soon()
    assert change.count == 1
    await asyncio.wait_for(change.wait(), 10 * FRAME)
    assert change.count == 2


async def test_the_last_change_before_a_pause_is_told() -> None:
    """With nothing to come after it, and within 100 ms on a machine that is idle."""
    change = Change()
    for _ in range(5):
        change.notify_soon()
        await asyncio.sleep(FRAME / 3)
    told = change.count
    change.notify_soon()
    await asyncio.wait_for(change.wait(told), 10 * FRAME)


async def test_a_long_answer_has_longer_frames() -> None:
    change, begun = Change(), time.monotonic()
    change.notify_soon(1_000_000)
    change.notify_soon(1_000_000)
    await change.wait(1)
    assert time.monotonic() - begun > (FRAME + LONGEST_READ) / 2


async def test_a_notice_that_cannot_wait_takes_the_place_of_one_that_can() -> None:
    change = Change()
    change.notify_soon()
    change.notify_soon()
    change.notify()
    assert change.count == 2
    await asyncio.sleep(2 * FRAME)
    assert change.count == 2


async def test_all_who_wait_are_woken_together() -> None:
    change, order = Change(), list[str]()

    async def look(name: str) -> None:
        await change.wait()
        order.append(name)

    async with asyncio.TaskGroup() as looking:
        looking.create_task(look('one'))
        looking.create_task(look('two'))
        await asyncio.sleep(0)
        change.notify_soon()
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        assert order == ['one', 'two']


async def test_a_busy_event_loop_has_longer_frames() -> None:
    change = Change()
    change.notify_soon()
    change.notify_soon()
    time.sleep(FRAME + 0.03)  # noqa: ASYNC251  # something takes the event loop for itself
    await change.wait(1)
    change.notify_soon()
    await asyncio.sleep(FRAME)
    assert change.count == 2
    await asyncio.wait_for(change.wait(2), 2 * LONGEST)
