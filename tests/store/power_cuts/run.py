"""The power cuts in full: `python tests/store/power_cuts/run.py --steps 20 --seeds 1 2 3`."""

import argparse
import asyncio
import logging
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[3]))  # it also runs from a copy that is not installed

from tests.store.power_cuts.disk_model import RecordingDisk, WithoutFileSync, WithoutFolderSync
from tests.store.power_cuts.simulation import Simulation, recorded
from tests.store.torture.torture import SETTINGS

DISKS = {'as it is': RecordingDisk, 'no file is synced': WithoutFileSync, 'no folder is': WithoutFolderSync}


def main() -> int:
    parser = argparse.ArgumentParser(description='Cut the power of a model of a disk, after each operation.')
    parser.add_argument('--steps', type=int, default=20)
    parser.add_argument('--seeds', type=int, nargs='+', default=[1, 2, 3])
    parser.add_argument('--setting', choices=SETTINGS, action='append')
    parser.add_argument('--disk', choices=DISKS, default='as it is')
    arguments = parser.parse_args()
    logging.disable()  # of an index that was cut
    bad = 0
    for setting in arguments.setting or SETTINGS:
        for seed in arguments.seeds:
            disk = DISKS[arguments.disk]()
            with tempfile.TemporaryDirectory() as folder:
                data = Path(folder) / 'data'
                simulation = Simulation(data, disk, SETTINGS[setting])
                asyncio.run(run(simulation, data, disk, SETTINGS[setting], seed, arguments.steps))
            bad += len(simulation.bad)
            sys.stdout.write(
                f'{setting}, seed {seed}: {simulation.states} states, {len(simulation.bad)} bad\n'
            )
            sys.stdout.flush()
    return 1 if bad else 0


async def run(
    simulation: Simulation, data: Path, disk: RecordingDisk, rewrite_below: float, seed: int, steps: int
) -> None:
    await recorded(data, disk, rewrite_below=rewrite_below, seed=seed, steps=steps)
    await simulation.run()


if __name__ == '__main__':
    sys.exit(main())
