"""What is attacked: Parlour in a process of its own, and the commands that it obeys."""

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal, Self
from urllib.parse import urlsplit

from tests.support.launching import kept_environment
from tests.support.process import Output

ROOT = Path(__file__).parents[2]


class Target:
    """A running app; as a context it does not outlive its block."""

    def __init__(self, kind: Literal['guarded', 'bare'], data: Path, *, prefix: Sequence[str] = ()) -> None:
        """Start it; `bare` is the app without a guard, `prefix` what its command goes through."""
        self.kind = kind
        self._process = subprocess.Popen(  # noqa: S603  # our own program
            [*prefix, sys.executable, '-m', 'tests.security.app_process', kind, str(data)],
            cwd=ROOT,
            env={**kept_environment(), 'PYTHONPATH': str(ROOT)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding='utf-8',
        )
        assert self._process.stdin
        assert self._process.stdout
        assert self._process.stderr
        self._commands, self._answers = self._process.stdin, self._process.stdout
        self.log = Output(self._process.stderr)
        self.url: str = self.tell('hello')
        self.port = urlsplit(self.url).port or 0

    @property
    def pid(self) -> int:
        return self._process.pid

    def tell(self, command: str, *arguments: object) -> Any:
        """Have a method of `TestServer` called, and return what it returns."""
        self._commands.write(json.dumps([command, *arguments]) + '\n')
        self._commands.flush()
        answer = self._answers.readline()
        assert answer, self.log.text
        return json.loads(answer)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._commands.close()
        self._process.wait(30)
        self._answers.close()
        self.log.join()
