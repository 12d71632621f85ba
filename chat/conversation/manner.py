"""Manner: how a model is to answer, besides what it answers to."""

from dataclasses import dataclass

from pydantic_ai import ModelSettings

from chat.conversation.details import Details
from chat.conversation.preferences import Preferences
from chat.whole_text import whole_text


@dataclass(frozen=True, slots=True, kw_only=True)
class Manner:
    """What a person has set for one conversation, or for all."""

    instructions: str = ''
    """What the model is told besides what the agent tells it."""
    temperature: float | None = None
    """From 0, always the likeliest word, to 2; `None` for what the model does by itself."""

    @property
    def settings(self) -> ModelSettings:
        """What the request says of it besides the instructions."""
        return ModelSettings() if self.temperature is None else ModelSettings(temperature=self.temperature)


def manner_of(details: Details, preferences: Preferences) -> Manner:
    """How a conversation is to be answered: as it says itself, else as the preferences say."""
    instructions = whole_text(details.instructions or preferences.instructions)
    return Manner(instructions=instructions, temperature=details.temperature)
