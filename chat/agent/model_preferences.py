"""ModelPreferences: what a person has said about models in the page, as far as it decides who answers."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol


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
