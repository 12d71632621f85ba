"""A network of the test's own with two computers on it: the owner's, on which the app runs, and a guest's.

Each is a network namespace, and nothing of this computer's network is touched: Chromium takes what it is
loading for lost when a network comes or goes, also in tests that run at the same time. It needs Linux, root
and `ip` (`apt install iproute2`).
"""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from functools import partial
from itertools import count
from pathlib import Path
from typing import ParamSpec, TypeVar

import pytest
from filelock import FileLock

from tests.security.raw import Answer, ask
from tests.support.fork_server import ROOT, ForkServer
from tests.support.launching import Process
from tests.support.namespaces import enter

P = ParamSpec('P')
T = TypeVar('T')

NETWORK_PREFIX, NETWORK_PREFIX_V6 = '10.77.31.', 'fd77:31::'

NETWORKS = Path('/run/netns')
"""Where `ip` puts those that have names."""

_numbers = count(1)
"""Of the networks that this process makes."""


def accepts(host: str, port: int) -> bool:
    """Whether anybody listens there."""
    try:
        socket.create_connection((host, port), timeout=5).close()
    except OSError:
        return False
    return True


class Computer:
    """One of them; what is started on it sees no other network."""

    def __init__(self, name: str, number: int) -> None:
        self.name = name
        self.ip, self.ip_v6 = f'{NETWORK_PREFIX}{number}', f'{NETWORK_PREFIX_V6}{number}'
        self.network = NETWORKS / name
        self.link_local = f'fe80::{number}'
        """One that Linux makes is ready after a second and a half: a change that Chromium would notice."""

    def command(self, *command: str) -> list[str]:
        """What runs this command there."""
        return ['ip', 'netns', 'exec', self.name, *command]

    def program(self, path: str, folder: Path) -> str:
        """A program in this folder that runs the one at this path there, with the same arguments."""
        script = folder / f'{Path(path).name}-on-{self.name}'
        script.write_text(f'#!/bin/sh\nexec {" ".join(self.command(path))} "$@"\n')
        script.chmod(0o700)
        return str(script)

    def start(self, code: str, *arguments: str) -> 'subprocess.Popen[str]':
        """Run a few lines of Python there."""
        command = self.command(sys.executable, '-c', code, *arguments)
        return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)  # noqa: S603

    def launching(self, fork_server: ForkServer) -> Callable[..., Process]:
        """What starts the app there."""
        return partial(fork_server.launch, namespace=self.network)

    def call(self, function: Callable[P, T], *arguments: P.args, **named: P.kwargs) -> T:
        """Call it there, in a thread: to start a program there takes longer than most requests."""
        with ThreadPoolExecutor(1, initializer=enter, initargs=(self.network,)) as thread:
            return thread.submit(function, *arguments, **named).result()

    def reaches(self, host: str, port: int) -> bool:
        return self.call(accepts, host, port)

    def ask(self, url: str, path: str, cookie: str = '') -> Answer:
        return self.call(ask, url, 'GET', path, [('Cookie', cookie)])

    def ip_command(self, *arguments: str) -> None:
        _ip('-n', self.name, *arguments)


class Lan:
    """The two of them, connected by one cable; as a context it is gone afterwards."""

    def __init__(self) -> None:
        which = f'{os.getpid()}-{next(_numbers)}'
        self.owner = Computer(f'owner{which}', 1)
        self.guest = Computer(f'guest{which}', 2)
        self._made = ExitStack()

    def __enter__(self) -> 'Lan':
        for computer in (self.owner, self.guest):
            _ip('netns', 'add', computer.name)
            self._made.callback(_ip, 'netns', 'delete', computer.name)
        self.owner.ip_command(
            *('link', 'add', 'lan0', 'type', 'veth', 'peer', 'name', 'lan0', 'netns', self.guest.name)
        )
        for computer in (self.owner, self.guest):
            computer.ip_command('address', 'add', f'{computer.ip}/24', 'dev', 'lan0')
            computer.ip_command('link', 'set', 'lan0', 'addrgenmode', 'none')
            for address in (computer.ip_v6, computer.link_local):
                computer.ip_command('address', 'add', f'{address}/64', 'dev', 'lan0', 'nodad')
            for adapter in ('lo', 'lan0'):
                computer.ip_command('link', 'set', adapter, 'up')
        for computer, router in ((self.owner, self.guest), (self.guest, self.owner)):
            computer.ip_command('route', 'add', 'default', 'via', router.ip)
        return self

    def __exit__(self, *_: object) -> None:
        self._made.close()


@contextmanager
def own_lan() -> Generator[Lan]:
    """Such a network; where there can be none the tests are skipped, but for those of CI."""
    if reason := unavailable_reason():
        (pytest.fail if os.environ.get('CI') else pytest.skip)(reason)
    with Lan() as lan:
        yield lan


def unavailable_reason() -> str:
    """Why there can be no network of our own here; empty if there can."""
    if not sys.platform.startswith('linux') or not shutil.which('ip'):
        return 'This needs Linux and `apt install iproute2`.'
    if os.geteuid() != 0:
        return 'Only root can make a network namespace.'
    name = f'parlour-try-{os.getpid()}'
    try:
        _ip('netns', 'add', name)
        _ip('netns', 'delete', name)
    except AssertionError as error:
        return f'No network namespace can be made here: {error}'
    return ''


def _ip(*arguments: str) -> None:
    """Run `ip`, one at a time: two that make a namespace in the same moment may both fail."""
    with FileLock(Path(tempfile.gettempdir()) / 'parlour-tests-ip.lock'):
        done = subprocess.run(['ip', *arguments], check=False, capture_output=True, text=True)  # noqa: S603, S607
    assert done.returncode == 0, f'ip {" ".join(arguments)}: {done.stderr}'
