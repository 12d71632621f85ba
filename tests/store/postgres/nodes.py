"""Nodes at a database, for tests of what stands in it, and the rows themselves."""

from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import psycopg

from chat.store.postgres.node import Node, open_node
from chat.store.postgres.storage import PostgresStorage, open_storage
from tests.support.postgres import address_at
from tests.support.tcp_proxy import TcpProxy


@asynccontextmanager
async def node_at(url: str, **settings: Any) -> AsyncGenerator[Node]:
    """Another node of the same database, closed at the end."""
    node = await open_node(url, **settings)
    try:
        yield node
    finally:
        await node.close()


@asynccontextmanager
async def line_to(url: str, **settings: Any) -> AsyncGenerator[tuple[PostgresStorage, TcpProxy]]:
    """A storage whose database can go away."""
    async with AsyncExitStack() as stack:
        line = await stack.enter_async_context(TcpProxy(url))
        node = await stack.enter_async_context(node_at(address_at(line, url), **settings))
        opened = await open_storage(node, 'anna')
        stack.push_async_callback(opened.close)
        yield opened, line


def rows(url: str, query: str) -> list[Any]:
    with psycopg.connect(url, autocommit=True) as connection:
        cursor = connection.execute(query.encode())
        return cursor.fetchall() if cursor.description else []
