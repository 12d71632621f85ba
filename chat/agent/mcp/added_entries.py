"""Servers of tools that are added in the page: what a person writes, checked, and how they are reached."""

from chat.agent.added_servers import checked_address
from chat.agent.api_keys import ApiKeys
from chat.agent.mcp.entries import McpKey, ServerEntry, StoredServer
from chat.agent.servers import split_credentials
from chat.errors import ServerRefused


def entry_of(stored: StoredServer, keys: ApiKeys) -> ServerEntry:
    """Return how to reach a server that was added in the page: never by a command."""
    key = keys.environment.get(McpKey(stored.name).key_variable, '')
    headers = {'Authorization': f'Bearer {key}'} if key else {}
    kind = 'sse' if stored.url.rstrip('/').endswith('/sse') else 'http'
    return ServerEntry(name=stored.name, kind=kind, url=stored.url, headers=headers, is_added=True)


def checked_url(text: str) -> str:
    """Return the address that a person has written for a server, made complete.

    Raises:
        ServerRefused: If it leads to no server, or holds a password.
    """
    if not text.strip():
        raise ServerRefused('The server needs an address, such as https://example.com/mcp.')
    url, password = split_credentials(checked_address(text))
    if password:
        raise ServerRefused('The address must not contain a password. Enter a key in the key field.')
    return url
