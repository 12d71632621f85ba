"""The app as it was at a commit, to be measured beside the present one."""

import subprocess
import tempfile
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from pathlib import Path

from tests.support.launching import Launch, Process, start_process

COMMIT = '64c1603'
"""What `python -m tests.benchmarks` compares with."""

ROOT = Path(__file__).parents[2]


@contextmanager
def app_before(commit: str = COMMIT) -> Generator[Launch]:
    """Check the commit out for as long as the block runs, and give what starts its app."""
    with tempfile.TemporaryDirectory() as folder:
        checkout = Path(folder) / 'before'
        git('worktree', 'add', '--detach', '--quiet', str(checkout), commit)

        def launch(command: Sequence[str], data: Path) -> Process:
            python, _, *options = command
            return start_process([python, str(checkout / 'main.py'), *options], data)

        try:
            yield launch
        finally:
            git('worktree', 'remove', '--force', str(checkout))


def git(*arguments: str) -> None:
    subprocess.run(['git', *arguments], cwd=ROOT, check=True)  # noqa: S603, S607  # the git of the developer


def print_rows(
    title: str, rows: Sequence[tuple[str, float, float]], written: Callable[[float], str] = '{:,.2f}'.format
) -> None:
    """Print what was measured of both: by row its name, before, and now; and the ratio of each."""
    print(f'{title:52}{COMMIT:>12}{"now":>12}{"ratio":>8}')
    for name, before, now in rows:
        ratio = f'{now / before:.2f}' if before else '-'
        print(f'{name:52}{written(before):>12}{written(now):>12}{ratio:>8}')
