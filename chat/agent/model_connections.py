"""Connections to models: from the name of a model to the pydantic-ai `Model` that talks to it.

What connects takes 1 to 3 seconds at the first use of a provider, because its package is imported then: it is
called in a thread.
"""

import asyncio
import logging
import re
from collections.abc import Mapping, Sequence
from typing import Any

import httpx2
from pydantic_ai import UserError
from pydantic_ai.models import Model, infer_model
from pydantic_ai.profiles import ModelProfile, merge_profile
from pydantic_ai.providers import Provider as ModelProvider
from pydantic_ai.providers import infer_provider, infer_provider_class

from chat.agent.added_servers import NAME, is_name_of_provider
from chat.agent.http_client import make_client
from chat.agent.model_capabilities import (
    UNKNOWN_CAPABILITIES,
    ModelCapabilities,
    TextOnlyModel,
    lacks_vision,
)
from chat.agent.model_choice import label_of
from chat.agent.providers import Provider, missing_requirement, provider_of
from chat.agent.servers import ModelServer
from chat.agent.wire.thinking_tags import THINKING_TAGS
from chat.agent_names import DEMO_MODEL_NAME
from chat.errors import ModelMissing
from chat.startup_imports import without

log = logging.getLogger(__name__)

UNUSED_CLIENT = 'openai._vendor.httpx_aiohttp'
"""A part of the package for OpenAI that takes 8 MB, and is not used: there is a client of our own."""

RESPONSE_TIMEOUT = 3600
"""Seconds for which a model may be silent: on a small computer it reads for minutes before its first word."""

HTTP_TIMEOUT = httpx2.Timeout(RESPONSE_TIMEOUT, connect=10)
"""Connecting has a limit of its own: a server that is up accepts at once."""

ALLOWED_HEADERS = frozenset(
    {'accept', 'accept-encoding', 'authorization', 'connection', 'content-length', 'content-type', 'host'}
    | {'transfer-encoding', 'user-agent'}
)

ConnectionKey = tuple[str, str, str, str, str, ModelCapabilities]
"""A name of a model, and what its connection was made with: the prefix, the address and the maker
of its server, the secret for that or for its provider, what it can."""


class ModelConnections:
    """Makes connections, again if a key or an address has changed, and closes them at the end."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._environment = environment
        self._models: dict[ConnectionKey, Model] = {}
        self._clients: list[httpx2.AsyncClient] = []
        self._connecting = asyncio.Lock()

    async def get(self, name: str, server: ModelServer | None) -> Model:
        """Return the connection to a model, the same one each time; `server` is the one that has it, if any.

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
            from chat.agent.demo import demo_model  # here, since few ask it

            return demo_model()
        with without(UNUSED_CLIENT):
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


NO_THINKING = {'reasoning_effort': 'none', 'chat_template_kwargs': {'enable_thinking': False}}
"""With which Ollama, and llama.cpp, vLLM and SGLang are told that a model is not to think."""


def server_model(server: ModelServer, model_name: str, client: httpx2.AsyncClient) -> Model:
    """Return a model of a server; the client is one of `server_client`, which the caller closes."""
    from pydantic_ai.providers.ollama import OllamaProvider
    from pydantic_ai.providers.openai_compatible import OpenAICompatibleProvider

    from chat.agent.strict_model import StrictModel, StrictOllama

    key = server.api_key or 'none'
    ability = server.capabilities_of(model_name)
    # Ollama and LM Studio take text and images in a prompt; of other servers it is not known unless they say.
    takes_documents = not server.maker and ability.reads_documents is not False
    profile = merge_profile(_strict_profile(takes_documents=takes_documents), ability.profile)
    if server.maker == 'ollama':
        ollama = OllamaProvider(base_url=server.url, api_key=key, http_client=client)
        return StrictOllama(model_name, provider=ollama, profile=profile)
    provider = OpenAICompatibleProvider(server.prefix, base_url=server.url, api_key=key, http_client=client)
    return StrictModel(model_name, provider=provider, profile=profile)


def _strict_profile(*, takes_documents: bool) -> ModelProfile:
    """Return the profile of a server of which nothing is known: the strictest take one system message."""
    from pydantic_ai.profiles.openai import OpenAIModelProfile

    return OpenAIModelProfile(
        openai_chat_supports_multiple_system_messages=False,
        openai_chat_supports_document_input=takes_documents,
        thinking_tags=THINKING_TAGS,
        # How much a model of a server thinks is said in each dialect that there is; which of them it speaks
        # nobody knows. What it does not know it ignores, or refuses: then it is asked again without.
        supports_thinking=True,
        openai_chat_thinking_false_body=NO_THINKING,
    )


def server_client(server: ModelServer) -> httpx2.AsyncClient:
    """Return a client that sends a server what it needs and no more.

    The package for OpenAI adds headers on its own: what the environment says about an OpenAI account, and a
    description of this computer. Another server is to see neither.

    Raises:
        ModelMissing: See `make_client`.
    """

    async def prepare(request: httpx2.Request) -> None:
        # The settings of an agent know one figure for all; it must not be the time to connect as well.
        request.extensions['timeout'] = {
            **request.extensions.get('timeout', {}),
            'connect': HTTP_TIMEOUT.connect,
        }
        for name in set(request.headers.keys()) - ALLOWED_HEADERS:
            del request.headers[name]
        request.headers.pop('Authorization', None)
        request.headers.update(server.authorization)

    return make_client(is_local=server.is_local, timeout=HTTP_TIMEOUT, prepare=prepare, is_counted=True)


def provider_model(name: str, environment: Mapping[str, str], client: httpx2.AsyncClient) -> Model:
    """Return a model of a provider; the client is one of `provider_client`, which the caller closes.

    Raises:
        ModelMissing: If there is no such model, or something is missing for it.
    """
    provider = provider_of(name)
    if provider and (lack := missing_requirement(provider, environment)):
        raise ModelMissing(lack)
    key = provider.key(environment) if provider else None
    connected: list[ModelProvider[Any]] = []

    def connect(prefix: str) -> ModelProvider[Any]:
        connected.append(_provider_with_key(key, client, prefix) if key else infer_provider(prefix))
        return connected[-1]

    try:
        return _strict(infer_model(name, connect), connected)
    except (UserError, ImportError, ValueError, OSError) as error:
        raise ModelMissing(_connection_failed_message(name, error)) from error


def _strict(model: Model, connected: Sequence[ModelProvider[Any]]) -> Model:
    """Return the model as a strict one if it speaks OpenAI's protocol, but is not of OpenAI.

    Gateways and the hosts of open models have the same templates as a server of one's own.
    """
    if not connected or all(base.__name__ != 'OpenAIChatModel' for base in type(model).__mro__):
        return model  # without importing the package for OpenAI
    from chat.agent.strict_model import strict

    return strict(model, connected[-1])


def provider_client() -> httpx2.AsyncClient:
    """Return a client for providers.

    Raises:
        ModelMissing: See `make_client`.
    """
    return make_client(is_local=False, timeout=HTTP_TIMEOUT, is_counted=True)


def base_url_of(provider: Provider, key: str) -> str:
    """Return the base URL of a provider's interface, which the environment may set.

    Raises:
        ImportError: If its package is not installed.
    """
    return _provider_with_key(key, None, provider.prefix).base_url


def _provider_with_key(key: str, client: httpx2.AsyncClient | None, prefix: str) -> ModelProvider[Any]:
    """Return what `infer_provider` does, with a key that need not be in the environment of the process."""
    # All that take one key call it api_key; their common base does not say so.
    build: type[Any] = infer_provider_class(prefix)
    # Providers with a package of their own bring the client that it needs.
    is_plain = (known := provider_of(f'{prefix}:')) is not None and known.package is None
    return build(api_key=key, http_client=client) if client and is_plain else build(api_key=key)


def _connection_failed_message(name: str, error: Exception) -> str:
    """Return the sentence about a connection that could not be made: what a person can do."""
    message = str(error)
    command = re.search(r'pip install ["\'].*?["\']', message)
    suggestion = re.search(r"Did you mean '(.+?)'", message)
    if isinstance(error, ImportError) and command:
        return f'“{name}” needs a Python package that is not installed. Install it with: {command[0]}'
    if suggestion:
        return f'There is no model “{name}”. Did you mean “{suggestion[1]}”?'
    if message.startswith(('Unknown model', 'Unknown provider')):
        return unknown_model_message(name)
    if variable := re.search(r'`([A-Z][A-Z0-9_]+)`', message):
        return f'“{name}” needs {variable[1]}: set it in the environment and start Parlour again.'
    log.warning('No connection to %s: %s', name, message)
    return f'“{name}” cannot be used with what is set up here; the log says why. Choose another model.'


def unknown_model_message(name: str) -> str:
    """Return the sentence about the name of no model, such as that of one whose server was removed."""
    prefix, _, model = name.partition(':')
    if model:
        return (
            f'There is no model “{name}”: no provider and no server here is called “{prefix}”. '
            'Choose another model, or add the server that has it in the settings or with --base-url.'
        )
    return (
        f'There is no model “{name}”. Name one as provider:model, such as openai:gpt-6.1-sol, '
        'or add the server that has it in the settings or with --base-url.'
    )


def is_unknown_model(name: str) -> bool:
    """Return whether the name of a model that is on no server names no provider either."""
    prefix, _, model = name.partition(':')
    return bool(model) and bool(NAME.fullmatch(prefix)) and not is_name_of_provider(prefix)


def server_not_configured_message(name: str) -> str:
    """Return the sentence about a model of a server whose address nobody gave."""
    return f'“{label_of(name)}” is on a server. Start Parlour with --base-url and its address.'
