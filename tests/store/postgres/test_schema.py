"""The tables have a version, and nobody uses those of another one."""

import psycopg
import pytest

from chat.errors import StartFailed
from chat.store.postgres.node import open_node
from chat.store.postgres.schema import MIGRATE_COMMAND, SCHEMA_VERSION, SchemaMismatch, migrate
from tests.support.postgres import PostgresServer


async def test_tables_of_another_version_are_refused(postgres: PostgresServer, worker_id: str) -> None:
    url = postgres.create_database(f'versions_{worker_id}')
    with pytest.raises(SchemaMismatch, match=r'no tables of Parlour yet. Run `parlour database migrate`'):
        await open_node(url)
    async with await psycopg.AsyncConnection.connect(url, autocommit=True) as connection:
        assert await migrate(connection) == list(range(1, SCHEMA_VERSION + 1))
        assert await migrate(connection) == []
        await connection.execute('update schema_version set version = 0')
        with pytest.raises(SchemaMismatch, match=rf'needs version {SCHEMA_VERSION}. Run `{MIGRATE_COMMAND}`'):
            await open_node(url)
        await connection.execute('update schema_version set version = 99')
        with pytest.raises(SchemaMismatch, match='newer than this Parlour knows'):
            await open_node(url)
        with pytest.raises(SchemaMismatch, match='Update Parlour'):
            await migrate(connection)


async def test_a_database_that_is_not_there(postgres: PostgresServer) -> None:
    """A sentence, without the password."""
    url = postgres.url('none').replace('parlour@', 'parlour:very-secret@')
    with pytest.raises(StartFailed, match=r'does not exist.*PGPASSWORD') as refusal:
        await open_node(url)
    assert 'very-secret' not in str(refusal.value)
    with pytest.raises(StartFailed, match='no address of PostgreSQL'):
        await open_node('postgresql://parlour:very-secret@[::1/x')
