"""What goes wrong at the database: what can be tried again, and what is said of the rest."""

from psycopg import InterfaceError, OperationalError
from psycopg.errors import (
    DeadlockDetected,
    DiskFull,
    Error,
    ForeignKeyViolation,
    InsufficientPrivilege,
    ReadOnlySqlTransaction,
    SerializationFailure,
)

from chat.errors import StorageUnavailable

UNAVAILABLE = 'The database cannot be reached. It is tried again; what you see is still here.'

BUSY = 'The database has too much to do. It is tried again; what you see is still here.'

NOT_UNICODE = (
    'The database has the encoding {}, and Parlour needs UTF8. '
    'Make one with `createdb --encoding=UTF8 --template=template0`.'
)

REFUSALS = (DiskFull, ReadOnlySqlTransaction, InsufficientPrivilege)
"""What is not tried again."""

IN_THE_WAY = (DeadlockDetected, SerializationFailure, ForeignKeyViolation)
"""Others were in the way: in the last case a blob was removed in this very moment."""

LOST = (OperationalError, InterfaceError, *IN_THE_WAY)
"""What can be tried again."""


def refused(error: Error) -> StorageUnavailable:
    """Return what is said of one of `REFUSALS`."""
    return StorageUnavailable(f'The database stores nothing: {error.diag.message_primary}.')


def unusable(error: Error) -> str:
    """Return what is said if there is no connection, without the password."""
    said = str(error).strip().split('\n')[0].rstrip('.')
    return (
        f'The database cannot be used: {said}. Is PostgreSQL running, and does the address in --database '
        'lead to it? The password comes from PGPASSWORD, ~/.pgpass or PARLOUR_DATABASE.'
    )
