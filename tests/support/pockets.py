"""Places for keys and servers that are gone with the process."""

from datetime import UTC, datetime

from pydantic import SecretStr

from chat.agent.added_servers import AddedServer
from chat.agent.api_keys import SavedKey


class Pocket:
    """A place for keys."""

    def __init__(self) -> None:
        self.keys: dict[str, SavedKey] = {}

    async def read(self) -> dict[str, SavedKey]:
        return dict(self.keys)

    async def save(self, prefix: str, secret: SecretStr) -> SavedKey:
        self.keys[prefix] = SavedKey(saved_at=datetime.now(UTC), location='file', secret=secret)
        return self.keys[prefix]

    async def remove(self, prefix: str) -> None:
        self.keys.pop(prefix, None)


class Cupboard:
    """A place for servers."""

    trouble = ''

    def __init__(self) -> None:
        self.servers: dict[str, AddedServer] = {}

    async def read(self) -> list[AddedServer]:
        return list(self.servers.values())

    async def put(self, server: AddedServer) -> None:
        self.servers[server.name.lower()] = server

    async def remove(self, server: AddedServer) -> None:
        self.servers.pop(server.name.lower(), None)
