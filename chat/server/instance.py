"""One running instance per data folder: a second start finds the first, and opens its page or window."""

import hmac
import json
import logging
import os
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Self

import httpx2
from fastapi import APIRouter, Response
from filelock import FileLock, Timeout

from chat import __version__
from chat.errors import StartFailed

log = logging.getLogger(__name__)

ANSWER_TIMEOUT = 8
"""Seconds that a second start waits for the first one to come up, or to end."""

REQUEST_TIMEOUT = 10
"""Seconds that the first one has for an answer: its computer may be busy, and hangs seldom."""

REDIRECT_PAGE = """<!doctype html>
<meta charset="utf-8">
<title>Parlour</title>
<meta http-equiv="refresh" content="0; url={entrance}">
<p><a href="{entrance}">Open Parlour</a></p>
"""
"""A page that leads to the address with the token; see `RunningInstance.address_to_open`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunningInstance:
    """What a running instance writes into its data folder for later starts."""

    pid: int
    url: str
    """The URL of its page, with a slash at its end."""
    entrance: str
    """The URL that signs its owner in: the same, or one with a token."""
    secret: str
    """Known only to those who can read the data folder: it proves that the port is still ours."""

    @classmethod
    def now(cls, url: str, token: str) -> Self:
        """Return this process; with a token only who has it is let in."""
        entrance = f'{url}join/{token}' if token else url
        return cls(pid=os.getpid(), url=url, entrance=entrance, secret=secrets.token_urlsafe(32))

    def proof(self, challenge: str) -> str:
        """Return the answer of `/healthz?challenge=…`, which no other program can give."""
        return self._signed(f'health {challenge}')

    def request(self, challenge: str) -> str:
        """Return what authorizes `/front`: only those who can read the data folder can compute it."""
        return self._signed(f'front {challenge}')

    def is_reachable(self, timeout: float) -> bool:
        challenge = secrets.token_urlsafe(16)
        try:
            answer = httpx2.get(
                f'{self.url}healthz', params={'challenge': challenge}, timeout=timeout, trust_env=False
            )
        except httpx2.HTTPError:
            return False
        return self.proof(challenge) in answer.text

    def raise_window(self) -> bool:
        """Bring its desktop window to the front; return whether it has one."""
        challenge = secrets.token_urlsafe(16)
        proof = {'challenge': challenge, 'proof': self.request(challenge)}
        try:
            answer = httpx2.post(f'{self.url}front', params=proof, timeout=REQUEST_TIMEOUT, trust_env=False)
        except httpx2.HTTPError:
            return False
        return answer.is_success

    def address_to_open(self, folder: Path) -> str:
        """Return the address to start a browser with.

        Everybody at a computer can see with which arguments a program was started, so an address with a token
        stands in a page that only its owner can read, and which leads there.

        Raises:
            OSError: If that page cannot be written.
        """
        if self.entrance == self.url:
            return self.url
        page = folder / '.enter.html'
        page.unlink(missing_ok=True)
        descriptor = os.open(page, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, 'w') as file:
            file.write(REDIRECT_PAGE.format(entrance=self.entrance))
        return page.absolute().as_uri()

    def _signed(self, text: str) -> str:
        return hmac.digest(self.secret.encode(), text.encode(), 'sha256').hex()


@dataclass(eq=False)
class Instance:
    """The right to write into a data folder; the operating system takes it back when the process ends."""

    folder: Path
    timeout: float = ANSWER_TIMEOUT
    request_timeout: float = REQUEST_TIMEOUT
    _lock: FileLock = field(init=False)

    def __post_init__(self) -> None:
        self._lock = FileLock(self.folder / '.lock', mode=0o600, thread_local=False)

    def claim(self) -> RunningInstance | None:
        """Take the folder, or return the instance that has it and can be reached.

        Raises:
            StartFailed: If the folder cannot be used, or if another process holds it and does not answer.
        """
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._lock.acquire(timeout=self.timeout, cancel_check=lambda: self._reachable() is not None)
        except Timeout:
            if running := self._reachable():
                return running
            raise StartFailed(self._is_locked()) from None
        except OSError as error:
            raise StartFailed(
                f'The data folder {self.folder} cannot be used: {error.strerror}. Choose another with --data.'
            ) from None
        return None

    def announce(self, running: RunningInstance) -> None:
        """Write into the folder where later starts reach this one, unless its disk is full."""
        try:
            self._instance_file.unlink(missing_ok=True)
            self._instance_file.touch(mode=0o600)
            self._instance_file.write_text(json.dumps(asdict(running)))
        except OSError as error:
            log.warning('A second start will not find this one: %s', error)

    def release(self) -> None:
        self._instance_file.unlink(missing_ok=True)
        self._lock.release()

    @property
    def _instance_file(self) -> Path:
        return self.folder / '.running.json'

    def _running(self) -> RunningInstance | None:
        try:
            return RunningInstance(**json.loads(self._instance_file.read_text()))
        except (OSError, ValueError, TypeError):
            return None

    def _reachable(self) -> RunningInstance | None:
        running = self._running()
        return running if running and running.is_reachable(self.request_timeout) else None

    def _is_locked(self) -> str:
        running = self._running()
        who = f'Process {running.pid}' if running else 'Another process'
        return f'{who} holds {self.folder} and does not answer. End it, or choose another --data.'


def instance_routes(running: RunningInstance, raise_window: Callable[[], Awaitable[bool]]) -> APIRouter:
    """Return the routes by which a second start finds this instance, and brings its window to the front."""
    router = APIRouter()

    @router.get('/healthz')
    async def healthz(challenge: str = '') -> dict[str, str]:
        answer = {'status': 'ok', 'version': __version__}
        return answer | ({'proof': running.proof(challenge)} if challenge else {})

    @router.post('/front')
    async def front(challenge: str, proof: str) -> Response:
        if not hmac.compare_digest(proof.encode(), running.request(challenge).encode()):
            return Response(status_code=403)
        return Response(status_code=204 if await raise_window() else 404)

    return router
