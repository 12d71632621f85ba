"""The tables have a version, and nobody uses those of another one."""

import psycopg
import pytest

from chat.errors import StartFailed
from chat.store.postgres.database import connect
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


async def test_a_user_who_may_not_do_all_that_is_needed(postgres: PostgresServer, worker_id: str) -> None:
    """A sentence, whatever may not be done; that there is nothing to do needs no rights."""
    user = f'weak_{worker_id}'
    url = postgres.create_database(f'rights_{worker_id}')
    weak = url.replace('parlour@', f'{user}@')
    async with await psycopg.AsyncConnection.connect(url, autocommit=True) as connection:
        await connection.execute(f'create role {user} login'.encode())
        await connection.execute('revoke create on schema public from public')
        with pytest.raises(StartFailed, match='may not make tables'):
            await migrate_as(weak)
        await migrate(connection)
        with pytest.raises(StartFailed, match='may not use its tables: permission denied'):
            await open_node(weak)
        await connection.execute(f'grant select on all tables in schema public to {user}'.encode())
        assert await migrate_as(weak) == []
        with pytest.raises(StartFailed, match='stores nothing: permission denied for table node'):
            await open_node(weak)
        await connection.execute(f'drop owned by {user}; drop role {user}'.encode())


async def migrate_as(url: str) -> list[int]:
    async with await connect(url) as connection:
        return await migrate(connection)


async def test_a_database_that_cannot_hold_every_text(postgres: PostgresServer, worker_id: str) -> None:
    name = f'latin_{worker_id}'
    async with await psycopg.AsyncConnection.connect(postgres.url('postgres'), autocommit=True) as connection:
        query = f"create database {name} template template0 encoding 'LATIN1' locale 'C'"
        await connection.execute(query.encode())
        with pytest.raises(StartFailed, match=r'encoding LATIN1, and Parlour needs UTF8. Make one with'):
            await migrate_as(postgres.url(name))
        await connection.execute(f'drop database {name}'.encode())
