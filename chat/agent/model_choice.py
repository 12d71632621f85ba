"""Model choices: the models one can pick, which of them is the default, and those that agents bring along."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from pydantic_ai.models import Model, infer_model

from chat.agent.providers import configured_providers, provider_of
from chat.agent.server_states import ServerStates
from chat.agent.servers import ModelServer
from chat.agent_names import AGENT_MODEL, DEMO_MODEL_NAME, agent_model_name, is_agent_model

AGENT_HEADING = 'Agent'
"""Under which the models of agents stand in the list."""

SERVER_PREFIXES = ('server', 'ollama', 'lmstudio')

PATH_PATTERN = re.compile(r'^(/|~|\.{1,2}/|[A-Za-z]:[/\\])|\\|/.*\.(gguf|ggml|bin|safetensors)$')
"""Names that are paths of files; 'org/model' is a name as it is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelChoice:
    """A model one can pick."""

    name: str
    """As it is stored and asked for: 'openai:gpt-6.1-sol', 'server:llama3', 'ollama:qwen3:8b', 'demo'."""
    label: str
    """What the picker shows: 'gpt-6.1-sol', 'llama3'."""
    provider: str
    """The heading of its group: 'OpenAI', 'Ollama on this computer'."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelSnapshot:
    """What is known of models at one moment; nothing is asked for it."""

    servers: Sequence[ModelServer]
    choices: Sequence[ModelChoice]
    troubles: Mapping[str, str]
    """Why servers that were named have no models, by the heading under which these would stand."""
    default: str | None
    """The model for a conversation that has none; `None` if there is none, or not as far as is known yet."""
    default_problem: str
    """Why there is none, in whole sentences; '' as long as the servers that could have one were not asked."""


class ModelPreferences(Protocol):
    """The wishes of one moment."""

    @property
    def model(self) -> str | None:
        """The name of the model of new conversations, or `None` for the one that was picked last."""
        ...

    @property
    def recent_models(self) -> Sequence[str]:
        """The names of the models that were picked last, the very last first."""
        ...


@dataclass(frozen=True, slots=True)
class NoModelPreferences:
    """Those of a person who has said nothing."""

    model: str | None = None
    recent_models: Sequence[str] = ()


def has_server_prefix(name: str) -> bool:
    """Whether a model is on a server that speaks the language of OpenAI, and not at a provider."""
    prefix, colon, _ = name.partition(':')
    return prefix in SERVER_PREFIXES and bool(colon)


def label_of(name: str) -> str:
    """Return what to call a model of this name, whether there is one or not."""
    if name == DEMO_MODEL_NAME:
        return 'Demo (not a real model)'
    if is_agent_model(name):
        return 'Model of the agent'
    model = name_on_server(name)
    if provider_of(name) or has_server_prefix(name):
        return short(model)
    # Two servers that were added may have models of the same name, and one may be removed.
    return f'{name.partition(":")[0]}:{short(model)}' if model else short(name)


def choice_of(name: str, server_heading: str | None) -> ModelChoice:
    """Return the choice of a name; `server_heading` is that of the server that has the model, if one has."""
    if server_heading is not None:
        return ModelChoice(name=name, label=short(name_on_server(name)), provider=server_heading)
    return ModelChoice(name=name, label=label_of(name), provider=_heading_of(name))


def _heading_of(name: str) -> str:
    if is_agent_model(name):
        return AGENT_HEADING
    provider = provider_of(name)
    return provider.label if provider else 'No key needed' if name == DEMO_MODEL_NAME else 'Other'


def short(model: str) -> str:
    """Return the name of a model, or of its file."""
    return file_name_of(model) if PATH_PATTERN.search(model) else model


def name_on_server(name: str) -> str:
    """Return what the server or the provider calls a model of this name, which has a prefix."""
    return name.partition(':')[2]


def prefix_of(name: str) -> str:
    """Return what stands before the colon, in small letters; '' without one."""
    prefix, colon, _ = name.partition(':')
    return prefix.lower() if colon else ''


def file_name_of(path: str) -> str:
    """Return the last part of a path, as any system writes it."""
    return re.split(r'[/\\]', path.rstrip('/\\'))[-1]


@dataclass(frozen=True, slots=True, kw_only=True)
class DefaultModel:
    """Follows from what was named at the start, what a person prefers, and what servers have."""

    preferred: str | None
    """The model that was named at the start: no preference changes the default then."""
    server: ModelServer | None
    """The server that was named at the start."""
    added: Callable[[], Sequence[ModelServer]]
    states: ServerStates
    environment: Mapping[str, str]
    model_preferences: Callable[[], ModelPreferences]
    unavailable_reason: Callable[[str], str | None]

    def known(self) -> str:
        """Return its name, as far as is known without asking the `possible_servers`.

        Raises:
            ModelMissing: If it should be one of the given or of an added server, and that has none.
        """
        if self.preferred:
            return self._qualified(self.preferred)
        if preferred := self._preferred_model():
            return preferred
        if self.server:
            return self._first_served(self.states.current(self.server))
        known = self._first_of_providers()
        return self._first_added(is_last=known is None) or known or DEMO_MODEL_NAME

    def possible_servers(self) -> list[ModelServer]:
        """Return the servers of which it depends, and is not known, what models they have.

        One that is down is among them only if nobody else has a model: nobody waits for it twice.
        """
        given = [self.server] if self.server and not self.states.current(self.server).model_names else []
        if self.preferred:
            return given if provider_of(self.preferred) else []
        if self._preferred_model():
            return []
        if self.server:
            return given
        added = ((server, self.states.current(server)) for server in self.added())
        is_last = self._first_of_providers() is None
        return [one for one, now in added if not now.model_names and (is_last or not now.was_asked)]

    def _preferred_model(self) -> str | None:
        """Return what a person has set; else what was picked last, if it can answer and is no demo."""
        preferences = self.model_preferences()
        recent = (
            name
            for name in preferences.recent_models
            if name != DEMO_MODEL_NAME and not self.unavailable_reason(name)
        )
        return preferences.model or next(recent, None)

    def _first_of_providers(self) -> str | None:
        providers = configured_providers(self.environment)
        return next((name for provider in providers for name in provider.model_names()), None)

    def _first_added(self, *, is_last: bool) -> str | None:
        """Return a model of the first of the added servers that has one.

        Raises:
            ModelMissing: If none has one, and `is_last` says that nobody else has.
        """
        added = [self.states.current(server) for server in self.added()]
        if server := next((one for one in added if one.default_model), None):
            return f'{server.prefix}:{server.default_model}'
        if added and is_last:
            raise next((one for one in added if one.is_loading), added[0]).no_models_error()
        return None

    def _first_served(self, server: ModelServer) -> str:
        if name := server.default_model:
            return f'{server.prefix}:{name}'
        raise server.no_models_error()

    def _qualified(self, name: str) -> str:
        """Return the full name: 'mistral:7b' may mean a provider, or a model of the given server."""
        if not self.server or not provider_of(name):
            return name
        return f'server:{name}' if name in self.states.current(self.server).model_names else name


AGENT_MODEL_MISSING = (
    'The model of this chat came with an agent that is not running here. Choose another model.'
)


class AgentModels:
    """By the names of `AgentConfig.model_name`; a model may also be only named, as pydantic-ai names it."""

    def __init__(self, models: Mapping[str, Model | str]) -> None:
        self._models = models

    @property
    def names(self) -> list[str]:
        """What they are called here."""
        return [*self._models]

    def of_agent(self, ref: str) -> str | None:
        """Return the name of the model that an agent brings along, if it does."""
        return name if (name := agent_model_name(ref)) in self._models else None

    def find(self, name: str) -> Model | str | None:
        """Return what is called so; once there was only one of them, without the name of its agent."""
        first = next(iter(self._models.values()), None)
        return self._models.get(name, first if name == AGENT_MODEL else None)


def connected(model: Model | str) -> Model | None:
    """Return a model as it is, or one that no provider has; `None` for one that is to be connected."""
    if isinstance(model, Model):
        return model
    return None if ':' in model else infer_model(model)
