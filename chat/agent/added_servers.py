"""AddedServers: the servers that a person has added in the page, beside that of `--base-url`."""

import asyncio
import re
from collections.abc import Iterable
from dataclasses import dataclass
from importlib.util import find_spec

import httpx2
from pydantic import SecretStr

from chat.agent.api_keys import ApiKeys, ServerKey
from chat.agent.providers import PROVIDERS
from chat.agent.servers import ModelServer, split_credentials
from chat.agent_names import AGENT_MODEL, DEMO_MODEL_NAME
from chat.change_signal import ChangeSignal
from chat.errors import ServerRefused
from chat.key_cleaning import clean_key
from chat.value_storage import ValueStorage


@dataclass(frozen=True, slots=True, kw_only=True)
class AddedServer:
    """What is kept of one, besides its key."""

    name: str
    """What stands before the colon in the names of its models."""
    url: str
    """Without a password."""

    @property
    def key(self) -> ServerKey:
        return ServerKey(self.name)


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerDescription:
    """A server as a person describes it."""

    name: str
    address: str
    """May hold a name and a password, as `http://name:password@host`."""
    key: SecretStr | None = None
    """`None` to leave the one that is kept."""
    drops_key: bool = False
    """Whether the one that is kept is to be forgotten."""
    is_new: bool = True
    """Whether it is one more, and not what another one with its name becomes."""


class AddedServers:
    """Everyone reads `servers` and waits for `changed`; `save` and `remove` alone write."""

    def __init__(
        self, servers: Iterable[AddedServer], *, store: ValueStorage[AddedServer], keys: ApiKeys
    ) -> None:
        self._servers = {server.name.lower(): server for server in servers}
        self._store = store
        self._keys = keys
        self._writing = asyncio.Lock()
        self.changed = ChangeSignal()

    @property
    def servers(self) -> list[ModelServer]:
        """Return them in the order in which they were added, as they are before anybody has asked them."""
        return [as_model_server(one, self._secret(one)) for one in self._servers.values()]

    def address(self, name: str) -> str:
        """Return the address of a server as it was written, but without a password."""
        return self._servers[name.lower()].url

    def unsaved_server(self, description: ServerDescription) -> ModelServer:
        """Return a server that can be asked whether it is as described; nothing of it is kept.

        Raises:
            ServerRefused, KeyInvalid: If the address or the key cannot be one.
        """
        server, secret = parse_description(description)
        stored_secret = '' if description.drops_key or description.is_new else self._secret(server)
        return as_model_server(server, secret or stored_secret)

    async def save(self, description: ServerDescription) -> None:
        """Keep a server and its key, and offer its models from now on.

        Raises:
            ServerRefused, KeyInvalid: If it cannot be one, or is new and has the name of another one.
            KeyRemovalFailed, OSError: If it could not be kept, or its old key not be forgotten.
        """
        server, secret = parse_description(description, name=checked_name(description.name))
        async with self._writing:
            if description.is_new and (other := self._servers.get(server.name.lower())):
                raise ServerRefused(f'There is a server called “{other.name}” already. Choose another name.')
            await self._save_key(server, secret, drops=description.drops_key or description.is_new)
            await self._store.put(server)
            self._servers[server.name.lower()] = server
        self.changed.notify()

    async def remove(self, name: str) -> None:
        """Forget a server and its key. Chats that it has answered stay as they are.

        Raises:
            KeyRemovalFailed, OSError: If it may still be there.
        """
        async with self._writing:
            if server := self._servers.get(name.lower()):
                await self._save_key(server, '', drops=True)
                await self._store.remove(server)
                del self._servers[name.lower()]
        self.changed.notify()

    async def _save_key(self, server: AddedServer, secret: str, *, drops: bool) -> None:
        """Before the server itself: else it could be gone while its key is still there."""
        if secret:
            await self._keys.save(server.key, SecretStr(secret))
        elif drops and self._keys.saved(server.key):
            await self._keys.remove(server.key)

    def _secret(self, server: AddedServer) -> str:
        return self._keys.environment.get(server.key.key_variable, '')


def parse_description(description: ServerDescription, name: str = '') -> tuple[AddedServer, str]:
    """Return the server of a description, and its secret: a key, or the address if that holds a password.

    Raises:
        ServerRefused, KeyInvalid: If the address or the key cannot be one.
    """
    address = checked_address(description.address)
    url, password = split_credentials(address)
    key = clean_key(description.key.get_secret_value()) if description.key else ''
    if password and key:
        raise ServerRefused('There is both a password in the address and a key. Use only one of them.')
    return AddedServer(name=name or description.name.strip(), url=url), address if password else key


def as_model_server(server: AddedServer, secret: str) -> ModelServer:
    """Return the server to ask; the secret is what `parse_description` says."""
    _, password = split_credentials(secret) if '://' in secret else ('', '')
    return ModelServer(
        prefix=server.name,
        url=server.url,
        heading=server.name or 'The server',
        key_variable='',
        api_key=secret if secret and not password else None,
        password=password,
    )


NAME = re.compile(r'[A-Za-z0-9][A-Za-z0-9-]{0,31}')

OWN_PREFIXES = frozenset({'server', 'ollama', 'lmstudio', DEMO_MODEL_NAME, AGENT_MODEL, 'test'})
"""Prefixes of models that are neither on an added server nor of a provider."""

HOST = re.compile(r'[\w.:-]+')

HIGHEST_PORT = 65535


def checked_name(text: str) -> str:
    """Return the name that a person has written for a server, without spaces around it.

    Raises:
        ServerRefused: If no server can have it.
    """
    if not text.strip():
        raise ServerRefused('The server needs a name. Its models are named NAME:MODEL.')
    name = well_formed_name(text)
    if name.lower() in OWN_PREFIXES:
        raise ServerRefused(f'“{name}” is reserved. Choose another name.')
    if is_name_of_provider(name.lower()):
        raise ServerRefused(f'“{name}” is the name of a provider. Choose another name.')
    return name


def well_formed_name(text: str) -> str:
    """Return the name that a person has written for a server of any kind, without spaces around it.

    Raises:
        ServerRefused: If it has other characters than names have, or too many or none.
    """
    if not NAME.fullmatch(name := text.strip()):
        raise ServerRefused(
            'A name consists of letters from a to z, digits and hyphens (not first), at most 32 characters.'
        )
    return name


def is_name_of_provider(prefix: str) -> bool:
    """Return whether this names a provider that Parlour knows, or that pydantic-ai can connect to."""
    if any(prefix in (each.prefix, *each.other_prefixes, each.label.lower()) for each in PROVIDERS):
        return True
    # Its list of names is in no data, but each provider has a module there, and `find_spec` imports none.
    module = re.sub(r'-(decisions|chat|responses)$', '', prefix).replace('-', '_')
    return module.isidentifier() and find_spec(f'pydantic_ai.providers.{module}') is not None


def checked_address(text: str) -> str:
    """Return the address that a person has written for a server, made complete; a password in it stays.

    Raises:
        ServerRefused: If it leads to no server.
    """
    address = text.strip()
    if not address:
        raise ServerRefused('The server needs an address, such as http://127.0.0.1:8000/v1.')
    try:
        url = httpx2.URL(address if '://' in address else f'http://{address}')
    except httpx2.InvalidURL:
        url = httpx2.URL('')
    if url.scheme not in ('http', 'https') or not HOST.fullmatch(url.host) or (url.port or 0) > HIGHEST_PORT:
        raise ServerRefused('That is not a valid address. Enter one like http://127.0.0.1:8000/v1.')
    if url.query or url.fragment:
        raise ServerRefused('The address must not contain “?” or “#”. Enter a key in the key field.')
    return str(url).rstrip('/')
