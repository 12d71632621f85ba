"""The program in `serve.py`, started and ended, and asked what it does."""

import asyncio
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import httpx2

HERE = Path(__file__).parent
KEY = 'a-key-of-the-tests'
START_TIMEOUT = 60
"""Seconds until it has loaded its model, on a machine that is busy."""


class Llama:
    """One server, on one port for as long as the object lives."""

    def __init__(self, *, context: int = 512, template: str = '') -> None:
        with socket.socket() as free:
            free.bind(('127.0.0.1', 0))
            port = free.getsockname()[1]
        self.origin = f'http://127.0.0.1:{port}'
        self.url = f'{self.origin}/v1'
        self._command = [sys.executable, str(HERE / 'serve.py'), str(port), str(context)]
        self._command += [str(HERE / 'templates' / f'{template}.jinja')] if template else []
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Begin to load the model."""
        self._process = subprocess.Popen(  # noqa: S603  # our own program
            self._command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )

    def kill(self) -> None:
        """End at once, as in a crash."""
        if self._process:
            self._process.kill()
            self._process.wait()
            self._process = None

    async def ready(self) -> None:
        """Return when the model is loaded."""
        await self.when(lambda status, _: status == 200)

    async def free(self) -> None:
        """Return when nothing is being answered."""
        await self.when(lambda status, body: status == 200 and '"is_processing":false' in body, '/slots')

    async def when(self, holds: Callable[[int, str], bool], path: str = '/v1/models') -> None:
        """Return as soon as a status and a body are so; the status of a server that is not there is 0."""
        async with asyncio.timeout(START_TIMEOUT), httpx2.AsyncClient(trust_env=False) as client:
            while not holds(*await self._get(client, path)):  # noqa: ASYNC110  # a program tells nothing by itself
                await asyncio.sleep(0.02)

    async def _get(self, client: httpx2.AsyncClient, path: str) -> tuple[int, str]:
        try:
            got = await client.get(f'{self.origin}{path}', headers={'Authorization': f'Bearer {KEY}'})
        except httpx2.TransportError:
            return 0, ''
        return got.status_code, got.text
