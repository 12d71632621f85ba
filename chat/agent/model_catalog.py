"""ModelCatalog: the models one can pick, what each needs, and which one is taken without picking."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from copy import copy
from dataclasses import replace
from typing import Self

from pydantic_ai.models import Model
from pydantic_ai.profiles import ModelProfile

from chat.agent.model_choice import (
    AGENT_MODEL_MISSING,
    AgentModels,
    DefaultModel,
    ModelChoice,
    ModelPreferences,
    ModelSnapshot,
    NoModelPreferences,
    choice_of,
    connected,
    has_server_prefix,
    name_on_server,
    prefix_of,
)
from chat.agent.model_connections import (
    ModelConnections,
    is_unknown_model,
    server_not_configured_message,
    unknown_model_message,
)
from chat.agent.providers import configured_providers, key_link, lacks_key, missing_requirement, provider_of
from chat.agent.server_states import ServerStates
from chat.agent.servers import ModelServer, configured_server, local_servers
from chat.agent_names import DEMO_MODEL_NAME, is_agent_model
from chat.change_signal import ChangeSignal
from chat.errors import KeyMissing, ModelMissing
from chat.redaction import SecretRedactor, passwords_in


class ModelCatalog:
    """The models one can pick here, and the connection to each.

    All read `snapshot` and wait for `changed`; who wants to know more than is known calls `refresh`.
    """

    def __init__(
        self,
        *,
        preferred: str | None,
        base_url: str | None,
        api_key: str | None,
        environment: Mapping[str, str],
        model_preferences: Callable[[], ModelPreferences] = NoModelPreferences,
        added: Callable[[], Sequence[ModelServer]] = tuple,
        changes: Iterable[ChangeSignal] = (),
        agent_models: Mapping[str, Model | str] | None = None,
        can_add_keys: bool = True,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
    ) -> None:
        """Ask nobody yet.

        Args:
            preferred: The model for conversations that have none, as a person wrote it at the start. Without
                a known prefix it is taken for a model of the server at `base_url`, if there is one.
            base_url: A server that speaks the language of OpenAI.
            api_key: The key for that server, and for no other.
            environment: Where the keys of providers are looked up, each time anew.
            model_preferences: Asked each time anew.
            added: The servers that were added in the page; asked each time anew.
            changes: Tell that the environment, the preferences or the added servers are others.
            agent_models: What the agents bring along, by the names of `AgentConfig.model_name`.
            can_add_keys: Whether keys can be added in the page, and not just in the environment.
            sleep: Waits so many seconds, until servers that load their models are asked again.
        """
        self._environment = environment
        self._can_add_keys = can_add_keys
        self._redactor = SecretRedactor(environment, api_key, *passwords_in(base_url))
        self._model_preferences = model_preferences
        self._server = configured_server(base_url, api_key) if base_url else None
        self._added = added
        self._agent_models = AgentModels(agent_models or {})
        self._local = local_servers(environment)
        self._states = ServerStates(self._all_servers, sleep)
        self._preferred = self._full_name(preferred) if preferred else None
        self._connections = ModelConnections(environment)
        self._default = DefaultModel(
            preferred=self._preferred,
            server=self._server,
            added=added,
            states=self._states,
            environment=environment,
            model_preferences=model_preferences,
            unavailable_reason=self.unavailable_reason,
        )
        self.changed = self._states.changed
        self._snapshot: tuple[int, ModelSnapshot] | None = None  # with how many changes there were before it
        for change in changes:
            change.relay_to(self.changed)

    def preferred_by(self, preferences: Callable[[], ModelPreferences], changed: ChangeSignal) -> Self:
        """Return the same models as somebody prefers them, to be closed with these; `changed` tells of it."""
        changed.relay_to(self.changed)
        other = copy(self)
        other.prefer(preferences)
        return other

    def prefer(self, model_preferences: Callable[[], ModelPreferences]) -> None:
        """Ask for other preferences from now on."""
        self._model_preferences = model_preferences
        self._default = replace(
            self._default, model_preferences=model_preferences, unavailable_reason=self.unavailable_reason
        )
        self._snapshot = None

    @property
    def preferred(self) -> str | None:
        """The model that was named at the start: no wish changes the default then."""
        return self._preferred

    @property
    def snapshot(self) -> ModelSnapshot:
        """What is known at this moment; `refresh` may add to it.

        It is taken once after each change: hundreds of models take milliseconds, and all pages ask.
        """
        if self._snapshot is None or self._snapshot[0] != self.changed.count:
            self._snapshot = self.changed.count, self._take_snapshot()
        return self._snapshot[1]

    def _take_snapshot(self) -> ModelSnapshot:
        default, problem = None, ''
        if all(self._states.current(one).was_asked for one in self._default.possible_servers()):
            try:
                default = self._default.known()
            except ModelMissing as error:
                problem = str(error)
        return ModelSnapshot(
            servers=self.servers,
            choices=self.choices,
            troubles=self.troubles,
            default=default,
            default_problem=problem,
        )

    @property
    def servers(self) -> list[ModelServer]:
        """The servers to list: if a named one is a local one that is found anyway, it is listed once."""
        return [self._states.current(server) for server in self._listed_servers()]

    def _listed_servers(self) -> list[ModelServer]:
        named = [*filter(None, [self._server]), *self._added()]
        return [*named, *(one for one in self._local if not any(map(one.is_same_as, named)))]

    def _all_servers(self) -> list[ModelServer]:
        return [*filter(None, [self._server]), *self._added(), *self._local]

    @property
    def troubles(self) -> dict[str, str]:
        """Why servers that were named have no models, by the heading under which these would stand."""
        return {one.heading: one.trouble for one in self.servers if one.is_named and one.trouble}

    @property
    def choices(self) -> list[ModelChoice]:
        """What is known at this moment; `refresh` may add to it."""
        served = [f'{server.prefix}:{name}' for server in self.servers for name in server.model_names]
        known = [name for one in configured_providers(self._environment) for name in one.model_names()]
        preferred = (self._preferred, self._model_preferences().model)
        asked_for = [name for name in preferred if name and name not in (*served, *known, DEMO_MODEL_NAME)]
        names = (*self._agent_models.names, *asked_for, *served, *known, DEMO_MODEL_NAME)
        headings = {one.prefix.lower(): one.heading for one in reversed(self._all_servers())}
        return [choice_of(name, headings.get(prefix_of(name))) for name in dict.fromkeys(names)]

    def choice(self, name: str) -> ModelChoice:
        """Return the choice of this name, even if it is not among the choices."""
        server = self._server_of(name)
        return choice_of(name, server.heading if server else None)

    async def refresh(self) -> None:
        """Ask the servers for their models; does not raise, and takes a few seconds at most."""
        await self._states.refresh(*self._listed_servers())

    async def refresh_server_of(self, name: str) -> None:
        """Ask the server that has this model, so that `unavailable_reason` knows; does not raise."""
        if ':' in name:
            await self.refresh_server(prefix_of(name))

    async def refresh_server(self, prefix: str) -> None:
        """Ask the server with this prefix; does not raise."""
        if server := self._listed_server(prefix):
            await self._states.refresh(server)

    async def refresh_default(self) -> None:
        """Ask those servers that could have the model for conversations that have none; does not raise."""
        await self._states.refresh(*self._default.possible_servers())

    async def default_model(self) -> str:
        """Return the model for a conversation that has none.

        Raises:
            ModelMissing: If it should be one of the given or of an added server, and that has none.
        """
        await self.refresh_default()
        return self._default.known()

    def agent_model(self, ref: str) -> str | None:
        """Return the model that an agent brings along, unless it has none or another one is wished for."""
        is_other_preferred = self._preferred or self._model_preferences().model
        return None if is_other_preferred else self._agent_models.of_agent(ref)

    def small_model(self, name: str) -> str | None:
        """Return the model for a small task beside one of this name, or `None` if that is not worth it."""
        provider = provider_of(name)
        if provider and provider.small_model:
            return f'{provider.prefix}:{provider.small_model}'
        return None if name == DEMO_MODEL_NAME else name

    def unavailable_reason(self, name: str) -> str | None:
        """Why a model cannot answer, as far as is known without asking, and what to do; else `None`."""
        is_gone = not is_agent_model(name) and not self._server_of(name) and is_unknown_model(name)
        return unknown_model_message(name) if is_gone else self._unmet_requirement(name)

    def _unmet_requirement(self, name: str) -> str | None:
        """Do the same but for a name that nobody has: pydantic-ai knows what it may be meant to be."""
        if name == DEMO_MODEL_NAME or self._agent_models.find(name):
            return None
        if is_agent_model(name):
            return AGENT_MODEL_MISSING
        if not name.partition(':')[2]:
            return unknown_model_message(name)
        if server := self._server_of(name):
            return server.unavailable_reason(name_on_server(name))
        if has_server_prefix(name):
            return server_not_configured_message(name)
        if (provider := provider_of(name)) is None:
            return None
        return missing_requirement(provider, self._environment, can_add_keys=self._can_add_keys)

    async def connection(self, name: str) -> Model:
        """Return the connection to a model, the same one each time.

        Raises:
            ModelMissing: If there is no such model, or something is missing for it.
        """
        if own := self._agent_models.find(name):
            return connected(own) or await self.connection(str(own))
        server = self._server_of(name)
        if server and (not server.was_asked or (server.is_bare and not server.model_names)):
            await self.refresh_server_of(name)  # where does its interface begin, and what do its models read?
            server = self._server_of(name)
        if server is None and (unmet := self._unmet_requirement(name)):
            raise KeyMissing(unmet) if lacks_key(name, self._environment) else ModelMissing(unmet)
        return await self._connections.get(name, server)

    def connection_hint(self, name: str) -> str:
        """Return what to look at when a model cannot be reached."""
        server = self._server_of(name)
        return server.connection_hint if server else 'Check the network.'

    def key_hint(self, name: str) -> str:
        """Return what to do when the key for a model is refused."""
        server = self._server_of(name)
        return server.key_hint if server else 'Check the key of this provider.'

    def key_link(self, name: str) -> str:
        """Where the key for a model can be entered, as `TurnOutcome.way` says it; '' if not in the page."""
        server = self._server_of(name)
        if server is None:
            return key_link(name) if self._can_add_keys else ''
        return f'server:{server.prefix}' if server.is_added else ''

    def redact(self, text: str) -> str:
        """Return a text without the keys that give access to models."""
        return self._redactor.redact(text)

    async def profile(self, name: str) -> ModelProfile:
        """Return what is known of a model, such as what files it reads.

        Raises:
            ModelMissing: As for `connection`.
        """
        return (await self.connection(name)).profile

    async def close(self) -> None:
        """Ask nobody any more, and close all connections; they can be used no more."""
        await self._states.close()
        await self._connections.close()

    def _server_of(self, name: str) -> ModelServer | None:
        server = self._listed_server(prefix_of(name))
        return self._states.current(server) if server else None

    def _listed_server(self, prefix: str) -> ModelServer | None:
        return next((one for one in self._all_servers() if one.prefix.lower() == prefix.lower()), None)

    def _full_name(self, name: str) -> str:
        is_of_others = name == DEMO_MODEL_NAME or not self._server or provider_of(name)
        return name if is_of_others or self._server_of(name) or has_server_prefix(name) else f'server:{name}'
