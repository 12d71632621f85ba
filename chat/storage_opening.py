"""Open where everything is stored, a data folder or a database, and the conversations in it."""

import logging
import sys
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING, Any

from chat import __version__
from chat.administration import Administration
from chat.conversation.content.chat_settings import PreferencesStore
from chat.conversation.content.library import Library
from chat.conversation.conversation_registry import ConversationRegistry
from chat.json_log import PROCESS_FIELDS
from chat.settings import Settings
from chat.started_tasks import start_task
from chat.storage import Storage
from chat.store.data_folder import open_store

if TYPE_CHECKING:
    from chat.store.postgres.node import Node
    from chat.store.postgres.storage import NoSharedStorage, PostgresStorage

log = logging.getLogger(__name__)


async def open_storage(settings: Settings, stack: AsyncExitStack) -> Storage:
    """Open the storage in the data folder; the stack closes it.

    Raises:
        StartFailed: If the folder cannot be used.
    """
    storage = await open_store(settings.data)
    stack.push_async_callback(storage.close)
    return storage


class TeamStorage:
    """A database, in which each person has a storage of their own."""

    def __init__(self, node: 'Node', *, shared: 'NoSharedStorage', administration: Administration) -> None:
        self.node = node
        self.shared = shared
        """What all have together."""
        self.administration = administration

    async def open(self, user: str, stack: AsyncExitStack) -> 'PostgresStorage':
        """Open what one person has; the stack closes it.

        Raises:
            StorageUnavailable: If the database is away for too long.
        """
        from chat.store.postgres.storage import open_storage  # here: most have no database

        storage = await open_storage(self.node, user)
        stack.push_async_callback(storage.close)
        return storage


async def open_team_storage(settings: Settings, stack: AsyncExitStack) -> TeamStorage:
    """Connect to the database; the stack closes it.

    Raises:
        StartFailed: If the database cannot be used.
    """
    from chat.store.postgres.administration import PostgresAdministration
    from chat.store.postgres.cleanup import run_cleanup
    from chat.store.postgres.node import new_node_name, open_node  # here: most have no database
    from chat.store.postgres.storage import NoSharedStorage

    node = await open_node(
        settings.database_url,
        name=new_node_name(settings.node or ''),
        continues=settings.continue_left == 'once',
    )
    stack.push_async_callback(node.close)
    start_task(run_cleanup(node.database), 'erase what is not needed any more', stack)
    PROCESS_FIELDS['node'] = node.name
    log.info('This is node %s of version %s', node.name, __version__)
    return TeamStorage(node, shared=NoSharedStorage(), administration=PostgresAdministration(node))


def open_registry(storage: Storage, stack: AsyncExitStack, **parts: Any) -> ConversationRegistry:
    """Return the conversations of a storage, which other processes may open too if it is a database.

    The stack has to close what uses them before.
    """
    if 'chat.store.postgres.storage' not in sys.modules:
        return ConversationRegistry(store=storage.conversations, **parts)
    from chat.cluster.cluster import Cluster  # here: most have no database
    from chat.store.postgres.storage import PostgresStorage

    if not isinstance(storage, PostgresStorage):
        return ConversationRegistry(store=storage.conversations, **parts)
    cluster = Cluster(storage.node, storage)
    registry = ConversationRegistry(store=storage.conversations, make_live=cluster.make_live, **parts)
    cluster.open(registry)
    stack.push_async_callback(cluster.close)
    return registry


async def follow_others(storage: Storage, preferences: PreferencesStore, library: Library) -> None:
    """Have what one person has set follow what other processes store, if these use the same storage.

    Raises:
        StorageUnavailable: If it cannot be read now.
    """
    if 'chat.store.postgres.storage' not in sys.modules:
        return
    from chat.store.postgres.storage import PostgresStorage  # here: most have no database

    if isinstance(storage, PostgresStorage):
        await storage.preferences.follow(preferences.take_stored)
        await storage.folders.follow(preferences.folders.take_stored)
        await storage.assistants.follow(library.assistants.take_stored)
        await storage.prompts.follow(library.prompts.take_stored)
