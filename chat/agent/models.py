"""ModelChoice: the models one can pick, and what each needs."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass

import httpx2
from pydantic_ai.models import Model

from chat.agent.connections import provider_model, server_client, server_model, unknown
from chat.agent.demo import demo_model
from chat.agent.providers import configured, provider_of
from chat.agent.servers import ModelServer, given_server, local_servers, origin
from chat.errors import ModelMissing

DEMO = 'demo'
"""The model that needs nothing, and is none."""

SERVER_PREFIXES = ('server', 'ollama', 'lmstudio')


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelChoice:
    """A model one can pick."""

    name: str
    """As it is stored and asked for: 'openai:gpt-6.1-sol', 'server:llama3', 'ollama:qwen3:8b', 'demo'."""
    label: str
    """What the picker shows: 'gpt-6.1-sol', 'llama3'."""
    provider: str
    """The heading of its group: 'OpenAI', 'Ollama on this computer'."""


class ModelChoices:
    """The models one can pick here, and the connection to each."""

    def __init__(
        self,
        *,
        preferred: str | None,
        base_url: str | None,
        api_key: str | None,
        environment: Mapping[str, str],
    ) -> None:
        """Ask nobody yet.

        Args:
            preferred: The model for conversations that have none, as a person wrote it. Without a known
                prefix it is taken for a model of the server at `base_url`, if there is one.
            base_url: A server that speaks the language of OpenAI.
            api_key: The key for that server, and for no other.
            environment: Where the keys of providers are looked up.
        """
        self._environment = environment
        self._server = given_server(base_url, api_key) if base_url else None
        local = local_servers(environment)
        self._servers = [self._server, *local] if self._server else local
        self._preferred = self._full_name(preferred) if preferred else None
        self._connections: dict[tuple[str, str], Model] = {}
        self._clients: list[httpx2.AsyncClient] = []
        self._connecting = asyncio.Lock()

    @property
    def choices(self) -> list[ModelChoice]:
        """What is known at this moment; `refresh` may add to it."""
        served = [
            self._choice(f'{server.prefix}:{name}') for server in self._shown for name in server.model_names
        ]
        known = [self._choice(name) for one in configured(self._environment) for name in one.model_names()]
        choices = [*served, *known, self._choice(DEMO)]
        if self._preferred and all(choice.name != self._preferred for choice in choices):
            choices.insert(0, self._choice(self._preferred))
        return choices

    def label(self, name: str) -> str:
        """What to call a model of this name, even if it is not among the choices."""
        if name == DEMO:
            return 'Demo (not a real model)'
        has_prefix = provider_of(name) or self._has_server_prefix(name)
        return name.partition(':')[2] if has_prefix else name

    async def refresh(self) -> None:
        """Ask the servers for their models; does not raise, and takes a few seconds at most."""
        await asyncio.gather(*(server.ask() for server in self._shown))

    async def default(self) -> str:
        """The model for a conversation that has none.

        Raises:
            ModelMissing: If it should be one of the given server, and that has none.
        """
        if self._preferred:
            return await self._unambiguous(self._preferred)
        if self._server:
            return await self._first_served(self._server)
        names = (name for provider in configured(self._environment) for name in provider.model_names())
        return next(names, DEMO)

    async def connection(self, name: str) -> Model:
        """The connection to a model, the same one each time.

        Raises:
            ModelMissing: If there is no such model, or something is missing for it.
        """
        server = await self._server_of(name)
        key = (name, server.url if server else '')
        async with self._connecting:
            if key not in self._connections:
                self._connections[key] = await asyncio.to_thread(self._connect, name, server)
            return self._connections[key]

    async def close(self) -> None:
        """Close all connections; they can be used no more."""
        for model in self._connections.values():
            async with model:
                pass  # to leave it is what closes it
        for client in self._clients:
            await client.aclose()
        self._connections.clear()
        self._clients.clear()

    @property
    def _shown(self) -> list[ModelServer]:
        """The servers to list: if the given one is a local one that is found anyway, it is listed once."""
        given = self._server
        return [one for one in self._servers if one is given or not given or not one.is_same_as(given)]

    def _connect(self, name: str, server: ModelServer | None) -> Model:
        if name == DEMO:
            return demo_model()
        if not name.partition(':')[2]:
            raise ModelMissing(unknown(name))
        if server:
            client = server_client(server)
            self._clients.append(client)
            return server_model(server, name.partition(':')[2], client)
        if self._has_server_prefix(name):
            raise ModelMissing(
                f'“{self.label(name)}” is on a server. Start Parlour with --base-url and its address.'
            )
        return provider_model(name, self._environment)

    async def _server_of(self, name: str) -> ModelServer | None:
        """The server that has a model; it is asked first, if it is unknown where its interface begins."""
        prefix = name.partition(':')[0]
        server = next((server for server in self._servers if server.prefix == prefix and ':' in name), None)
        if server and server.is_bare and not server.model_names:
            await server.ask()
        return server

    async def _first_served(self, server: ModelServer) -> str:
        if not server.model_names:
            await server.ask()
        if not server.model_names:
            raise ModelMissing(
                f'There is no model at {origin(server.url)}: {server.problem}, or name a model with --model.'
            )
        return f'{server.prefix}:{server.model_names[0]}'

    async def _unambiguous(self, name: str) -> str:
        """A name such as 'mistral:7b' may mean a provider, or a model that the given server calls so."""
        if not self._server or not provider_of(name):
            return name
        if not self._server.model_names:
            await self._server.ask()
        return f'server:{name}' if name in self._server.model_names else name

    def _full_name(self, name: str) -> str:
        if name == DEMO or not self._server or provider_of(name) or self._has_server_prefix(name):
            return name
        return f'server:{name}'

    def _choice(self, name: str) -> ModelChoice:
        return ModelChoice(name=name, label=self.label(name), provider=self._heading(name))

    def _heading(self, name: str) -> str:
        prefix = name.partition(':')[0]
        headings = (server.heading for server in self._servers if server.prefix == prefix)
        provider = provider_of(name)
        return next(headings, provider.label if provider else 'No key needed' if name == DEMO else 'Other')

    def _has_server_prefix(self, name: str) -> bool:
        return name.partition(':')[0] in SERVER_PREFIXES and ':' in name
