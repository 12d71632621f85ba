"""Two ways to store that are wrong, for a torture that does not notice them proves nothing.

Each may be told to kill its process in the middle of what it does wrong: from outside that needs luck.
"""

import asyncio
import os
import signal
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from chat.store.filesystem.disk import Disk
from chat.store.selftest.expected_state import Step
from chat.store.selftest.workload import Workload

PIECE = 2048
"""Bytes that reach the disk at once when a file is overwritten."""


def die_after(count: int) -> Callable[[], None]:
    """Return what kills this process when it is called so many times; with 0 it never does."""
    left = count

    def call() -> None:
        nonlocal left
        left -= 1
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    return call


class InPlace(Disk):
    """Overwrites files where they are, as TinyDB does by itself, and not all at once, as disks do."""

    def __init__(self, deaths: Callable[[], None]) -> None:
        self._deaths = deaths
        """Called in the middle of each file that is there and overwritten."""

    def replace(self, path: Path, data: bytes, *, durable: bool = True) -> None:
        is_there = path.exists()
        self.write(path, b'')
        for start in range(0, len(data), PIECE):
            if is_there and start == 0:
                self._deaths()
            self.extend(path, data[start : start + PIECE])
            time.sleep(0.0005)
        if durable:
            self.sync(path)


class Early(Workload):
    """Tells that a step is done before it is."""

    def __init__(self, deaths: Callable[[], None], *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self._deaths = deaths
        """Called between what is told and what is done."""

    async def step(self, step: Step, work: Awaitable[Any]) -> None:
        await super().step(step, asyncio.sleep(0))
        self._deaths()
        await asyncio.sleep(0.002)
        await work
