"""Files that are replaced whole, and the one thread that does it."""

import asyncio
import sys
import threading
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import pytest

from chat.store.filesystem.disk import UNFINISHED_SUFFIX, Disk, DiskThread, retry_on_permission_error


@contextmanager
def no_file_above(size: int) -> Generator[None]:
    """As on a disk that has only so many bytes left."""
    if sys.platform == 'win32':
        pytest.skip('has no such limit')
    import resource

    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_the_new_content_takes_the_place_of_the_old_one(tmp_path: Path) -> None:
    path = tmp_path / 'file.json'
    for content in (b'one', b'', b'two' * 100_000):
        Disk().replace(path, content)
        assert path.read_bytes() == content
    assert list(tmp_path.iterdir()) == [path]


def test_a_full_disk_leaves_the_old_content(tmp_path: Path) -> None:
    path = tmp_path / 'file.json'
    Disk().replace(path, b'old')
    with pytest.raises(OSError, match='large'), no_file_above(1000):
        Disk().replace(path, b'new' * 1000)
    assert path.read_bytes() == b'old'
    assert list(tmp_path.iterdir()) == [path]


def test_what_was_left_unfinished_is_no_obstacle(tmp_path: Path) -> None:
    path = tmp_path / 'file.json'
    path.with_name(path.name + UNFINISHED_SUFFIX).write_bytes(b'longer than the new one')
    Disk().replace(path, b'new')
    assert path.read_bytes() == b'new'


def test_setting_aside_takes_no_name_that_is_taken(tmp_path: Path) -> None:
    names: list[str] = []
    for content in ('one', 'two', 'three'):
        path = tmp_path / 'file.json'
        path.write_text(content)
        names.append(Disk().set_aside(path).name)
    assert names == ['file.json.corrupt', 'file.json.2.corrupt', 'file.json.3.corrupt']
    assert [(tmp_path / name).read_text() for name in names] == ['one', 'two', 'three']


@pytest.mark.parametrize(('denied', 'tries'), [(0, 1), (1, 3), (2, 3)])
def test_a_file_that_is_held_for_a_moment(denied: int, tries: int) -> None:
    """As a virus scanner on Windows does."""
    calls = iter([*[PermissionError] * denied, None])

    def call() -> None:
        if error := next(calls):
            raise error

    retry_on_permission_error(call, attempts=tries)
    assert list(calls) == []


def test_a_file_that_is_held_for_longer(tmp_path: Path) -> None:
    def call() -> None:
        raise PermissionError('held')

    with pytest.raises(PermissionError, match='held'):
        retry_on_permission_error(call, attempts=2)
    with pytest.raises(FileNotFoundError):
        retry_on_permission_error((tmp_path / 'nowhere').unlink, attempts=2)


async def test_work_is_done_in_order_in_another_thread() -> None:
    disk_thread = DiskThread()
    done: list[int] = []
    await asyncio.gather(*(disk_thread.run(done.append, number) for number in range(20)))
    assert done == list(range(20))
    assert await disk_thread.run(threading.current_thread) is not threading.current_thread()
    with pytest.raises(ZeroDivisionError):
        await disk_thread.run(divmod, 1, 0)
    await disk_thread.close()


async def test_what_can_wait_keeps_nobody_waiting_who_cannot() -> None:
    disk_thread = DiskThread()
    gate = threading.Event()
    done: list[object] = []
    begun = asyncio.create_task(disk_thread.run(gate.wait))
    deferred = [asyncio.create_task(disk_thread.run_deferred(done.append, number)) for number in range(10)]
    await asyncio.sleep(0)
    urgent = asyncio.create_task(disk_thread.run(done.append, 'urgent'))
    await asyncio.sleep(0)
    deferred[-1].cancel()  # and so it is not done at all
    gate.set()
    await asyncio.wait([begun, urgent, *deferred])
    assert done == [0, 1, 'urgent', 2, 3, 4, 5, 6, 7, 8]
    await disk_thread.close()


async def test_work_goes_on_without_its_caller_and_closing_waits_for_it() -> None:
    disk_thread = DiskThread()
    gate = threading.Event()
    done: list[str] = []

    def begun() -> None:
        gate.wait()
        done.append('begun')

    callers = [
        asyncio.create_task(disk_thread.run(begun)),
        asyncio.create_task(disk_thread.run(done.append, 'queued')),
    ]
    await asyncio.sleep(0)
    for caller in callers:
        caller.cancel()
    await asyncio.wait(callers)
    assert all(caller.cancelled() for caller in callers)
    closing = asyncio.create_task(disk_thread.close())
    await asyncio.sleep(0)
    assert not closing.done()
    gate.set()
    await closing
    assert done == ['begun', 'queued']
