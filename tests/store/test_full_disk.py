"""A disk that fails at any moment: what was acknowledged is in memory and stored, and nothing else is."""

from pathlib import Path

import pytest

from chat.store.data_folder import open_store
from chat.store.selftest.expected_state import ExpectedState, read_states, reopen_and_read
from chat.store.selftest.workload import Workload
from tests.store.failing_disk import FailingDisk, FullDisk
from tests.support.profile import only_long, sized

EVERY = sized(6, 1)
"""Which operations fail, one after the other: 1 for each of them."""

STEPS = 14
SETTINGS = [float('inf'), 0]


class Careful(Workload):
    """Goes on when something could not be stored."""

    failures = 0

    async def next(self) -> None:
        try:
            await super().next()
        except OSError:
            self.failures += 1


async def acknowledged_in(
    folder: Path, disk: FailingDisk, *, first: int, rewrite_below: float
) -> ExpectedState:
    """Work on a disk that fails, and check that memory says what was acknowledged."""
    ledger = ExpectedState()
    times, disk.times = disk.times, 0
    data_folder = await open_store(folder, rewrite_below=rewrite_below, disk=disk)
    disk.first, disk.times = disk.operations + first, times
    work = Careful(data_folder.conversations, seed=5, report=ledger.record)
    await work.run_steps(STEPS)
    disk.times = 0
    await work.run_steps(2)
    ledger.pending = None
    assert ledger.differing_in_memory(await read_states(data_folder.conversations)) == []
    await data_folder.close()
    return ledger


@pytest.mark.long
@pytest.mark.timeout(1800)
@pytest.mark.parametrize('rewrite_below', [*SETTINGS, only_long(5_000)])
@pytest.mark.parametrize(('kind', 'times'), [(FailingDisk, 1), (FullDisk, 6)])
async def test_a_failure_at_any_write(
    tmp_path: Path, kind: type[FailingDisk], times: int, rewrite_below: float
) -> None:
    disk = kind()
    await acknowledged_in(tmp_path / 'no failure', disk, first=0, rewrite_below=rewrite_below)
    assert disk.operations > 15
    for first in range(1, disk.operations, EVERY):
        folder = tmp_path / str(first)
        ledger = await acknowledged_in(folder, kind(times=times), first=first, rewrite_below=rewrite_below)
        assert ledger.compare(await reopen_and_read(folder, rewrite_below=rewrite_below)) == [], first


async def test_a_disk_that_stays_full_loses_nothing(tmp_path: Path) -> None:
    """Nor do conversations become unreadable, and with room again all goes on."""
    for rewrite_below in SETTINGS:
        folder = tmp_path / str(rewrite_below)
        data_folder = await open_store(folder, rewrite_below=rewrite_below)
        ledger = ExpectedState()
        await Workload(data_folder.conversations, seed=6, report=ledger.record).run_steps(10)
        await data_folder.close()
        full = await open_store(folder, rewrite_below=rewrite_below, disk=FullDisk(1, times=10**9))
        assert ledger.compare(await read_states(full.conversations)) == []
        await full.close()
        assert ledger.compare(await reopen_and_read(folder, rewrite_below=rewrite_below)) == []
