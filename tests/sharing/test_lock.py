"""The lock: what is stored of a passcode, what wrong ones cost, and when it locks by itself."""

import asyncio
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from chat.errors import PasscodeRefused
from chat.sharing.lock import Lock, LockRecord
from chat.store.data_folder import open_store
from tests.support.clock import clock, on_a_clock
from tests.support.memory_values import MemoryValues

RIGHT, WRONG = 'open sesame', 'sesame street'
BEGIN = datetime(2026, 3, 1, tzinfo=UTC)


class Time:
    """A clock that stands still until it is put forward."""

    def __init__(self) -> None:
        self.now = BEGIN

    def __call__(self) -> datetime:
        return self.now

    def pass_by(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


def records() -> MemoryValues[LockRecord]:
    return MemoryValues[LockRecord](lambda _: '1')


async def opened(storage: MemoryValues[LockRecord], time: Time) -> Lock:
    lock = Lock(clock=time)
    await lock.open(storage)
    return lock


async def refusal(lock: Lock, passcode: str) -> str:
    with pytest.raises(PasscodeRefused) as refused:
        await lock.unlock(passcode)
    return str(refused.value)


async def test_a_lock_with_a_passcode_locks_and_holds_after_a_restart(tmp_path: Path) -> None:
    """Only a slow, salted hash is on the disk. Who deletes the file has no lock any more."""
    folder = await open_store(tmp_path)
    lock = Lock()
    await lock.open(folder.lock)
    lock.lock()
    assert not lock.is_locked  # nobody could open it again
    await lock.set_passcode(RIGHT)
    lock.lock()
    assert lock.is_locked
    assert (await refusal(lock, WRONG)).startswith('That is not the passcode.')
    await lock.unlock(RIGHT)
    assert not lock.is_locked
    await lock.close()
    await folder.close()
    stored = (tmp_path / 'lock.json').read_text()
    assert RIGHT not in stored
    assert '"hash"' in stored
    assert (tmp_path / 'lock.json').stat().st_mode & 0o77 == 0
    folder = await open_store(tmp_path)
    again = Lock()
    await again.open(folder.lock)
    assert again.is_locked
    await again.unlock(RIGHT)
    await again.close()
    await folder.close()
    (tmp_path / 'lock.json').unlink()
    folder = await open_store(tmp_path)
    await again.open(folder.lock)
    assert not again.is_locked
    await again.close()
    await folder.close()


@pytest.mark.parametrize('damage', ['cut', 'a value of another version'])
async def test_a_damaged_lock_stays_locked_however_often_it_is_started(tmp_path: Path, damage: str) -> None:
    """Else who can spoil the file could open the pages."""
    folder, lock = await open_store(tmp_path), Lock()
    await lock.open(folder.lock)
    await lock.set_passcode(RIGHT)
    await lock.close()
    await folder.close()
    path = tmp_path / 'lock.json'
    stored = path.read_text()
    path.write_text(stored[:-9] if damage == 'cut' else re.sub(r'("cost": *)\d+', r'\g<1>99999999', stored))
    for _ in range(2):
        folder, lock = await open_store(tmp_path), Lock()
        await lock.open(folder.lock)
        assert lock.is_locked
        assert 'lock.json' in lock.trouble
        await lock.close()
        await folder.close()
    assert path.exists()


async def test_wrong_passcodes_make_everybody_wait_also_after_a_restart() -> None:
    """Then the right one is not even compared; the wait doubles up to a quarter of an hour."""
    storage, time = records(), Time()
    lock = await opened(storage, time)
    await lock.set_passcode(RIGHT)
    for _ in range(4):
        assert await refusal(lock, WRONG) == 'That is not the passcode.'
    assert await refusal(lock, WRONG) == 'That is not the passcode. Try again in 30 seconds.'
    await lock.close()
    lock = await opened(storage, time)
    time.pass_by(20)
    assert await refusal(lock, RIGHT) == 'Too many wrong passcodes. Try again in 10 seconds.'
    time.pass_by(10)
    refused = await asyncio.gather(refusal(lock, WRONG), refusal(lock, RIGHT))
    assert sorted(refused) == [
        'That is not the passcode. Try again in 60 seconds.',
        'Too many wrong passcodes. Try again in 60 seconds.',
    ]
    time.pass_by(-3600)  # somebody has put the clock back: no wait is longer than it was
    assert 'Try again in 60 seconds.' in await refusal(lock, RIGHT)
    time.pass_by(3660)
    await lock.unlock(RIGHT)
    assert await refusal(lock, WRONG) == 'That is not the passcode.'
    await lock.close()


async def test_the_passcode_is_changed_and_removed_with_the_current_one_only() -> None:
    lock = await opened(records(), Time())
    with pytest.raises(PasscodeRefused, match='4 to 200 characters'):
        await lock.set_passcode('abc')
    await lock.set_passcode(RIGHT)
    with pytest.raises(PasscodeRefused, match='not the passcode'):
        await lock.set_passcode('another one', current=WRONG)
    with pytest.raises(PasscodeRefused, match='not the passcode'):
        await lock.remove_passcode(WRONG)
    await lock.set_idle_minutes(5)
    await lock.set_passcode('another one', current=RIGHT)
    assert lock.idle_minutes == 5
    await lock.remove_passcode('another one')
    assert not lock.has_passcode
    await lock.close()


@on_a_clock
async def test_it_locks_after_the_minutes_without_use() -> None:
    """What a person does on any page counts, and none of the time in which a computer sleeps is lost."""

    def now() -> datetime:
        return BEGIN + timedelta(seconds=clock().time())

    lock = Lock(clock=now)
    await lock.open(records())
    await lock.set_passcode(RIGHT)
    await lock.set_idle_minutes(5)
    await asyncio.sleep(299)
    lock.note_use()
    used = now()
    while not lock.is_locked:
        await lock.changed.wait(lock.changed.count)
    assert now() - used == timedelta(minutes=5)
    await lock.unlock(RIGHT)
    clock().now += 3600  # the computer sleeps, and wakes by a key
    lock.note_use()
    assert lock.is_locked
    await lock.close()
