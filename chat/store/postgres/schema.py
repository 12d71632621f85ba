"""The tables, their version, and how an older version becomes this one.

JSON stands in columns of the type `json`, which keeps each text as it is: `jsonb` and `text` refuse U+0000,
which tools and files do contain. So no statement looks into it; what is looked for has a column of its own.
"""

from contextlib import suppress
from typing import LiteralString

from psycopg import AsyncConnection
from psycopg.errors import InsufficientPrivilege, UndefinedTable

from chat.errors import StartFailed

SCHEMA_VERSION = 1
"""Of the tables, as this version of Parlour knows them."""

MIGRATE_COMMAND = 'parlour database migrate'

MIGRATION_LOCK = 7_265_100
"""The number of the lock that lets one process change the tables at a time; it means nothing."""

_STEPS: dict[int, LiteralString] = {
    1: """
    create table conversation (
        key bigint generated always as identity primary key,
        owner text not null,
        name text not null,                 -- of the file it would have; its id is in the record
        revision text not null,             -- that of the record, or its SHA-256 if that is no UUID
        record json not null,
        meta json,
        blobs text[] not null default '{}', -- those that `meta` names
        summary json not null,              -- what lists say of it
        updated_at timestamptz not null,
        deleted_at timestamptz              -- when it was moved to the trash
    );
    create unique index conversation_name on conversation (owner, name) where deleted_at is null;
    create index conversation_deleted on conversation (owner, deleted_at) where deleted_at is not null;

    create table entry (
        conversation bigint not null references conversation on delete cascade,
        key text not null,                  -- its id, or the SHA-256 of that if it is no UUID
        parent text,
        place bigint generated always as identity,
        document json not null,
        blobs text[] not null default '{}',
        words text not null,                -- what is searched, as `normalized` makes it
        grams integer[] not null,
        primary key (conversation, key)
    );
    create index entry_key on entry (key);
    create index entry_grams on entry using gin (grams);

    create table blob (sha256 text primary key, content bytea not null);
    alter table blob alter content set storage external;  -- so that a piece can be read without the rest

    create table blob_use (                 -- who may read it, and what keeps it
        sha256 text not null references blob,
        owner text not null,
        conversation bigint references conversation on delete cascade,
        draft text,                         -- neither of the two: it was uploaded, or made by a run
        used_at timestamptz not null default clock_timestamp()
    );
    create unique index blob_use_once
        on blob_use (sha256, owner, coalesce(conversation, 0), coalesce(draft, ''));
    create index blob_use_conversation on blob_use (conversation);

    create table draft (
        owner text not null,
        place text not null,
        document json not null,
        primary key (owner, place)
    );
    create table value (                    -- preferences, assistants, saved prompts …
        owner text not null,
        kind text not null,
        key text not null,
        place bigint generated always as identity,
        document json not null,
        primary key (owner, kind, key)
    );
    create table day_usage (                -- one row for all processes, which add to it
        owner text not null,
        day date not null,
        model text not null,
        answers numeric not null,
        titles numeric not null,
        requests numeric not null,
        input numeric not null,
        output numeric not null,
        cached numeric not null,
        cost numeric not null,
        unpriced numeric not null,
        primary key (owner, day, model)
    );
    create index day_usage_day on day_usage (day);
    create table booking (                  -- what was added to it, so that nothing is added twice
        id uuid primary key,
        booked_at timestamptz not null default clock_timestamp()
    );

    create table node (
        id text primary key,                -- of one process: new at each start
        seen_at timestamptz not null default clock_timestamp(),
        is_leaving boolean not null default false  -- it ends, and takes over nothing
    );
    create table run (                      -- who answers in a conversation
        conversation bigint primary key references conversation on delete cascade,
        id bigint generated always as identity unique,
        node text,                          -- nobody, if it was given up
        attempt integer not null default 0, -- how often before a node has gone on with this answer by itself
        is_shown boolean not null default true,  -- its prompt is stored, so that others can show it
        begun_at timestamptz not null default clock_timestamp()
    );
    create table frame (                    -- what an answer has said: the text so far[:keep] + tail
        run bigint not null references run (id) on delete cascade,
        seq bigint not null,
        keep bigint not null,
        tail text not null,
        said_at timestamptz not null default clock_timestamp(),
        primary key (run, seq)
    ) with (autovacuum_vacuum_scale_factor = 0.01);
    create table command (                  -- what people do with an answer that another node gives
        id bigint generated always as identity primary key,
        conversation bigint not null references conversation on delete cascade,
        document json not null,
        node text,                          -- who does it now; if that dies, another one does it again
        created_at timestamptz not null default clock_timestamp()
    );
    create index command_conversation on command (conversation);

    create function tell_of_conversation() returns trigger language plpgsql as $$
    begin
        perform pg_notify('parlour', 'conversation ' || coalesce(new.key, old.key) || ' '
            || coalesce(new.owner, old.owner));
        return null;
    end $$;
    create trigger tell after insert or update or delete on conversation
        for each row execute function tell_of_conversation();
    create function tell_of_run() returns trigger language plpgsql as $$
    begin
        perform pg_notify('parlour', tg_table_name || ' ' || coalesce(new.conversation, old.conversation));
        return null;
    end $$;
    create trigger tell after insert or update or delete on run for each row execute function tell_of_run();
    create trigger tell after insert on command for each row execute function tell_of_run();
    create function tell_of_frames() returns trigger language plpgsql as $$
    begin
        perform pg_notify('parlour', 'frame');
        return null;
    end $$;
    create trigger tell after insert on frame for each statement execute function tell_of_frames();
    create function tell_of_draft() returns trigger language plpgsql as $$
    begin
        perform pg_notify('parlour', 'draft ' || coalesce(new.owner, old.owner));
        return null;
    end $$;
    create trigger tell after insert or update or delete on draft
        for each row execute function tell_of_draft();
    create function tell_of_value() returns trigger language plpgsql as $$
    begin
        perform pg_notify('parlour', 'value ' || coalesce(new.kind, old.kind) || ' '
            || coalesce(new.owner, old.owner));
        return null;
    end $$;
    create trigger tell after insert or update or delete on value
        for each row execute function tell_of_value();
    """,
}
"""What makes the tables of a version of those of the version before."""


class SchemaMismatch(StartFailed):
    """The tables are not those of this version."""


async def migrate(connection: AsyncConnection) -> list[int]:
    """Bring the tables to this version, all or nothing; return the versions that were made.

    Raises:
        SchemaMismatch: If they are newer.
        StartFailed: If this user may not make tables, and some are to be made.
    """
    with suppress(SchemaMismatch):
        await check_version(connection)
        return []
    async with connection.transaction():
        await connection.execute('select pg_advisory_xact_lock(%s)', [MIGRATION_LOCK])
        try:
            await connection.execute('create table if not exists schema_version (version integer not null)')
            found = await _version(connection)
            made = list(range((found or 0) + 1, SCHEMA_VERSION + 1))
            if found and found > SCHEMA_VERSION:
                raise SchemaMismatch(newer_sentence(found))
            for version in made:
                await connection.execute(_STEPS[version])
                await connection.execute('delete from schema_version')
                await connection.execute('insert into schema_version values (%s)', [version])
        except InsufficientPrivilege as error:
            raise StartFailed(
                f'This user of the database may not make tables: {error.diag.message_primary}. '
                'Let its owner run this command, or grant CREATE on the schema.'
            ) from None
    return made


async def check_version(connection: AsyncConnection) -> None:
    """Refuse tables that are older or newer than this version knows.

    Raises:
        SchemaMismatch: With what to do.
        StartFailed: If this user may not read them.
    """
    try:
        found = await _version(connection)
    except UndefinedTable:
        found = None
    except InsufficientPrivilege as error:
        raise StartFailed(
            f'This user of the database may not use its tables: {error.diag.message_primary}. '
            'Be the one who has run `parlour database migrate`, or have them grant it.'
        ) from None
    if found is None:
        raise SchemaMismatch(f'The database has no tables of Parlour yet. Run `{MIGRATE_COMMAND}` once.')
    if found < SCHEMA_VERSION:
        raise SchemaMismatch(
            f'The tables in the database are of version {found}, and this Parlour needs version '
            f'{SCHEMA_VERSION}. Run `{MIGRATE_COMMAND}`.'
        )
    if found > SCHEMA_VERSION:
        raise SchemaMismatch(newer_sentence(found))


def newer_sentence(found: int) -> str:
    """Return what is said of tables of a version that is not known yet."""
    return (
        f'The tables in the database are of version {found}, which is newer than this Parlour knows '
        f'({SCHEMA_VERSION}). Update Parlour.'
    )


async def _version(connection: AsyncConnection) -> int | None:
    row = await (await connection.execute('select version from schema_version')).fetchone()
    return int(row[0]) if row else None
