"""Two ways to store that are wrong, for a torture that does not notice them proves nothing."""

import asyncio
import time
from collections.abc import Awaitable
from pathlib import Path
from typing import Any

from chat.store.filesystem.disk import Disk
from chat.store.selftest.expected_state import Step
from chat.store.selftest.workload import Workload

PIECE = 2048
"""Bytes that reach the disk at once when a file is overwritten."""


class InPlace(Disk):
    """Overwrites files where they are, as TinyDB does by itself, and not all at once, as disks do."""

    def replace(self, path: Path, data: bytes, *, durable: bool = True) -> None:
        self.write(path, b'')
        for start in range(0, len(data), PIECE):
            self.extend(path, data[start : start + PIECE])
            time.sleep(0.0005)
        if durable:
            self.sync(path)


class Early(Workload):
    """Tells that a step is done before it is."""

    async def step(self, step: Step, work: Awaitable[Any]) -> None:
        async def late() -> None:
            await asyncio.sleep(0.002)
            await work

        await super().step(step, asyncio.sleep(0))
        await late()
