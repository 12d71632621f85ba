"""What nobody has handled in the loop: what is no fault leaves no traceback, all else does."""

import asyncio
import errno
from collections.abc import AsyncGenerator
from contextlib import aclosing

import pytest

from chat.server.loop_errors import LoopErrorHandler

READERS = 20
"""Enough that of some a loop closes the inner generator first: it goes through a set."""


async def pieces() -> AsyncGenerator[str]:
    try:
        yield 'piece'
    finally:
        await asyncio.sleep(0)  # as a connection that is closed


async def words() -> AsyncGenerator[str]:
    async with aclosing(pieces()) as each:
        async for piece in each:
            yield piece


@pytest.mark.parametrize('is_handled', [True, False])
def test_streams_that_are_open_when_the_loop_ends_are_closed_quietly(
    caplog: pytest.LogCaptureFixture, is_handled: bool
) -> None:
    readers = [words() for _ in range(READERS)]

    async def read() -> None:
        if is_handled:
            asyncio.get_running_loop().set_exception_handler(LoopErrorHandler().handle)
        for reader in readers:
            await anext(reader)

    asyncio.run(read())
    assert ('Traceback' in caplog.text) is not is_handled


async def test_other_things_that_nobody_handles_are_logged_as_ever(caplog: pytest.LogCaptureFixture) -> None:
    LoopErrorHandler().handle(
        asyncio.get_running_loop(), {'message': 'odd', 'exception': OSError(errno.EMFILE, '')}
    )
    assert 'odd' in caplog.text
