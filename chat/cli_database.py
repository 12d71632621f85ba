"""Commands about the database: make its tables, take a data folder over, write one."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import TypeAlias

from psycopg import Error

from chat.cli_exchange import print_text
from chat.errors import ChatError, StartFailed
from chat.server.instance import Instance
from chat.settings import Settings
from chat.store.postgres.database import connect
from chat.store.postgres.failures import unusable
from chat.store.postgres.folder_transfer import FolderExport, FolderImport, Report
from chat.store.postgres.node import open_node
from chat.store.postgres.schema import migrate
from chat.store.postgres.storage import PostgresStorage, open_storage

Transfer: TypeAlias = Callable[[PostgresStorage], Awaitable[Report]]


def database(settings: Settings, action: str) -> int:
    """Do one of `ACTIONS` with the database of the settings; return the exit code.

    Raises:
        StartFailed: If it cannot be done.
    """
    try:
        return ACTIONS[action](settings)
    except StartFailed:
        raise
    except Error as error:
        raise StartFailed(unusable(error)) from error
    except (ChatError, OSError) as error:
        raise StartFailed(f'It was not finished: {error} What was done stays; run it again.') from error


def _migrate(settings: Settings) -> int:
    async def work() -> list[int]:
        async with await connect(settings.database_url) as connection:
            return await migrate(connection)

    made = asyncio.run(work())
    print_text(f'The tables are of version {made[-1]} now.' if made else 'The tables are as they should be.')
    return 0


def _import(settings: Settings) -> int:
    folder = settings.data
    if not folder.is_dir():
        raise StartFailed(f'There is no data folder {folder}. Name another with --data.')
    return _transfer(settings, lambda storage: FolderImport(folder, storage).run())


def _export(settings: Settings) -> int:
    if 'data' not in settings.model_fields_set:
        raise StartFailed('Name the folder to write with --data.')
    instance = Instance(settings.data, timeout=0)
    if running := instance.claim():
        raise StartFailed(f'Parlour is running at {running.url} and uses {settings.data}. Stop it first.')
    try:
        return _transfer(settings, lambda storage: FolderExport(settings.data, storage).run())
    finally:
        instance.release()


def _transfer(settings: Settings, transfer: Transfer) -> int:
    """Do it with what the user of the settings has; return 1 if something was left."""

    async def work() -> Report:
        node = await open_node(settings.database_url, is_guest=True)
        try:
            storage = await open_storage(node, settings.user_name)
            try:
                return await transfer(storage)
            finally:
                await storage.close()
        finally:
            await node.close()

    report = asyncio.run(work())
    for sentence in report.sentences:
        print_text(sentence)
    return 1 if report.left else 0


ACTIONS: Mapping[str, Callable[[Settings], int]] = {
    'migrate': _migrate,
    'import': _import,
    'export': _export,
}
"""By their names on the command line."""
