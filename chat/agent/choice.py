"""ModelChoice: a model one can pick, and what its name says."""

from dataclasses import dataclass

from chat.agent.demo import DEMO
from chat.agent.providers import provider_of

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


def has_server_prefix(name: str) -> bool:
    """Whether a model is on a server that speaks the language of OpenAI, and not at a provider."""
    prefix, colon, _ = name.partition(':')
    return prefix in SERVER_PREFIXES and bool(colon)


def label_of(name: str) -> str:
    """What to call a model of this name, whether there is one or not."""
    if name == DEMO:
        return 'Demo (not a real model)'
    has_prefix = provider_of(name) or has_server_prefix(name)
    return name.partition(':')[2] if has_prefix else name
