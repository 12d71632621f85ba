"""Data folders in which Parlour cannot start, or not promise everything: each is told in a sentence."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path

import httpx2
import pytest

from chat.errors import StartFailed
from chat.server.instance import Instance
from tests.store.store_samples import conversation_of, store_in
from tests.support.fork_server import ForkServer
from tests.support.launching import Launch
from tests.support.process import MAIN_FILE, Output, Parlour
from tests.support.timeouts import WAIT_TIMEOUT

MOUNT = """
read_only="$0"; full="$1"
mount --bind "$read_only" "$read_only" && mount -o remount,ro,bind "$read_only" || exit
cp -a "$full/." "$full.copy" && mount -t tmpfs -o size=4m full "$full" && cp -a "$full.copy/." "$full" || exit
cat /dev/zero > "$full/filler" 2> /dev/null
echo mounted
exec cat
"""
"""Sees one folder as on a medium that cannot be written, and another as on a disk without any room.

So does who enters its namespace, and nobody else. It ends with its input.
"""

RunParlour = Callable[..., subprocess.CompletedProcess[str]]


def filled(folder: Path, prompt: str) -> None:
    async def fill() -> None:
        async with store_in(folder) as data_folder:
            await data_folder.conversations.save(conversation_of(prompt))

    asyncio.run(fill())


@pytest.fixture(scope='module')
def read_only(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a conversation, which is looked at and never written to."""
    folder = tmp_path_factory.mktemp('read_only') / 'data'
    filled(folder, 'ping')
    return folder


@pytest.fixture(scope='module')
def full(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a conversation, on a disk without any room."""
    folder = tmp_path_factory.mktemp('full') / 'data'
    filled(folder, 'ping')
    return folder


@pytest.fixture(scope='module')
def launch_there(read_only: Path, full: Path, request: pytest.FixtureRequest) -> Iterator[Launch]:
    """Starts programs for which these folders are so, on a system where we may make them look so."""
    if sys.platform != 'linux' or os.geteuid() != 0:
        pytest.skip('only root on Linux can mount')
    fork_server: ForkServer = request.getfixturevalue('fork_server')
    command = ['unshare', '-m', 'sh', '-c', MOUNT, str(read_only), str(full)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as there:  # noqa: S603  # as above
        assert there.stdout
        if there.stdout.readline() != 'mounted\n':
            (pytest.fail if os.environ.get('CI') else pytest.skip)('this container may not mount')
        yield partial(fork_server.launch, namespace=Path(f'/proc/{there.pid}/ns/mnt'))


@pytest.fixture
def run(read_only: Path, launch_there: Launch) -> RunParlour:
    """Runs a command of Parlour to its end."""

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, str(MAIN_FILE), *arguments, '--data', str(read_only)]
        process = launch_there(command, read_only.parent)
        assert process.stdout
        assert process.stderr
        stdout, stderr = Output(process.stdout), Output(process.stderr)
        code = process.wait(WAIT_TIMEOUT)
        stdout.join()
        stderr.join()
        return subprocess.CompletedProcess(command, code, stdout.text, stderr.text)

    return run


@pytest.mark.parametrize('arguments', [['--no-browser'], ['chats', 'repair'], ['selftest']])
def test_a_read_only_folder_is_told_in_a_sentence(
    read_only: Path, run: RunParlour, arguments: Sequence[str]
) -> None:
    ended = run(*arguments)
    assert (ended.returncode, ended.stdout) == (1, '')
    assert ended.stderr.startswith('parlour: ')
    assert ended.stderr.count('\n') == 0
    assert str(read_only) in ended.stderr


def test_a_read_only_folder_can_be_looked_at(run: RunParlour) -> None:
    listed = run('chats', 'list')
    assert listed.returncode == 0
    conversation_id = listed.stdout.split(' ')[0]
    assert '\nping\n' in f'{run("chats", "show", conversation_id).stdout}\n'
    assert 'No problems found.' in run('chats', 'verify').stdout


def test_on_a_full_disk_one_can_read(full: Path, launch_there: Launch) -> None:
    with Parlour(full, launch=launch_there) as app:
        app.wait_until_ready()
        assert 'ping' in httpx2.get(app.url, trust_env=False, timeout=WAIT_TIMEOUT).text
        assert app.terminate() == 0
    assert 'A second start will not find this one' in app.stderr.text


def test_a_synchronised_folder_is_said_once_in_the_terminal_and_in_the_sidebar(
    tmp_path: Path, launch: Launch
) -> None:
    with Parlour(tmp_path / 'Dropbox' / 'data', launch=launch) as app:
        app.wait_until_ready()
        assert (
            'seems to be synchronised by Dropbox'
            in httpx2.get(app.url, trust_env=False, timeout=WAIT_TIMEOUT).text
        )
        assert app.terminate() == 0
    assert app.stderr.text.count('seems to be synchronised by Dropbox') == 1


def hold(pid: int) -> None:
    """Have a process do nothing; returns once all its threads stand still, where that can be seen."""
    os.kill(pid, signal.SIGSTOP)
    end = time.monotonic() + WAIT_TIMEOUT
    while any(state != 'T' for state in states_of_threads(pid)):
        assert time.monotonic() < end, 'the process goes on'
        time.sleep(0.01)


def states_of_threads(pid: int) -> Iterator[str]:
    """Letters, as Linux tells them; nothing elsewhere."""
    for file in Path('/proc', str(pid), 'task').glob('*/stat'):
        with suppress(OSError):  # the thread has ended
            yield file.read_text().rpartition(') ')[2][0]


def test_a_folder_whose_holder_does_not_answer(tmp_path: Path, launch: Launch) -> None:
    """The second process changes nothing: two never write into one folder."""
    filled(tmp_path / 'data', 'ping')
    with Parlour(tmp_path / 'data', launch=launch) as first:
        first.wait_until_ready()
        hold(first.pid)
        before = {path: path.read_bytes() for path in (tmp_path / 'data').rglob('*') if path.is_file()}
        with pytest.raises(StartFailed, match=f'Process {first.pid} holds') as failed:
            Instance(tmp_path / 'data', timeout=0.5, request_timeout=0.5).claim()
        assert failed.value.exit_code == 1
        after = {path: path.read_bytes() for path in (tmp_path / 'data').rglob('*') if path.is_file()}
        assert after == before
        os.kill(first.pid, signal.SIGCONT)
        assert first.terminate() == 0
