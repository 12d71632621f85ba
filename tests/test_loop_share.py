"""What comes without end leaves a share of the loop to who asks for something."""

import asyncio
import time

from chat.loop_share import MOST_AT_ONCE, LoopShare

WORK = 0.006
"""Seconds that hold up the loop: a few of them are more than a turn is meant to take."""


async def test_all_go_on_in_the_order_in_which_they_came() -> None:
    share, done = LoopShare(), list[int]()
    for number in range(3):
        share.call(lambda number=number: done.append(number))
        await share.enter()
    assert done == [0, 1, 2]


async def test_who_asks_is_served_between_those_who_never_end() -> None:
    share, worked, turns = LoopShare(), [0] * 50, list[int]()

    async def work(number: int) -> None:
        while len(turns) < 20:
            time.sleep(WORK)  # noqa: ASYNC251  # it is what holds up the loop
            worked[number] += 1
            await share.enter()

    async def ask() -> None:
        for _ in range(20):
            before = sum(worked)
            await asyncio.sleep(0)
            turns.append(sum(worked) - before)

    await asyncio.gather(*map(work, range(50)), ask())
    assert max(turns[-10:]) < 10, 'but for the first turns, in which it is found out how long they take'
    assert max(worked) - min(worked) < 10, 'all have gone on'


async def test_what_is_called_has_its_turn_among_those_who_wait() -> None:
    """Also behind one that fails, and one that waits no more."""
    share, order, failures = LoopShare(), list[str](), list[dict[str, object]]()
    asyncio.get_running_loop().set_exception_handler(lambda _, context: failures.append(context))

    async def work(name: str) -> None:
        await share.enter()
        order.append(name)

    def fail() -> None:
        raise ZeroDivisionError

    async def fill() -> None:
        for _ in range(MOST_AT_ONCE):
            share.call(lambda: order.append('before'))
        await share.enter()

    gone, first = asyncio.create_task(fill()), asyncio.create_task(work('first'))
    await asyncio.sleep(0)
    share.call(fail)
    share.call(lambda: order.append('second'))
    gone.cancel()
    await asyncio.wait([first, asyncio.create_task(work('third'))])
    assert sorted(name for name in order if name != 'before') == ['first', 'second', 'third']
    assert [type(each['exception']) for each in failures] == [ZeroDivisionError]
