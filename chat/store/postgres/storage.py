"""Everything of one person in the database: opened when they come, closed when they have left."""

import asyncio
from collections.abc import Sequence
from operator import attrgetter
from typing import TypeVar

from pydantic import SecretStr, TypeAdapter

from chat.agent.added_servers import AddedServer
from chat.agent.api_keys import SavedKey
from chat.agent.mcp.entries import StoredServer
from chat.conversation.content.folders import ChatFolder
from chat.conversation.content.library import Assistant, SavedPrompt
from chat.errors import StorageUnavailable
from chat.sharing.invites import Invite
from chat.sharing.lock import LockRecord
from chat.store.conversations.format import warm_up
from chat.store.filesystem.disk import UncancellableTasks
from chat.store.postgres.blobs import IS_OWN, PostgresBlobs
from chat.store.postgres.catalog import PostgresCatalog
from chat.store.postgres.conversations import PostgresConversations
from chat.store.postgres.drafts import PostgresDrafts
from chat.store.postgres.node import Node
from chat.store.postgres.runs import Runs
from chat.store.postgres.search import PostgresSearch
from chat.store.postgres.trash import PostgresTrash
from chat.store.postgres.usage import PostgresUsage
from chat.store.postgres.values import (
    NoValues,
    PostgresPreferences,
    PostgresValues,
)
from chat.store.postgres.whole import PostgresWholeConversations

T = TypeVar('T')

NO_KEYS = 'Keys are set by whoever runs this Parlour, for all who use it.'
NO_SERVERS = 'Servers of models are set by whoever runs this Parlour, for all who use it.'
NO_MCP_SERVERS = 'Servers of tools are set by whoever runs this Parlour, for all who use it.'
NO_LOCK = 'A passcode is for a Parlour of your own. Sign out, or lock this computer.'
NO_INVITES = 'Chats cannot be shared by links here. Sharing needs a Parlour of your own.'


class NoKeys:
    """No keys of one person: they would stand in the database for all who can read it."""

    async def read(self) -> dict[str, SavedKey]:
        """Return none."""
        return {}

    async def save(self, prefix: str, secret: SecretStr) -> SavedKey:
        """Refuse it.

        Raises:
            StorageUnavailable: Always.
        """
        raise StorageUnavailable(NO_KEYS)

    async def remove(self, prefix: str) -> None:
        """Do nothing: there is none."""


class NoSharedStorage:
    """What is stored of keys and servers for all: nothing, since the environment and files have it."""

    path = None

    def __init__(self) -> None:
        self.api_keys = NoKeys()
        self.servers = NoValues[AddedServer](NO_SERVERS)
        self.mcp_servers = NoValues[StoredServer](NO_MCP_SERVERS)


class PostgresStorage:
    """The `Storage` of one person; `open_storage` makes it."""

    path = None
    warnings: Sequence[str] = ()

    def __init__(self, node: Node, owner: str) -> None:
        """Open nothing yet.

        Args:
            node: Which outlasts it.
            owner: Whose it is: each statement is about what they have only.
        """
        self.node = node
        self.database = database = node.database
        self.owner = owner
        self._finishing = UncancellableTasks()
        self.catalog = PostgresCatalog()
        self.attachments = blobs = PostgresBlobs(database, owner)
        self.conversations = PostgresConversations(
            node, owner, catalog=self.catalog, blobs=blobs, finishing=self._finishing
        )
        self.trash = PostgresTrash(
            database, owner, catalog=self.catalog, blobs=blobs, finishing=self._finishing
        )
        self.whole = PostgresWholeConversations(
            database,
            owner,
            conversations=self.conversations,
            blobs=blobs,
            finishing=self._finishing,
            node=node,
        )
        self.search = PostgresSearch(database, owner, self.catalog)
        self.drafts = PostgresDrafts(database, owner)
        self.preferences = PostgresPreferences(database, owner)
        self.usage = PostgresUsage(database, owner, finishing=self._finishing)
        self.assistants = self._values('assistants', Assistant)
        self.prompts = self._values('prompts', SavedPrompt)
        self.folders = self._values('folders', ChatFolder)
        parts = (self.preferences, self.assistants, self.prompts, self.folders)
        self._followed = {part.table.kind: part.table for part in parts}
        self.api_keys = NoKeys()
        self.lock = NoValues[LockRecord](NO_LOCK)
        self.servers = NoValues[AddedServer](NO_SERVERS)
        self.mcp_servers = NoValues[StoredServer](NO_MCP_SERVERS)
        self.invites = NoValues[Invite](NO_INVITES)

    def _values(self, name: str, kind: type[T]) -> PostgresValues[T]:
        return PostgresValues(self.database, self.owner, name, TypeAdapter(kind), key=attrgetter('id'))

    @property
    def answers(self) -> Runs:
        """The runs of this node in the conversations of this person."""
        return self.conversations.runs

    async def open(self) -> None:
        """Read what is held in memory."""
        await asyncio.to_thread(warm_up)
        self.node.members.append(self)  # first: what changes from now on is told
        try:
            await self.reload()
        except BaseException:
            self.node.members.remove(self)
            raise

    async def reload(self) -> None:
        """Look at what is held in memory again: another node may have changed it."""
        await self.catalog.read(self.database, self.owner)
        await self.drafts.load()
        for table in self._followed.values():
            await table.reload()

    async def reload_values(self, kind: str) -> None:
        """Tell whoever follows the values of a kind of what is stored now."""
        if table := self._followed.get(kind):
            await table.reload()

    @property
    def is_answering(self) -> bool:
        """Whether this node has said something for this person that is not stored yet, or is about to."""
        return self.conversations.runs.are_any

    async def size(self) -> int:
        """Return the bytes of all that this person has, as they stand in the rows.

        Raises:
            StorageUnavailable: If the database is away for too long.
        """
        [(size,)] = await self.database.read(
            'select coalesce((select sum(pg_column_size(e.*)) from entry e join conversation c '
            'on c.key = e.conversation where c.owner = %s), 0) '
            '+ coalesce((select sum(pg_column_size(c.*)) from conversation c where c.owner = %s), 0) '
            f'+ coalesce((select sum(octet_length(content)) from blob b where {IS_OWN}), 0)',
            *3 * [self.owner],
        )
        return int(size)

    async def close(self) -> None:
        """Finish all writing; closing twice does no harm. The database stays open."""
        if self in self.node.members:
            self.node.members.remove(self)
        await self._finishing.wait()


async def open_storage(node: Node, owner: str) -> PostgresStorage:
    """Open the storage of one person.

    Raises:
        StorageUnavailable: If the database is away for too long.
    """
    storage = PostgresStorage(node, owner)
    await storage.open()
    return storage
