"""What is left when the power fails, on a disk that keeps what was synced: a model of a disk, not a disk."""

from pathlib import Path

import pytest

from tests.store.power_cuts.disk_model import RecordingDisk, WithoutFileSync, WithoutFolderSync
from tests.store.power_cuts.simulation import Simulation, recorded
from tests.support.profile import only_long, sized

STEPS = sized(4, 24)
"""`run.py` takes more."""
SEED = 10
"""A history in which a journal is used early, where it may be: in others few steps write files anew only."""


@pytest.mark.long
@pytest.mark.timeout(3600)
@pytest.mark.parametrize('rewrite_below', [float('inf'), 0, only_long(5_000)])
async def test_nothing_acknowledged_is_lost(tmp_path: Path, rewrite_below: float) -> None:
    disk = RecordingDisk()
    await recorded(tmp_path / 'data', disk, rewrite_below=rewrite_below, seed=SEED, steps=STEPS)
    simulation = Simulation(tmp_path / 'data', disk, rewrite_below)
    await simulation.run()
    assert simulation.bad == []
    assert simulation.states > 10 * STEPS


@pytest.mark.parametrize('careless', [WithoutFileSync, WithoutFolderSync])
@pytest.mark.parametrize('rewrite_below', [float('inf'), 0])
async def test_a_sync_that_is_left_out_is_noticed(
    tmp_path: Path, careless: type[RecordingDisk], rewrite_below: float
) -> None:
    disk = careless()
    await recorded(tmp_path / 'data', disk, rewrite_below=rewrite_below, seed=SEED, steps=STEPS)
    simulation = Simulation(tmp_path / 'data', disk, rewrite_below)
    await simulation.run(until_bad=True)
    assert simulation.bad
