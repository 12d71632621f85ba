"""What people change of how a model answers: its thinking, its freedom, its length."""

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from typing import Any, Literal, Self, TypeAlias, cast

from pydantic import PositiveInt
from pydantic_ai import ModelSettings, RunContext
from pydantic_ai.profiles import ModelProfile

ThinkingEffort: TypeAlias = Literal['off', 'low', 'medium', 'high']

PARAMETER_NAMES = {
    'thinking': 'thinking effort',
    'temperature': 'temperature',
    'top_p': 'top-p',
    'max_tokens': 'longest answer',
}
"""What each is called on pages, in the middle of a sentence."""

WORDS_OF_REFUSALS = {
    'thinking': ('reasoning', 'thinking', 'effort', 'chat_template_kwargs'),
    'temperature': ('temperature',),
    'top_p': ('top_p', 'topp', 'top-p'),
    'max_tokens': ('max_tokens', 'max_completion_tokens', 'maxoutputtokens'),
}
"""With which providers name each in what they refuse, in lower case."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelParameters:
    """How a model is to answer; `None` is always what it does by itself."""

    thinking: ThinkingEffort | None = None
    """How much it thinks before it answers; 'off' is as little as it can."""
    temperature: float | None = None
    """How freely it chooses its words, from 0, always the likeliest, to 2."""
    top_p: float | None = None
    """Among how many of the likeliest words it chooses, as the sum of their probabilities, from 0 to 1."""
    max_tokens: PositiveInt | None = None
    """Tokens of one response, thinking included."""

    @property
    def are_set(self) -> bool:
        """Whether any of them is."""
        return bool(self.names)

    @property
    def names(self) -> list[str]:
        """The names of those that are set."""
        return [name for name in PARAMETER_NAMES if getattr(self, name) is not None]

    def with_defaults(self, below: ModelSettings) -> Callable[[RunContext[Any]], ModelSettings]:
        """Return the settings of a run: these above those of the agent and its model, `below` under them."""
        own = {name: getattr(self, name) for name in self.names}
        if self.thinking == 'off':
            own['thinking'] = False
        above = cast('ModelSettings', own)
        return lambda context: below | cast('ModelSettings', context.model_settings or {}) | above

    @property
    def parameters(self) -> 'ModelParameters':
        """These alone, of whatever has them among others."""
        return ModelParameters(**{name: getattr(self, name) for name in PARAMETER_NAMES})

    def with_parameters(self, parameters: 'ModelParameters') -> Self:
        """Return the same with these."""
        return replace(self, **{name: getattr(parameters, name) for name in PARAMETER_NAMES})

    def without(self, names: Collection[str]) -> Self:
        """Return all but these."""
        return replace(self, **dict.fromkeys(names))

    def refused_by(self, words: str) -> list[str]:
        """Return the names of those that a refusal is about: those it names, else any that are set."""
        words = words.lower()
        named = [name for name in self.names if any(word in words for word in WORDS_OF_REFUSALS[name])]
        return named or self.names

    def ignored_by(self, profile: ModelProfile) -> list[str]:
        """Return the names of those that pydantic-ai does not send to such a model."""
        thinks = profile.get('supports_thinking') or profile.get('thinking_always_enabled')
        return ['thinking'] if self.thinking and not thinks else []
