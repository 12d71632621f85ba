"""ModelChoices: the models one can pick, what each needs, and which one is taken without picking."""

import asyncio
from collections.abc import Callable, Mapping, Sequence

from pydantic_ai.models import Model
from pydantic_ai.profiles import ModelProfile

from chat.agent.choice import ModelChoice, has_server_prefix, label_of, name_on_server, short
from chat.agent.connecting import is_nobodys, lack_of, lacks_key, not_started_with, unknown, way_to_key
from chat.agent.connections import Connections
from chat.agent.demo import DEMO
from chat.agent.providers import configured, provider_of
from chat.agent.servers import ModelServer, given_server, local_servers
from chat.agent.wishes import NoWishes, Wishes
from chat.discretion import SecretRedactor, passwords_in
from chat.errors import KeyMissing, ModelMissing


class ModelChoices:
    """The models one can pick here, and the connection to each."""

    def __init__(
        self,
        *,
        preferred: str | None,
        base_url: str | None,
        api_key: str | None,
        environment: Mapping[str, str],
        wishes: Callable[[], Wishes] = NoWishes,
        added: Callable[[], Sequence[ModelServer]] = tuple,
    ) -> None:
        """Ask nobody yet.

        Args:
            preferred: The model for conversations that have none, as a person wrote it at the start. Without
                a known prefix it is taken for a model of the server at `base_url`, if there is one.
            base_url: A server that speaks the language of OpenAI.
            api_key: The key for that server, and for no other.
            environment: Where the keys of providers are looked up, each time anew.
            wishes: Asked each time anew.
            added: The servers that were added in the page; asked each time anew.
        """
        self._environment = environment
        self._discretion = SecretRedactor(environment, api_key, *passwords_in(base_url))
        self._wishes = wishes
        self._server = given_server(base_url, api_key) if base_url else None
        self._added = added
        self._local = local_servers(environment)
        self._preferred = self._full_name(preferred) if preferred else None
        self._connections = Connections(environment)

    @property
    def preferred(self) -> str | None:
        """The model that was named at the start: no wish changes the default then."""
        return self._preferred

    @property
    def servers(self) -> list[ModelServer]:
        """The servers to list: if a named one is a local one that is found anyway, it is listed once."""
        named = [*filter(None, [self._server]), *self._added()]
        return [*named, *(one for one in self._local if not any(map(one.is_same_as, named)))]

    @property
    def troubles(self) -> dict[str, str]:
        """Why servers that were named have no models, by the heading under which these would stand."""
        return {
            server.heading: server.trouble for server in self.servers if server.is_named and server.trouble
        }

    @property
    def choices(self) -> list[ModelChoice]:
        """What is known at this moment; `refresh` may add to it."""
        served = [f'{server.prefix}:{name}' for server in self.servers for name in server.model_names]
        known = [name for provider in configured(self._environment) for name in provider.model_names()]
        wished = (self._preferred, self._wishes().model)
        asked_for = [name for name in wished if name and name not in (*served, *known, DEMO)]
        return [self.choice(name) for name in dict.fromkeys((*asked_for, *served, *known, DEMO))]

    def choice(self, name: str) -> ModelChoice:
        """The choice of this name, even if it is not among the choices."""
        label = short(name_on_server(name)) if self._server_of(name) else label_of(name)
        return ModelChoice(name=name, label=label, provider=self._heading(name))

    async def refresh(self) -> None:
        """Ask the servers for their models; does not raise, and takes a few seconds at most."""
        await asyncio.gather(*(server.ask() for server in self.servers))

    async def ask_about(self, name: str) -> None:
        """Ask the server that has a model of this name, so that `obstacle` knows; does not raise."""
        if server := self._server_of(name):
            await server.ask()

    async def default(self) -> str:
        """The model for a conversation that has none.

        Raises:
            ModelMissing: If it should be one of the given or of an added server, and that has none.
        """
        if self._preferred:
            return await self._unambiguous(self._preferred)
        if wished := self._wished():
            return wished
        if self._server:
            return await self._first_served(self._server)
        names = (name for provider in configured(self._environment) for name in provider.model_names())
        known = next(names, None)
        return await self._first_added(is_last=known is None) or known or DEMO

    def cheap(self, name: str) -> str | None:
        """The model for a small task beside one of this name, or `None` if that is not worth it."""
        if name == DEMO:
            return None
        provider = provider_of(name)
        return f'{provider.prefix}:{provider.cheap}' if provider and provider.cheap else name

    def obstacle(self, name: str) -> str | None:
        """Why a model cannot answer, as far as is known without asking, and what to do; else `None`."""
        is_gone = not self._server_of(name) and is_nobodys(name)
        return unknown(name) if is_gone else self._lack(name)

    def _lack(self, name: str) -> str | None:
        """The same, but of a name that nobody has: pydantic-ai knows what it may be meant to be."""
        if name == DEMO:
            return None
        if not name.partition(':')[2]:
            return unknown(name)
        if server := self._server_of(name):
            return server.obstacle(name_on_server(name))
        if has_server_prefix(name):
            return not_started_with(name)
        provider = provider_of(name)
        return lack_of(provider, self._environment) if provider else None

    async def connection(self, name: str) -> Model:
        """The connection to a model, the same one each time.

        Raises:
            ModelMissing: If there is no such model, or something is missing for it.
        """
        server = self._server_of(name)
        if server and (not server.was_asked or (server.is_bare and not server.model_names)):
            await server.ask()  # it is unknown where its interface begins, and what its models read
        if server is None and (lack := self._lack(name)):
            raise KeyMissing(lack) if lacks_key(name, self._environment) else ModelMissing(lack)
        return await self._connections.to(name, server)

    def advice(self, name: str) -> str:
        """What to look at when a model cannot be reached."""
        server = self._server_of(name)
        return server.advice if server else 'Check the network.'

    def key_advice(self, name: str) -> str:
        """What to do when the key for a model is refused."""
        server = self._server_of(name)
        return server.key_advice if server else 'Check the key of this provider.'

    def way_to_key(self, name: str) -> str:
        """Where the key for a model can be entered, as `Ending.way` says it; '' if not in the page."""
        server = self._server_of(name)
        if server is None:
            return way_to_key(name)
        return f'server:{server.prefix}' if server.is_added else ''

    def hide(self, text: str) -> str:
        """A text without the keys that give access to models."""
        return self._discretion.redact(text)

    async def profile(self, name: str) -> ModelProfile:
        """What is known of a model, such as what files it reads.

        Raises:
            ModelMissing: As for `connection`.
        """
        return (await self.connection(name)).profile

    async def close(self) -> None:
        """Close all connections; they can be used no more."""
        await self._connections.close()

    def _wished(self) -> str | None:
        """The default that a person has set; else what was picked last, if it can answer and is no demo."""
        wishes = self._wishes()
        recent = (name for name in wishes.recent_models if name != DEMO and not self.obstacle(name))
        return wishes.model or next(recent, None)

    def _server_of(self, name: str) -> ModelServer | None:
        prefix, colon, _ = name.partition(':')
        servers = (*filter(None, [self._server]), *self._added(), *self._local)
        return next((one for one in servers if one.prefix.lower() == prefix.lower() and colon), None)

    async def _first_added(self, *, is_last: bool) -> str | None:
        """A model of the first of the added servers that has one; nobody waits twice for one that is down.

        Raises:
            ModelMissing: If none has one, and `is_last` says that nobody else has.
        """
        added = self._added()
        unsure = (one for one in added if not one.model_names and (is_last or not one.was_asked))
        await asyncio.gather(*(server.ask() for server in unsure))
        if server := next((one for one in added if one.first_choice), None):
            return f'{server.prefix}:{server.first_choice}'
        if added and is_last:
            raise next((one for one in added if one.is_loading), added[0]).without_models()
        return None

    async def _first_served(self, server: ModelServer) -> str:
        if not server.model_names:
            await server.ask()
        if name := server.first_choice:
            return f'{server.prefix}:{name}'
        raise server.without_models()

    async def _unambiguous(self, name: str) -> str:
        """A name such as 'mistral:7b' may mean a provider, or a model that the given server calls so."""
        if not self._server or not provider_of(name):
            return name
        if not self._server.model_names:
            await self._server.ask()
        return f'server:{name}' if name in self._server.model_names else name

    def _full_name(self, name: str) -> str:
        if name == DEMO or not self._server or provider_of(name):
            return name
        if self._server_of(name) or has_server_prefix(name):
            return name
        return f'server:{name}'

    def _heading(self, name: str) -> str:
        if server := self._server_of(name):
            return server.heading
        provider = provider_of(name)
        return provider.label if provider else 'No key needed' if name == DEMO else 'Other'
