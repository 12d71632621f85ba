"""Open where everything is stored, a data folder or a database, and the conversations in it."""

import sys
from collections.abc import Callable, Iterable
from contextlib import AsyncExitStack
from typing import Any

from fastapi import APIRouter

from chat.conversation.conversation_registry import ConversationRegistry
from chat.json_log import PROCESS_FIELDS
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
        PROCESS_FIELDS['node'] = opened.name
        storage = await postgres.open_storage(opened, settings.user_name)
    else:
        storage = await open_store(settings.data)
    stack.push_async_callback(storage.close)
    return storage


def metrics_routes(storage: Storage, registries: Callable[[], Iterable[ConversationRegistry]]) -> APIRouter:
    """Return what tells Prometheus of a node; nothing without a database, of which only teams have one."""
    if 'chat.store.postgres.storage' not in sys.modules:
        return APIRouter()
    from chat.server.metrics import metrics_route  # here: most have no database
    from chat.store.postgres.storage import PostgresStorage

    if not isinstance(storage, PostgresStorage):
        return APIRouter()
    return metrics_route(storage.database.metrics.registry, registries, storage.node.name)


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
