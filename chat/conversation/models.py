"""The models that can answer, as a conversation needs them."""

from typing import Protocol

from pydantic_ai.models import Model


class Models(Protocol):
    """The models that can answer, by name."""

    async def default(self) -> str:
        """The name of the model for a conversation that has none yet."""
        ...

    def cheap(self, name: str) -> str | None:
        """The model for a small task beside one of this name, or `None` if that is not worth it."""
        ...

    async def connection(self, name: str) -> Model:
        """The model with this name, ready for requests; the first time may take seconds."""
        ...

    def advice(self, name: str) -> str:
        """What to look at when the model with this name cannot be reached."""
        ...

    def key_advice(self, name: str) -> str:
        """What to do when the key for the model with this name is refused."""
        ...

    def way_to_key(self, name: str) -> str:
        """Where that key can be entered: see `Ending.way`; '' if it cannot be in the page."""
        ...

    def hide(self, text: str) -> str:
        """A text without the keys that give access to models."""
        ...
