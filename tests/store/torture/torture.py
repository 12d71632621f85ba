"""Kills processes with SIGKILL while they store, and compares what is there with what they acknowledged."""

import asyncio
import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from chat.store.selftest.expected_state import DONE_LINE, ExpectedState, States, reopen_and_read
from chat.store.selftest.selftest import files_unreadable_by_tinydb
from tests.store.torture.fork_server import ENDED

SETTINGS = {'all rewrite': float('inf'), 'all journal': 0.0, 'mixed': 20_000.0, 'default': 262_144.0}
"""Bytes of a file from which on there is a journal."""

OPEN_FILES = 32, 1, 2
"""How many files stay in memory, by turns."""

ROOT = Path(__file__).parents[3]


@dataclass(eq=False)
class Torture:
    """One folder, and what its processes went through."""

    folder: Path
    rewrite_below: float
    seed: int
    control: str = ''
    deaths: int = 0
    """How often a store that is wrong does that until it dies of it; 0 if it is killed from outside."""
    kills: int = 0
    journals: int = 0
    """Kills that left a journal."""
    ledger: ExpectedState = field(default_factory=ExpectedState)
    losses: list[str] = field(default_factory=list[str])

    def go_on(self, zygote: 'Zygote', kills: int) -> None:
        for _ in range(kills):
            self._kill_one(zygote)
            self.kills += 1
            self.journals += any(self._conversations.glob('*.journal'))
            self.losses += files_unreadable_by_tinydb(self.folder)
            self.losses += self.ledger.compare(self._reopened())
            self.losses += files_unreadable_by_tinydb(self.folder)
            if any(self._conversations.glob('*.journal')):
                self.losses.append('a journal at rest')

    @property
    def _conversations(self) -> Path:
        return self.folder / 'conversations'

    def _kill_one(self, zygote: 'Zygote') -> None:
        chance = random.Random(f'{self.seed} {self.kills}')  # noqa: S311  # no secret
        acknowledgements = chance.randrange(1, 9)
        process = zygote.begin(
            folder=str(self.folder),
            seed=self.seed * 100_000 + self.kills,
            rewrite_below=self.rewrite_below,
            control=self.control,
            deaths=self.deaths,
            open_files=OPEN_FILES[self.kills % len(OPEN_FILES)],
        )
        is_killed = False
        for line in zygote.lines():
            self.ledger.record(line)
            acknowledgements -= line == DONE_LINE
            if line != DONE_LINE and acknowledgements <= 0 and not is_killed and not self.deaths:
                time.sleep(chance.choice((0, 0.001, 0.004)) * chance.random())
                os.kill(process, signal.SIGKILL)
                is_killed = True

    def _reopened(self) -> States:
        return asyncio.run(reopen_and_read(self.folder, rewrite_below=self.rewrite_below))


class Zygote:
    """The process that makes the children."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        assert process.stdin is not None
        assert process.stdout is not None
        self._orders: IO[str] = process.stdin
        self._output: IO[str] = process.stdout

    def begin(self, **order: str | float) -> int:
        """Have a child begin; return its process id."""
        self._orders.write(json.dumps(order) + '\n')
        self._orders.flush()
        return int(self._output.readline())

    def lines(self) -> Generator[str]:
        """What the child says until it has ended."""
        for line in self._output:
            if line == f'{ENDED}\n':
                return
            yield line.rstrip('\n')
        raise EOFError('the zygote itself has ended')


@contextmanager
def zygote() -> Generator[Zygote]:
    command = [sys.executable, '-m', 'tests.store.torture.fork_server']
    pipe = subprocess.PIPE
    with subprocess.Popen(  # noqa: S603  # ourselves
        command, stdin=pipe, stdout=pipe, cwd=ROOT, text=True, encoding='utf-8'
    ) as process:
        try:
            yield Zygote(process)
        finally:
            assert process.stdin is not None
            process.stdin.close()
