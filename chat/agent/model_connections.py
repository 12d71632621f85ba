"""The connections to models: each is made once, when it is first asked for."""

import asyncio
from collections.abc import Mapping

import httpx2
from pydantic_ai.models import Model

from chat.agent.demo import DEMO_MODEL_NAME, demo_model
from chat.agent.model_capabilities import UNKNOWN_CAPABILITIES, ModelCapabilities
from chat.agent.model_factory import provider_client, provider_model, server_client, server_model
from chat.agent.providers import provider_of
from chat.agent.servers import ModelServer
from chat.agent.vision import TextOnlyModel, lacks_vision

ConnectionKey = tuple[str, str, str, str, str, ModelCapabilities]
"""A name of a model, and what its connection was made with: the prefix, the address and the maker
of its server, the secret for that or for its provider, what it can."""


class ModelConnections:
    """Makes connections and closes them at the end; one whose key or address has changed is made anew."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._environment = environment
        self._models: dict[ConnectionKey, Model] = {}
        self._clients: list[httpx2.AsyncClient] = []
        self._connecting = asyncio.Lock()

    async def get(self, name: str, server: ModelServer | None) -> Model:
        """The connection to a model, the same one each time; `server` is the one that has it, if one has.

        Raises:
            ModelMissing: If something is missing for it.
        """
        async with self._connecting:
            can = server.capabilities_of(name.partition(':')[2]) if server else UNKNOWN_CAPABILITIES
            url, maker = (server.url, server.maker) if server else ('', '')
            secret = server.authorization.get('Authorization', '') if server else self._key(name)
            use = name, server.prefix if server else '', url, maker, secret, can
            if use not in self._models:
                self._models[use] = await asyncio.to_thread(self._connect, name, server)
            return self._models[use]

    async def close(self) -> None:
        """Close all connections; they can be used no more."""
        for model in self._models.values():
            async with model:
                pass  # to leave it is what closes it
        for client in self._clients:
            await client.aclose()
        self._models.clear()
        self._clients.clear()

    def _connect(self, name: str, server: ModelServer | None) -> Model:
        if name == DEMO_MODEL_NAME:
            return demo_model()
        model = self._connect_provider(name, server)
        is_told = (
            server is not None and server.capabilities_of(name.partition(':')[2]).reads_images is not None
        )
        return TextOnlyModel(model) if lacks_vision(name) and not is_told else model

    def _connect_provider(self, name: str, server: ModelServer | None) -> Model:
        client = server_client(server) if server else provider_client()
        self._clients.append(client)
        if server is None:
            return provider_model(name, self._environment, client)
        return server_model(server, name.partition(':')[2], client)

    def _key(self, name: str) -> str:
        provider = provider_of(name)
        return (provider.key(self._environment) if provider else None) or ''
