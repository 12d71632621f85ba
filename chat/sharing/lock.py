"""The lock: a passcode that keeps people off the pages of the owner. It encrypts nothing."""

import asyncio
import hashlib
import hmac
import logging
import secrets
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Annotated, TypeAlias

from pydantic import AwareDatetime, Field, NonNegativeInt, StringConstraints

from chat.change_signal import ChangeSignal
from chat.errors import PasscodeRefused
from chat.sharing.invites import now_in_utc
from chat.value_storage import ValueStorage

log = logging.getLogger(__name__)

MIN_PASSCODE_LENGTH = 4
MAX_PASSCODE_LENGTH = 200

SCRYPT_COST = 2**15
"""With blocks of 8 an attempt takes 32 MB and some 80 ms of a processor."""

SCRYPT_BLOCK_SIZE = 8
MAX_SCRYPT_COST = 2**16
MAX_SCRYPT_BYTES = 128 * 1024 * 1024

FREE_ATTEMPTS = 4
"""Wrong passcodes in a row after which there is no wait; people mistype."""

FIRST_WAIT = timedelta(seconds=30)
"""After the next one; each further one doubles it."""

MAX_WAIT = timedelta(minutes=15)
"""So that nobody can keep the owner out for long; to try all passcodes of six digits takes 28 years."""

IDLE_CHECK_INTERVAL = timedelta(seconds=30)
"""How often it is looked whether anybody is here: timers do not advance while a computer sleeps."""

FORGOTTEN_HINT = (
    'Forgot it? Quit Parlour, delete lock.json in its data folder, and start it again: the lock keeps people '
    'off these pages, it does not encrypt. Whoever can read the data folder can read the chats.'
)


Hexadecimal: TypeAlias = Annotated[str, StringConstraints(pattern=r'\A([0-9a-f]{2})+\z')]


@dataclass(frozen=True, slots=True, kw_only=True)
class LockRecord:
    """What is stored of the lock."""

    salt: Hexadecimal
    """16 random bytes."""
    hash: Hexadecimal
    """The passcode by scrypt, 32 bytes."""
    cost: Annotated[int, Field(ge=2, le=MAX_SCRYPT_COST)] = SCRYPT_COST
    """The N of scrypt with which it was made."""
    idle_minutes: NonNegativeInt = 0
    """Minutes without use after which it locks by itself; 0 for never."""
    failures: NonNegativeInt = 0
    """Wrong passcodes since the last right one, among them one that is being tried."""
    failed_at: AwareDatetime | None = None
    """When the last of them was tried."""


class Lock:
    """The lock of all pages of the owner. For the event loop only.

    It is the state of the server, not of a browser: all pages lock at once, and what a person does on any of
    them counts as use. With a passcode, every start begins locked.
    """

    def __init__(self, *, clock: Callable[[], datetime] = now_in_utc) -> None:
        self.changed = ChangeSignal()
        """Notified when it locks or is unlocked, and when the passcode or the minutes change."""
        self.is_locked = False
        self.trouble = ''
        """Why the stored passcode cannot be read, as a sentence; then it stays locked."""
        self._record: LockRecord | None = None
        self._storage: ValueStorage[LockRecord] | None = None
        self._clock = clock
        self._used_at = clock()
        self._trying = asyncio.Lock()
        """Held while a passcode is compared or changed: many attempts at once are one after the other."""
        self._handlers: list[Callable[[], None]] = []
        self._idle_task: asyncio.Task[None] | None = None

    async def open(self, storage: ValueStorage[LockRecord]) -> None:
        """Read what is stored; where there is a passcode, this locks."""
        self._storage = storage
        self._record = next(iter(await storage.read()), None)
        self.trouble = storage.trouble
        self.is_locked = self.has_passcode
        self._idle_task = asyncio.create_task(self._lock_when_idle(), name='lock when nobody is here')

    async def close(self) -> None:
        """End what waits."""
        if self._idle_task:
            self._idle_task.cancel()
            await asyncio.wait([self._idle_task])

    @property
    def has_passcode(self) -> bool:
        return self._record is not None or bool(self.trouble)

    @property
    def idle_minutes(self) -> int:
        """Minutes without use after which it locks by itself; 0 for never."""
        return self._record.idle_minutes if self._record else 0

    @contextmanager
    def calls_when_locked(self, handle: Callable[[], None]) -> Generator[None]:
        """Call this at the moment in which it locks, while the block runs."""
        self._handlers.append(handle)
        try:
            yield
        finally:
            self._handlers.remove(handle)

    def lock(self) -> None:
        """Lock all pages; nothing happens without a passcode."""
        if self.has_passcode and not self.is_locked:
            self.is_locked = True
            log.info('The pages of the owner are locked')
            for handle in list(self._handlers):
                handle()
            self.changed.notify()

    def note_use(self) -> None:
        """Note that a person does something on a page; one that has slept for too long is locked instead."""
        if self._is_idle():
            self.lock()
        self._used_at = self._clock()

    async def unlock(self, passcode: str) -> None:
        """Let people see the pages again.

        Raises:
            PasscodeRefused: If that is not the passcode, or if too many were wrong before.
        """
        async with self._trying:
            await self._try(passcode)
        self._used_at = self._clock()
        if self.is_locked:
            self.is_locked = False
            log.info('The pages of the owner are unlocked')
            self.changed.notify()

    async def set_passcode(self, passcode: str, *, current: str = '') -> None:
        """Set the passcode, or change it with the `current` one.

        Raises:
            PasscodeRefused: If it cannot be one, or if the current one is wrong.
            OSError: If it could not be stored. Then it is as before.
        """
        if not MIN_PASSCODE_LENGTH <= len(passcode) <= MAX_PASSCODE_LENGTH:
            raise PasscodeRefused(
                f'A passcode has {MIN_PASSCODE_LENGTH} to {MAX_PASSCODE_LENGTH} characters.'
            )
        async with self._trying:
            await self._try(current)
            salt = secrets.token_bytes(16)
            hashed = await asyncio.to_thread(_hash_of, passcode, salt, SCRYPT_COST)
            record = LockRecord(salt=salt.hex(), hash=hashed.hex(), idle_minutes=self.idle_minutes)
            await self._opened.put(record)
            self._record = record
        self._used_at = self._clock()
        self.changed.notify()

    async def remove_passcode(self, current: str) -> None:
        """Have no lock any more.

        Raises:
            PasscodeRefused: If that is not the passcode.
            OSError: If it is still stored.
        """
        async with self._trying:
            await self._try(current)
            if self._record:
                await self._opened.remove(self._record)
                self._record = None
        self.changed.notify()

    async def set_idle_minutes(self, minutes: int) -> None:
        """Lock after this time without use; 0 for never.

        Raises:
            OSError: If it could not be stored. Then it holds until Parlour ends.
        """
        if self._record is None or self._record.idle_minutes == minutes:
            return
        self._record = replace(self._record, idle_minutes=minutes)
        self._used_at = self._clock()
        self.changed.notify()
        await self._opened.put(self._record)

    @property
    def _opened(self) -> ValueStorage[LockRecord]:
        if self._storage is None:
            raise PasscodeRefused('There is no lock here.')
        return self._storage

    async def _try(self, passcode: str) -> None:
        """Compare a passcode with the one that is set.

        The attempt is stored as a wrong one before it is made: ending the process does not undo it.

        Raises:
            PasscodeRefused: If it is another one, or if it was not compared.
        """
        if self.trouble:
            raise PasscodeRefused(f'{self.trouble} {FORGOTTEN_HINT}')
        if self._record is None:
            return  # there is none, so that any is right
        if wait := self._wait_left(self._record):
            raise PasscodeRefused(f'Too many wrong passcodes. Try again in {_spoken(wait)}.')
        record = replace(self._record, failures=self._record.failures + 1, failed_at=self._clock())
        await self._store(record)
        is_right = len(passcode) <= MAX_PASSCODE_LENGTH and hmac.compare_digest(
            await asyncio.to_thread(_hash_of, passcode, bytes.fromhex(record.salt), record.cost),
            bytes.fromhex(record.hash),
        )
        if not is_right:
            log.warning('A wrong passcode was entered')
            wait = self._wait_left(record)
            raise PasscodeRefused(
                f'That is not the passcode.{f" Try again in {_spoken(wait)}." if wait else ""}'
            )
        await self._store(replace(record, failures=0, failed_at=None))

    async def _store(self, record: LockRecord) -> None:
        """Have this for the record, on the disk as well if it can be written."""
        self._record = replace(record, idle_minutes=self.idle_minutes)
        try:
            await self._opened.put(self._record)
        except OSError as error:
            log.warning('Attempts to unlock are not stored: %s', error)

    def _wait_left(self, record: LockRecord) -> timedelta:
        """Return how long no further passcode is compared."""
        over = record.failures - FREE_ATTEMPTS
        if over <= 0 or record.failed_at is None:
            return timedelta()
        wait = min(FIRST_WAIT * 2 ** min(over - 1, 10), MAX_WAIT)
        passed = max(self._clock() - record.failed_at, timedelta())  # the clock may have been put back
        return max(wait - passed, timedelta())

    def _is_idle(self) -> bool:
        left = self._idle_left()
        return left is not None and left <= timedelta()

    def _idle_left(self) -> timedelta | None:
        """Return the time until it locks by itself; `None` if it does not, or has."""
        if self.is_locked or not self.idle_minutes:
            return None
        return self._used_at + timedelta(minutes=self.idle_minutes) - self._clock()

    async def _lock_when_idle(self) -> None:
        while True:
            if self._is_idle():
                self.lock()
            seen, left = self.changed.count, self._idle_left()
            seconds = None if left is None else min(left, IDLE_CHECK_INTERVAL).total_seconds()
            try:
                async with asyncio.timeout(seconds):
                    await self.changed.wait(seen)
            except TimeoutError:
                pass  # it is time to look again


def _hash_of(passcode: str, salt: bytes, cost: int) -> bytes:
    return hashlib.scrypt(
        passcode.encode(errors='replace'),
        salt=salt,
        n=cost,
        r=SCRYPT_BLOCK_SIZE,
        p=1,
        maxmem=MAX_SCRYPT_BYTES,
        dklen=32,
    )


def _spoken(wait: timedelta) -> str:
    """Return a time as one says it: `30 seconds`, `2 minutes`."""
    seconds = max(1, round(wait.total_seconds()))
    return f'{seconds} second{"s" * (seconds != 1)}' if seconds < 100 else f'{round(seconds / 60)} minutes'
