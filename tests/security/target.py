"""What is attacked: Parlour in a process of its own, and the commands that it obeys."""

import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal, Self
from urllib.parse import urlsplit

from tests.support.launching import Process, start_process
from tests.support.process import Output
from tests.support.timeouts import WAIT_TIMEOUT

ROOT = Path(__file__).parents[2]


class Target:
    """A running app; as a context it does not outlive its block."""

    def __init__(
        self,
        kind: Literal['guarded', 'bare'],
        data: Path,
        *,
        launch: Callable[..., Process] = start_process,
    ) -> None:
        """Start it; `bare` is the app without a guard."""
        self.kind = kind
        command = [sys.executable, '-m', 'tests.security.app_process', kind, str(data)]
        read, write = os.pipe()
        with os.fdopen(read, encoding='utf-8') as stdin:
            self._process = launch(command, ROOT, {'PYTHONPATH': str(ROOT)}, stdin)
        assert self._process.stdout
        assert self._process.stderr
        self._commands, self._answers = os.fdopen(write, 'w', encoding='utf-8'), self._process.stdout
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
        self._process.wait(WAIT_TIMEOUT)
        self._answers.close()
        self.log.join()
