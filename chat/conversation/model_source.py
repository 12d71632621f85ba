"""The models that can answer, as a conversation needs them."""

from typing import Protocol

from pydantic_ai.models import Model


class ModelSource(Protocol):
    """The models that can answer, by name."""

    async def default_model(self) -> str:
        """The name of the model for a conversation that has none yet."""
        ...

    def small_model(self, name: str) -> str | None:
        """The model for a small task beside one of this name, or `None` if that is not worth it."""
        ...

    async def connection(self, name: str) -> Model:
        """The model with this name, ready for requests; the first time may take seconds."""
        ...

    def connection_hint(self, name: str) -> str:
        """What to look at when the model with this name cannot be reached."""
        ...

    def key_hint(self, name: str) -> str:
        """What to do when the key for the model with this name is refused."""
        ...

    def key_link(self, name: str) -> str:
        """Where that key can be entered: see `TurnOutcome.way`; '' if it cannot be in the page."""
        ...

    def redact(self, text: str) -> str:
        """A text without the keys that give access to models."""
        ...
