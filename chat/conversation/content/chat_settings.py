"""The preferences for all chats, and what of them holds in one."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Literal

from pydantic import NonNegativeInt

from chat.change_signal import ChangeSignal
from chat.conversation.content.folders import NO_FOLDER, ChatFolder
from chat.conversation.content.library import EntryCollection
from chat.conversation.content.metadata import ConversationMetadata
from chat.conversation.content.waiting import AllowedScope, AllowedTool
from chat.lone_surrogates import replace_lone_surrogates

SendKey = Literal['enter', 'mod-enter']
"""The key that sends: Enter, or Enter together with Ctrl or ⌘."""

EVERYWHERE: AllowedScope = 'everywhere'
HERE: AllowedScope = 'chat'

MAX_RECENT_MODELS = 6
"""Models that are remembered as picked last."""

SavePreferences = Callable[['Preferences'], Awaitable[None]]
"""Stores preferences."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Preferences:
    """What a person has set for all chats, as it is at one moment."""

    model: str | None = None
    """The name of the model of new conversations, or `None` for the one that was picked last."""
    assistant: str = ''
    """The id of the assistant with which new conversations begin; '' if it is none."""
    recent_models: tuple[str, ...] = ()
    """The names of the models that were picked last, the very last first."""
    instructions: str = ''
    """What the model is told in every conversation that has no instructions of its own."""
    refines_titles: bool = True
    """Whether a model finds a title once there is an answer."""
    title_model: str | None = None
    """The name of that model, or `None` for a small one of the provider that has answered."""
    send_key: SendKey = 'enter'
    allowed_tools: tuple[AllowedTool, ...] = ()
    """The tools that need no approval any more, in any chat."""
    limit_answer: NonNegativeInt = 0
    """Tokens that an answer may take; 0 for any number."""
    limit_day: NonNegativeInt = 0
    """Tokens that all answers of a day may take; 0 for any number."""
    retention_days: NonNegativeInt = 0
    """Days without a word after which a chat goes to the trash; 0 for never."""

    def with_allowed_tool(self, tool: AllowedTool) -> 'Preferences':
        """Return the preferences after a tool was allowed without further approval."""
        others = (other for other in self.allowed_tools if other != tool)
        return replace(self, allowed_tools=(*others, tool))

    def with_recent_model(self, name: str) -> 'Preferences':
        """Return the preferences after a model was picked."""
        others = (other for other in self.recent_models if other != name)
        return replace(self, recent_models=(name, *others)[:MAX_RECENT_MODELS])


class PreferencesStore:
    """The preferences of this process: all read `current` and wait for `changed`, `update` alone writes."""

    def __init__(
        self, current: Preferences, save: SavePreferences, folders: EntryCollection[ChatFolder] | None = None
    ) -> None:
        self.current = current
        self.folders = folders or EntryCollection[ChatFolder]()
        """What is set for the chats in each folder."""
        self.changed = ChangeSignal()
        self._save = save
        self._saving = 0

    def take_stored(self, preferences: Preferences) -> bool:
        """Have what another process has stored; return whether nothing newer is being stored here."""
        if self._saving:
            return False
        if preferences != self.current:
            self.current = preferences
            self.changed.notify()
        return True

    async def update(self, change: Callable[[Preferences], Preferences]) -> None:
        """Change them for everyone at once, then store them.

        Raises:
            OSError: If they could not be stored. Then they hold until Parlour ends, or others are taken.
        """
        if (preferences := change(self.current)) != self.current:
            self.current = preferences
            self.changed.notify()
            self._saving += 1
            try:
                await self._save(preferences)
            finally:
                self._saving -= 1

    def folder_of(self, metadata: ConversationMetadata) -> ChatFolder:
        """Return the folder that a conversation is in."""
        return self.folders.get(metadata.folder) or NO_FOLDER

    def model_of(self, metadata: ConversationMetadata) -> str | None:
        """Return the name of its own model, else that of its folder; `None` for the default."""
        return metadata.model or self.folder_of(metadata).model

    def with_own_model(self, metadata: ConversationMetadata, name: str) -> ConversationMetadata:
        """Return the metadata after a model has answered, which stays if nothing names another."""
        return metadata if self.model_of(metadata) else replace(metadata, model=name)


def effective_instructions(
    metadata: ConversationMetadata, preferences: Preferences, folder: ChatFolder = NO_FOLDER
) -> str:
    """Return what the model is told in a conversation, what holds in most chats first.

    First come the instructions of the preferences, unless the conversation has its own; then those of its
    folder; then its own, which may be those of the assistant with which it began.
    """
    general = '' if metadata.instructions else preferences.instructions
    told = (general, folder.instructions, metadata.instructions)
    return replace_lone_surrogates('\n\n'.join(text for text in told if text.strip()))


def allowed_tools(
    agent: str, metadata: ConversationMetadata, preferences: Preferences
) -> dict[str, AllowedScope]:
    """Return the tools of an agent that need no approval in a conversation, by name, and where that holds."""
    everywhere = (each.tool for each in preferences.allowed_tools if each.agent == agent)
    here = (each.tool for each in metadata.allowed if each.agent == agent)
    return {**dict.fromkeys(everywhere, EVERYWHERE), **dict.fromkeys(here, HERE)}
