"""Who looks is woken at once, then once a frame, and always after the last change."""

import asyncio

import pytest

from chat.change_signal import (
    FRAME_INTERVAL,
    FRAME_TIME_PER_VIEWER,
    LATENESS_FACTOR,
    MAX_FRAME_INTERVAL,
    MAX_LATE_INTERVAL,
    ChangeSignal,
)
from tests.support.clock import clock, on_a_clock


@on_a_clock
async def test_the_first_change_is_told_at_once() -> None:
    change = ChangeSignal()
    change.notify_soon()
    assert change.count == 1


@on_a_clock
async def test_many_changes_within_a_frame_are_one() -> None:
    change = ChangeSignal()
    for _ in range(100):
        change.notify_soon()
    assert change.count == 1
    await change.wait()
    assert (change.count, clock().now) == (2, pytest.approx(FRAME_INTERVAL))


@on_a_clock
async def test_the_last_change_before_a_pause_is_told() -> None:
    """With nothing to come after it, and within a frame."""
    change = ChangeSignal()
    for _ in range(5):
        change.notify_soon()
        await asyncio.sleep(FRAME_INTERVAL / 3)
    told, begun = change.count, clock().now
    change.notify_soon()
    await change.wait(told)
    assert clock().now - begun <= FRAME_INTERVAL


@on_a_clock
async def test_a_long_answer_has_longer_frames() -> None:
    change = ChangeSignal()
    change.notify_soon(1_000_000)
    change.notify_soon(1_000_000)
    await change.wait(1)
    assert clock().now == pytest.approx(MAX_FRAME_INTERVAL)


@on_a_clock
async def test_a_notice_that_cannot_wait_takes_the_place_of_one_that_can() -> None:
    change = ChangeSignal()
    change.notify_soon()
    change.notify_soon()
    change.notify()
    assert change.count == 2
    await asyncio.sleep(2 * FRAME_INTERVAL)
    assert change.count == 2


@on_a_clock
async def test_all_who_wait_are_woken_together() -> None:
    change, order = ChangeSignal(), list[str]()

    async def look(name: str) -> None:
        await change.wait()
        order.append(name)

    async with asyncio.TaskGroup() as looking:
        looking.create_task(look('one'))
        looking.create_task(look('two'))
        await asyncio.sleep(FRAME_INTERVAL)  # both wait
        change.notify()
        await asyncio.sleep(FRAME_INTERVAL)
        assert order == ['one', 'two']


@on_a_clock
async def test_a_busy_event_loop_has_longer_frames() -> None:
    """Late by some time, it tells no more until that time has passed some times over."""
    change, late = ChangeSignal(), 0.03
    change.notify_soon()
    change.notify_soon()
    clock().now = FRAME_INTERVAL + late  # something has taken the event loop for itself
    await change.wait(1)
    change.notify_soon()
    told = clock().now
    await change.wait(2)
    assert clock().now - told == pytest.approx(min(LATENESS_FACTOR * late, MAX_LATE_INTERVAL))


@on_a_clock
async def test_where_many_look_frames_are_longer_and_all_are_woken() -> None:
    change, woken, count = ChangeSignal(), list[int](), 600

    async def look(number: int) -> None:
        await change.wait()
        woken.append(number)

    async with asyncio.TaskGroup() as looking:
        for number in range(count):
            looking.create_task(look(number))
        await asyncio.sleep(0)
        change.notify_soon()
    assert woken == [*range(count)]
    assert clock().now == 0
    change.notify_soon()
    await change.wait()
    assert clock().now == pytest.approx(count * FRAME_TIME_PER_VIEWER)


@on_a_clock
async def test_others_have_their_turn_while_pages_build_more_than_words() -> None:
    change, woken, count = ChangeSignal(), list[int](), 100

    async def look(number: int) -> None:
        await change.wait()
        woken.append(number)

    async with asyncio.TaskGroup() as looking:
        for number in range(count):
            looking.create_task(look(number))
        await asyncio.sleep(0)
        change.notify()
        await asyncio.sleep(0)
        assert len(woken) < count / 10
    assert woken == [*range(count)]


@on_a_clock
async def test_growth_is_told_from_other_changes() -> None:
    change = ChangeSignal()
    change.notify_soon()
    assert (change.count, change.count_without_growth) == (1, 0)
    change.notify()
    assert (change.count, change.count_without_growth) == (2, 1)
