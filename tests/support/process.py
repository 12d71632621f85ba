"""The app as a user starts it: a process with flags, an output and signals."""

import os
import signal
import subprocess
import sys
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path
from threading import Condition, Thread
from typing import IO, Self

from tests.support.launching import Launch, start_process
from tests.support.timeouts import WAIT_TIMEOUT

MAIN_FILE = Path(__file__).parents[2] / 'main.py'
READY_PREFIX = 'Parlour is ready: '


class Output:
    """What a process writes to one of its streams, read while it runs."""

    def __init__(self, stream: IO[str]) -> None:
        self._changed = Condition()
        self._lines: list[str] = []
        self._ended = False
        self._stream = stream
        self._reader = Thread(target=self._read)
        self._reader.start()

    @property
    def lines(self) -> list[str]:
        """The lines so far, without their ends."""
        with self._changed:
            return self._lines.copy()

    @property
    def text(self) -> str:
        return '\n'.join(self.lines)

    def wait_for(self, start: str, timeout: float) -> str | None:
        """The first line that begins with `start`; `None` if none came before the end or the time limit."""
        with self._changed:
            self._changed.wait_for(lambda: self._ended or self._first(start) is not None, timeout)
            return self._first(start)

    def join(self) -> None:
        """Wait for the end of the stream, and close it."""
        self._reader.join()
        self._stream.close()

    def wait_for_end(self, timeout: float) -> None:
        """Wait until all is read that was written, or for so many seconds."""
        self._reader.join(timeout)

    def _first(self, start: str) -> str | None:
        return next((line for line in self._lines if line.startswith(start)), None)

    def _read(self) -> None:
        for line in self._stream:
            with self._changed:
                self._lines.append(line.rstrip('\n'))
                self._changed.notify_all()
        with self._changed:
            self._ended = True
            self._changed.notify_all()


class Parlour:
    """A running app; as a context it never outlives its block."""

    def __init__(
        self, data: Path, *arguments: str, base_url: str | None = None, launch: Launch = start_process
    ) -> None:
        """Start the app on this data folder, without waiting until it can be used.

        It runs in the folder that holds the data folder: there is no `.env` of a developer. With `--database`
        among the arguments there is no data folder.
        """
        data.parent.mkdir(parents=True, exist_ok=True)
        options = ['--no-browser', '--port', '0']
        options += [] if '--database' in arguments else ['--data', str(data)]
        options += ['--base-url', base_url] if base_url else []
        self.url = ''
        """Where the app is found, without a slash at the end; known when it is ready."""
        self._process = launch([sys.executable, str(MAIN_FILE), *options, *arguments], data.parent)
        assert self._process.stdout
        assert self._process.stderr
        self.stdout = Output(self._process.stdout)
        self.stderr = Output(self._process.stderr)

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def is_running(self) -> bool:
        return self._process.poll() is None

    @property
    def log(self) -> str:
        """All it has said, for the message of a failed test."""
        return f'--- stdout\n{self.stdout.text}\n--- stderr\n{self.stderr.text}\n---'

    def wait_until_ready(self, timeout: float = WAIT_TIMEOUT) -> None:
        """Wait for the line that says the app can be used.

        Raises:
            AssertionError: If it ends before, or says nothing for so many seconds; with all it has said.
        """
        line = self.stdout.wait_for(READY_PREFIX, timeout)
        if line is None:
            self.stderr.wait_for_end(timeout=1)
        assert line is not None, f'The app was not ready; exit code {self._process.poll()}.\n{self.log}'
        self.url = line.removeprefix(READY_PREFIX).strip().rstrip('/')

    def wait(self, timeout: float = WAIT_TIMEOUT) -> int:
        """Wait until the process ends by itself; return its exit code, below zero the signal that killed it.

        Raises:
            AssertionError: If it still runs after so many seconds; with all it has said.
        """
        try:
            return self._process.wait(timeout)
        except subprocess.TimeoutExpired:
            raise AssertionError(f'The app still runs after {timeout} s.\n{self.log}') from None

    def terminate(self, timeout: float = WAIT_TIMEOUT) -> int:
        """End it as a service manager does: SIGTERM."""
        return self._signal(signal.SIGTERM, timeout)

    def interrupt(self, timeout: float = WAIT_TIMEOUT) -> int:
        """End it as a person at a terminal does: Ctrl-C, SIGINT."""
        return self._signal(signal.SIGINT, timeout)

    def kill(self) -> int:
        """End it as a power cut does: SIGKILL."""
        return self._signal(signal.SIGKILL, timeout=WAIT_TIMEOUT)

    def check(self) -> None:
        """See that nothing went wrong inside.

        Raises:
            AssertionError: If there is a traceback in what it has said.
        """
        assert 'Traceback' not in self.log, self.log

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        with suppress(ProcessLookupError):  # the process has ended, and so have all that it started
            os.killpg(self.pid, signal.SIGKILL)
        self.wait()
        self.stdout.join()
        self.stderr.join()

    def _signal(self, number: signal.Signals, timeout: float) -> int:
        self._process.send_signal(number)
        ended = self.wait(timeout)
        for output in (self.stdout, self.stderr):
            output.wait_for_end(timeout=2)  # a process that it has left behind may have it, too
        return ended


StartApp = Callable[..., Awaitable[Parlour]]
"""Starts the app on the test's data folder, with more flags if wanted, and waits until it can be used."""
