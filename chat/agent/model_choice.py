"""ModelChoice: a model one can pick, what its name says, and which ones a person prefers."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from chat.agent.demo import DEMO_MODEL_NAME
from chat.agent.providers import provider_of
from chat.agent_names import is_agent_model

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


def file_name_of(path: str) -> str:
    """Return the last part of a path, as any system writes it."""
    return re.split(r'[/\\]', path.rstrip('/\\'))[-1]
