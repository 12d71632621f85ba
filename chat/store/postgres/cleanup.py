"""What a node erases once an hour because nobody needs it any more, whoever's it was, be they here or not."""

import asyncio
import logging

from chat.conversation.storage import TRASH_LIFETIME
from chat.errors import ChatError
from chat.store.postgres.blobs import COLLECT, IS_UPLOAD, UPLOAD_LIFETIME
from chat.store.postgres.commits import erase
from chat.store.postgres.database import Connection, Database

log = logging.getLogger(__name__)

CLEANUP_INTERVAL = 3600
"""Seconds from one time to the next."""

BOOKING_LIFETIME = '7 days'
"""After which no node tries to store anything again."""


async def run_cleanup(database: Database) -> None:
    """Clean up now and then until this is cancelled."""
    task = asyncio.current_task()
    while True:
        try:
            await clean_up(database)
        except ChatError as error:
            log.warning('What is not needed any more was not erased: %s', error)
        except Exception:  # the border of a task: the next time may go well
            log.exception('What is not needed any more was not erased')
        if task and task.cancelling():  # psycopg_pool may have lost it: `wait_for` of Python 3.11 does
            return
        await asyncio.sleep(CLEANUP_INTERVAL)


async def clean_up(database: Database) -> None:
    """Erase what was in the trash for thirty days by the clock of the database, files, and old bookings.

    Raises:
        StorageUnavailable: If the database is away for too long.
    """
    expired = await database.read(
        'select key, owner, name from conversation where deleted_at < clock_timestamp() - %s', TRASH_LIFETIME
    )
    for key, owner, name in expired:
        await _erase(database, key, owner, name)
    await database.execute(
        f'delete from blob_use where {IS_UPLOAD} and used_at < clock_timestamp() - %s::interval',
        UPLOAD_LIFETIME,
    )
    await database.execute(COLLECT)
    await database.execute(
        'delete from booking where booked_at < clock_timestamp() - %s::interval', BOOKING_LIFETIME
    )


async def _erase(database: Database, key: int, owner: str, name: str) -> None:
    """Erase a conversation unless it was restored meanwhile."""

    async def work(connection: Connection, _: bool) -> None:
        cursor = await connection.execute(
            'select from conversation where key = %s and deleted_at is not null for update', [key]
        )
        if cursor.rowcount:
            await erase(connection, key, owner, name)

    await database.write(work)
