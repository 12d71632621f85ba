"""Manner: how a model is to answer, besides what it answers to."""

from dataclasses import dataclass

from pydantic_ai import ModelSettings

from chat.conversation.metadata import ConversationMetadata
from chat.conversation.preferences import Preferences
from chat.surrogates import replace_lone_surrogates


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatSettings:
    """What a person has set for one conversation, or for all."""

    instructions: str = ''
    """What the model is told besides what the agent tells it."""
    temperature: float | None = None
    """From 0, always the likeliest word, to 2; `None` for what the model does by itself."""

    @property
    def model_settings(self) -> ModelSettings:
        """What the request says of it besides the instructions."""
        return ModelSettings() if self.temperature is None else ModelSettings(temperature=self.temperature)


def effective_settings(metadata: ConversationMetadata, preferences: Preferences) -> ChatSettings:
    """How a conversation is to be answered: as it says itself, else as the preferences say."""
    instructions = replace_lone_surrogates(metadata.instructions or preferences.instructions)
    return ChatSettings(instructions=instructions, temperature=metadata.temperature)
