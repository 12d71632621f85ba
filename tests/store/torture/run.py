"""The torture in full: `python tests/store/torture/run.py --kills 500`."""

import argparse
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[3]))  # it also runs from a copy that is not installed

from tests.store.torture.torture import SETTINGS, Torture, zygote


def main() -> int:
    parser = argparse.ArgumentParser(description='SIGKILL a storing process again and again.')
    parser.add_argument('--kills', type=int, default=500, help='for each setting')
    parser.add_argument('--seed', type=int, default=int(time.time()))
    parser.add_argument('--setting', choices=SETTINGS, action='append')
    parser.add_argument('--control', choices=['in place', 'early'], default='', help='a store that is wrong')
    arguments = parser.parse_args()
    say(f'seed {arguments.seed}')
    losses = 0
    with zygote() as children:
        for setting in arguments.setting or SETTINGS:
            with tempfile.TemporaryDirectory() as folder:
                torture = Torture(Path(folder), SETTINGS[setting], arguments.seed, control=arguments.control)
                torture.go_on(children, arguments.kills)
            losses += len(torture.losses)
            say(report(setting, torture))
    return 1 if losses else 0


def report(setting: str, torture: Torture) -> str:
    ledger = torture.ledger
    lines = [
        f'{setting}: {torture.kills} kills, {ledger.torn_count} with a write in flight, '
        f'{torture.journals} left a journal, {ledger.acknowledged} steps and '
        f'{ledger.turns} turns acknowledged, {ledger.survived_count} checkpoints survived, '
        f'{len(torture.losses)} losses',
        *torture.losses[:5],
    ]
    return '\n'.join(lines)


def say(line: str) -> None:
    sys.stdout.write(line + '\n')
    sys.stdout.flush()


if __name__ == '__main__':
    sys.exit(main())
