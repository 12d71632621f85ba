"""Open where everything is stored: a data folder, or a database."""

from contextlib import AsyncExitStack

from chat.settings import Settings
from chat.storage import Storage
from chat.store.data_folder import open_store


async def open_storage(settings: Settings, stack: AsyncExitStack) -> Storage:
    """Open the storage in the data folder or in the database; the stack closes it.

    Raises:
        StartFailed: If the folder or the database cannot be used.
    """
    if settings.database:
        from chat.store.postgres import node  # here: most have no database
        from chat.store.postgres import storage as postgres

        opened = await node.open_node(settings.database_url)
        stack.push_async_callback(opened.close)
        storage = await postgres.open_storage(opened, settings.user_name)
    else:
        storage = await open_store(settings.data)
    stack.push_async_callback(storage.close)
    return storage
