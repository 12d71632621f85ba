"""A real PostgreSQL for tests: one server for all of a run, a database for each test process."""

import asyncio
import os
import shutil
import subprocess
from collections.abc import Generator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
import pytest
from filelock import FileLock

from chat.errors import StorageUnavailable
from chat.store.postgres.database import Database
from chat.store.postgres.schema import migrate
from tests.support.ports import reserved_port
from tests.support.tcp_proxy import TcpProxy
from tests.support.timeouts import WAIT_TIMEOUT

SERVER_USER = 'postgres'
"""Whom the Debian package makes: PostgreSQL refuses to be run by root."""

SETTINGS = {
    'fsync': 'off',
    'synchronous_commit': 'off',
    'full_page_writes': 'off',
    'shared_buffers': '16MB',
    'max_connections': '200',
    'autovacuum': 'off',
    'wal_level': 'minimal',
    'max_wal_senders': '0',
    'listen_addresses': '127.0.0.1',
    'logging_collector': 'off',
}
"""What makes it small and quick; nothing of it has to outlast a test."""


def programs() -> Path | None:
    """The folder with `initdb`, of the newest version; `None` if there is none."""
    if found := shutil.which('initdb'):
        return Path(found).parent
    folders = sorted(Path('/usr/lib/postgresql').glob('*/bin'), key=lambda each: float(each.parent.name))
    return folders[-1] if folders else None


def require_postgres() -> Path:
    """The programs of PostgreSQL; without them the test is left out, but never in CI."""
    found = programs()
    if found is None:
        if os.environ.get('CI'):
            pytest.fail('The Debian package `postgresql` is not installed.')
        pytest.skip('needs PostgreSQL: apt-get install postgresql')
    return found


@dataclass(frozen=True)
class PostgresServer:
    """A server in a folder, which listens on loopback; everybody at this computer may use it."""

    folder: Path
    port: int
    user: str | None
    """Who runs it; `None` for whoever runs the tests."""
    more: Mapping[str, str] = field(default_factory=dict[str, str])
    """Settings that win over `SETTINGS`."""

    def url(self, database: str) -> str:
        return f'postgresql://parlour@127.0.0.1:{self.port}/{database}?connect_timeout={round(WAIT_TIMEOUT)}'

    @property
    def pid(self) -> int:
        return int((self.folder / 'data' / 'postmaster.pid').read_text().split()[0])

    def start(self) -> None:
        settings = {**SETTINGS, **self.more, 'port': self.port, 'unix_socket_directories': self.folder}
        options = ' '.join(f'-c {name}={value}' for name, value in settings.items())
        self._control('-o', options, '-l', str(self.folder / 'log'), 'start')

    def stop(self, mode: str = 'fast') -> None:
        """`immediate` is as if it had been killed."""
        self._control('-m', mode, 'stop')

    def _control(self, *arguments: str) -> None:
        run(
            [str(require_postgres() / 'pg_ctl'), '-D', str(self.folder / 'data'), '-w', *arguments], self.user
        )

    def create_database(self, name: str) -> str:
        """An empty database with this name; what was in it is gone. Its address."""
        with psycopg.connect(self.url('postgres'), autocommit=True) as connection:
            connection.execute(f'drop database if exists {name} with (force)'.encode())
            connection.execute(f"create database {name} template template0 encoding 'UTF8'".encode())
        return self.url(name)


def run(command: Sequence[str], user: str | None) -> None:
    """Run a program to its end, as another user if one is given."""
    as_user = ['setpriv', f'--reuid={user}', f'--regid={user}', '--clear-groups'] if user else []
    quiet = subprocess.DEVNULL  # no pipe: a server that it starts would hold it open
    subprocess.run([*as_user, *command], check=True, stdin=quiet, stdout=quiet, stderr=quiet)  # noqa: S603  # programs of PostgreSQL


def new_server(
    folder: Path, settings: Mapping[str, str] | None = None, *, template: Path | None = None
) -> PostgresServer:
    """Make a server in this folder and start it, with more settings; from a template if there is one."""
    user = SERVER_USER if os.getuid() == 0 else None
    if template is None:
        make_data(folder, user)
    else:
        run(['cp', '-a', str(template), str(folder)], None)
    server = PostgresServer(folder, reserved_port(), user, settings or {})
    server.start()
    return server


def make_data(folder: Path, user: str | None) -> None:
    """Make the folder of a server that is to be run by this user."""
    folder.mkdir()
    if user:
        shutil.chown(folder, user, user)
    command = ['--auth=trust', '--username=parlour', '--encoding=UTF8', '--locale=C', '--no-sync']
    run([str(require_postgres() / 'initdb'), '-D', str(folder / 'data'), *command], user)


@contextmanager
def shared_server(root: Path) -> Generator[PostgresServer]:
    """The server of a whole run of tests: the first process starts it, the last one stops it.

    `root` is a folder that all processes of the run agree on, and that is for them alone. In it is a
    `template` for servers of one test. Who asks for it while the last one stops it starts another.
    """
    users, port = root / 'users', root / 'port'
    user = SERVER_USER if os.getuid() == 0 else None
    lock = FileLock(root.with_name(f'parlour-postgres-{os.getuid()}.lock'))  # of all runs: it stays
    with lock:
        root.mkdir(mode=0o755, exist_ok=True)
        if not port.exists():
            make_data(root / 'template', user)
            port.write_text(str(new_server(root / 'server', template=root / 'template').port))
        server = PostgresServer(root / 'server', int(port.read_text()), user)
        users.write_text(' '.join([*_alive(users), str(os.getpid())]))
    try:
        yield server
    finally:
        with lock:
            left = [each for each in _alive(users) if each != str(os.getpid())]
            users.write_text(' '.join(left))
            if not left:
                server.stop('immediate')
                shutil.rmtree(root)


def _alive(users: Path) -> list[str]:
    """The processes that use the server, without those that have died."""
    found = users.read_text().split() if users.exists() else []
    return [each for each in found if Path('/proc', each).exists() or not Path('/proc/self').exists()]


def migrated(url: str) -> str:
    """The same address, once its database has the tables."""
    with ThreadPoolExecutor(1) as thread:  # for a loop of its own: an async fixture may ask for it
        thread.submit(asyncio.run, _migrate(url)).result()
    return url


async def _migrate(url: str) -> None:
    async with await psycopg.AsyncConnection.connect(url, autocommit=True) as connection:
        await migrate(connection)


def emptied(url: str) -> str:
    """The same address, once nothing is in the tables of its database."""
    with psycopg.connect(url, autocommit=True) as connection:
        tables = (
            'conversation, entry, blob, blob_use, draft, value, day_usage, booking, node, run, frame, command'
        )
        connection.execute(f'truncate {tables} restart identity cascade'.encode())
    return url


async def until_rows(url: str, query: str, *values: object) -> None:
    """Return as soon as a query has rows."""
    async with await psycopg.AsyncConnection.connect(url, autocommit=True) as connection:
        async with asyncio.timeout(WAIT_TIMEOUT):
            while not (await connection.execute(query.encode(), values)).rowcount:  # noqa: ASYNC110
                await asyncio.sleep(0.02)  # nothing tells when it has


async def until_reached(database: Database) -> None:
    """Return once a node has its database again."""
    async with asyncio.timeout(WAIT_TIMEOUT):
        while True:
            with suppress(StorageUnavailable):
                await database.read('select')
                return


def address_at(line: TcpProxy, url: str) -> str:
    """The address of the same database at the end of a line that can be cut."""
    return line.url.replace('http://', 'postgresql://parlour@') + '/' + url.rpartition('/')[2]
