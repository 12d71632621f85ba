"""The self-test: kill writing processes, fill the disk, and check that nothing acknowledged is lost."""

import asyncio
import contextlib
import errno
import logging
import random
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Generator
from pathlib import Path

from tinydb import TinyDB

from chat.store.data_folder import open_store
from chat.store.filesystem.disk import Disk
from chat.store.selftest.expected_state import DONE_LINE, ExpectedState, read_states, reopen_and_read
from chat.store.selftest.workload import Workload

KILL_COUNT = 4
"""For each setting."""

REWRITE_LIMITS = {'rewritten whole': sys.float_info.max, 'grown line by line': 0.0, 'kept as usual': 20_000.0}
"""File sizes in bytes from which a journal is used, including the default with files that large."""

STEP_COUNT = 40


def selftest(folder: Path, say: Callable[[str], None], *, kills: int = KILL_COUNT) -> bool:
    """Test the store in a new folder inside this one, which is removed afterwards; report the results.

    Takes some seconds. Returns whether nothing was lost.

    Args:
        folder: On the disk to test; created if needed.
        say: Called with each sentence of the report.
        kills: How often a process is killed per setting.
    """
    start = time.monotonic()
    folder.mkdir(parents=True, exist_ok=True)
    losses: list[str] = []
    with tempfile.TemporaryDirectory(prefix='selftest-', dir=folder) as trial:
        for number, (name, rewrite_below) in enumerate(REWRITE_LIMITS.items()):
            losses += _test_kills(Path(trial) / str(number), name, rewrite_below, kills, say)
        losses += _test_full_disk(Path(trial) / 'full', say)
    for loss in losses[:10]:
        say(f'Lost: {loss}')
    verdict = 'nothing was lost' if not losses else f'{len(losses)} things were lost: do not trust this disk'
    say(f'It took {time.monotonic() - start:.0f} seconds, and {verdict}.')
    return not losses


def _test_kills(
    folder: Path, name: str, rewrite_below: float, kills: int, say: Callable[[str], None]
) -> list[str]:
    expected = ExpectedState()
    losses: list[str] = []
    for kill in range(kills):
        _kill(folder, expected, seed=kill + 1, rewrite_below=rewrite_below)
        losses += expected.compare(asyncio.run(reopen_and_read(folder, rewrite_below=rewrite_below)))
        losses += files_unreadable_by_tinydb(folder)
    if expected.turns < max(kills, 1):
        losses.append(f'only {expected.turns} turns were stored, too few to say anything')
    say(
        f'Files {name}: a storing process was killed {kills} times, {expected.torn_count} times '
        f'in the middle of a write, after {expected.turns} turns were stored. '
        f'{expected.survived_count} unfinished answers came back.'
    )
    return losses


def _kill(folder: Path, expected: ExpectedState, *, seed: int, rewrite_below: float) -> None:
    """Run a storing process, kill it at a random moment, and record its output."""
    chance = random.Random(seed)  # noqa: S311  # no secret
    left = chance.randrange(5, 20)
    command = [
        sys.executable,
        '-m',
        'chat.store.selftest.workload',
        str(folder),
        str(seed),
        str(rewrite_below),
    ]
    root = Path(__file__).parents[3]
    with subprocess.Popen(  # noqa: S603  # our own module
        command, stdout=subprocess.PIPE, cwd=root, text=True, encoding='utf-8'
    ) as process:
        for line in process.stdout or ():
            expected.record(line.rstrip('\n'))
            left -= line.rstrip('\n') == DONE_LINE
            if left == 0:
                threading.Timer(chance.random() * 0.003, process.kill).start()
                left = -1


def files_unreadable_by_tinydb(folder: Path) -> list[str]:
    """Return the conversation files that stock TinyDB cannot open, or whose last message is missing."""
    bad: list[str] = []
    for path in (folder / 'conversations').glob('*.json'):
        try:
            with TinyDB(path, encoding='utf-8') as database:
                tables = database.storage.read() or {}
            heads = [record['head_id'] for record in tables['record'].values()]
            if not heads or not all(head in tables['entries'] for head in heads):
                bad.append(f'{path.name} has no record, or not the message that it names')
        except (ValueError, KeyError) as error:
            bad.append(f'{path.name} is no TinyDB file of a conversation: {error!r}')
    return bad


class _FullDisk(Disk):
    """A disk without space while `is_full`: half of each write still succeeds."""

    is_full = False

    def write(self, path: Path, data: bytes) -> None:
        super().write(path, data[: len(data) // 2] if self.is_full else data)
        self._raise_if_full()

    def extend(self, path: Path, data: bytes) -> None:
        super().extend(path, data[: len(data) // 2] if self.is_full else data)
        self._raise_if_full()

    def _raise_if_full(self) -> None:
        if self.is_full:
            raise OSError(errno.ENOSPC, 'the disk is full, for a trial')


def _test_full_disk(folder: Path, say: Callable[[str], None]) -> list[str]:
    expected = ExpectedState()
    with _silence_log(logging.getLogger('chat.store')):  # the disk is full on purpose
        losses, refused = asyncio.run(_fill(folder, expected))
    losses += expected.compare(asyncio.run(reopen_and_read(folder, rewrite_below=20_000)))
    say(
        f'Full disk: {refused} of {STEP_COUNT} things to store were refused, as they must be; '
        f'the {expected.turns} turns that were stored are there, and it went on when there was room.'
    )
    return losses


@contextlib.contextmanager
def _silence_log(log: logging.Logger) -> Generator[None]:
    level = log.level
    log.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        log.setLevel(level)


async def _fill(folder: Path, expected: ExpectedState) -> tuple[list[str], int]:
    """Store while the disk is full at times; return errors in memory, and how many writes were refused."""
    disk = _FullDisk()
    data_folder = await open_store(folder, rewrite_below=20_000, disk=disk)
    work = Workload(data_folder.conversations, seed=1, report=expected.record)
    refused = 0
    try:
        for step in range(STEP_COUNT):
            disk.is_full = step % 4 == 3
            try:
                await work.next()
            except OSError:
                refused += 1
                expected.pending = None
        disk.is_full = False
        found = await read_states(data_folder.conversations)
    finally:
        await data_folder.close()
    return [f'{key} in memory' for key in expected.differing_in_memory(found)], refused
