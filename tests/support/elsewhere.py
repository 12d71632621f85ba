"""Another computer in the same network: a network namespace with nothing in it but a line to this one.

It needs Linux, root and `ip` (`apt install iproute2`).
"""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Self

import pytest

from tests.attacks.raw import Answer
from tests.attacks.target import ROOT
from tests.support.launching import spawn

WORKER = int(os.environ.get('PYTEST_XDIST_WORKER', 'gw0').removeprefix('gw'))
"""Tests that run at the same time have a network each."""

HERE, THERE = f'10.77.{31 + WORKER}.1', f'10.77.{31 + WORKER}.2'
HERE_V6, THERE_V6 = f'fd77:{31 + WORKER}::1', f'fd77:{31 + WORKER}::2'
ASK = """
import json, sys
from dataclasses import asdict
from tests.attacks.raw import ask
print(json.dumps(asdict(ask(*sys.argv[1:4], [('Cookie', sys.argv[4])]))))
"""
TRY = 'import sys, socket; socket.create_connection((sys.argv[1], int(sys.argv[2])), timeout=5)'


def ip(*arguments: str) -> None:
    subprocess.run(['ip', *arguments], check=True, capture_output=True)  # noqa: S603, S607  # our own arguments


class Elsewhere:
    """Another computer in the same network."""

    def __init__(self) -> None:
        self._name = f'parlour{os.getpid()}'
        self.adapter = f'lan{os.getpid() % 100000}'

    def __enter__(self) -> Self:
        ip('netns', 'add', self._name)
        ip('link', 'add', self.adapter, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', self._name)
        there = ('-n', self._name)
        for here, address in ((HERE, THERE), (HERE_V6, THERE_V6)):
            prefix, more = ('64', ['nodad']) if ':' in address else ('24', [])
            ip('address', 'add', f'{here}/{prefix}', 'dev', self.adapter, *more)
            ip(*there, 'address', 'add', f'{address}/{prefix}', 'dev', 'eth0', *more)
        ip('link', 'set', self.adapter, 'up')
        ip(*there, 'link', 'set', 'eth0', 'up')
        ip(*there, 'link', 'set', 'lo', 'up')
        ip(*there, 'route', 'add', 'default', 'via', HERE)
        return self

    def __exit__(self, *_: object) -> None:
        subprocess.run(['ip', 'link', 'delete', self.adapter], check=False, capture_output=True)  # noqa: S603, S607
        subprocess.run(['ip', 'netns', 'delete', self._name], check=False, capture_output=True)  # noqa: S603, S607

    def start(self, code: str, *arguments: str) -> 'subprocess.Popen[str]':
        """Run a few lines of Python there."""
        command = ['ip', 'netns', 'exec', self._name, sys.executable, '-c', code, *arguments]
        return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)  # noqa: S603

    def run(self, code: str, *arguments: str) -> tuple[int, str]:
        """The same, to the end: the exit code, and what was printed."""
        with self.start(code, *arguments) as process:
            output, errors = process.communicate(timeout=60)
            return process.returncode, output + errors

    def launch(self, command: Sequence[str], folder: Path) -> 'subprocess.Popen[str]':
        """Start the app there; what it finds there is its network."""
        return spawn(['ip', 'netns', 'exec', self._name, *command], folder)

    def reaches(self, host: str, port: int) -> bool:
        return self.run(TRY, host, str(port))[0] == 0

    def ask(self, url: str, path: str, cookie: str = '') -> Answer:
        code, printed = self.run(ASK, url, 'GET', path, cookie)
        assert code == 0, printed
        return Answer(**json.loads(printed))


@contextmanager
def computer_elsewhere() -> Generator[Elsewhere]:
    """Another computer; where there can be none the tests are skipped, but for those of CI."""
    if reason := obstacle():
        (pytest.fail if os.environ.get('CI') else pytest.skip)(reason)
    with Elsewhere() as elsewhere:
        yield elsewhere


def obstacle() -> str:
    """Why there can be no second computer here; empty if there can."""
    if not sys.platform.startswith('linux') or not shutil.which('ip'):
        return 'This needs Linux and `apt install iproute2`.'
    if os.geteuid() != 0:
        return 'Only root can make a network namespace.'
    name = f'parlour-try-{os.getpid()}'
    made = subprocess.run(['ip', 'netns', 'add', name], check=False, capture_output=True, text=True)  # noqa: S603, S607
    subprocess.run(['ip', 'netns', 'delete', name], check=False, capture_output=True)  # noqa: S603, S607
    return '' if made.returncode == 0 else f'No network namespace can be made here: {made.stderr}'
