"""How a process of the app comes to be."""

import os
import subprocess
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import IO, Protocol

KEPT_VARIABLES = (
    'PATH',
    'HOME',
    'LANG',
    'LC_ALL',
    'TMPDIR',
    'TEMP',
    'SYSTEMROOT',
    'VIRTUAL_ENV',
    'LD_LIBRARY_PATH',
)
"""What the app inherits. Not keys, proxies, PARLOUR_…, NICEGUI_… or PYTEST_…: those change what it does."""

NO_KEYRING = {'PYTHON_KEYRING_BACKEND': 'keyring.backends.fail.Keyring'}
"""The keys of a test are no business of a developer's keyring."""


class Process(Protocol):
    """As much of `subprocess.Popen` as `Parlour` uses."""

    @property
    def pid(self) -> int: ...
    @property
    def stdout(self) -> IO[str] | None: ...
    @property
    def stderr(self) -> IO[str] | None: ...
    def poll(self) -> int | None: ...
    def wait(self, timeout: float | None = None) -> int: ...
    def send_signal(self, sig: int) -> None: ...


Launch = Callable[[Sequence[str], Path], Process]
"""Starts a command in a folder, in a group of its own, with no environment but `KEPT_VARIABLES`."""


def start_process(
    command: Sequence[str],
    folder: Path,
    environment: Mapping[str, str] | None = None,
    stdin: IO[str] | None = None,
) -> subprocess.Popen[str]:
    """Start it as a person does; `environment` is added to what it inherits, `stdin` is what it can read."""
    return subprocess.Popen(  # noqa: S603  # our own program
        command,
        cwd=folder,
        env=kept_environment() | dict(environment or {}),
        stdin=stdin or subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding='utf-8',
        errors='replace',
        start_new_session=True,  # a group of its own, to end; and Ctrl-C at pytest's terminal is not for it
    )


def kept_environment() -> dict[str, str]:
    return {name: os.environ[name] for name in KEPT_VARIABLES if name in os.environ} | NO_KEYRING
