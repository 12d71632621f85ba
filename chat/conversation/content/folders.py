"""Folders of chats: what the chats in one have in common, and what of it holds in a chat."""

from dataclasses import dataclass, field

from chat.conversation.content.library import new_id


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatFolder:
    """A folder in the list of chats; a chat names the one that it is in, by its id."""

    id: str = field(default_factory=new_id)
    name: str = ''
    instructions: str = ''
    """What the model is told in each of its chats, before what a chat says itself."""
    model: str | None = None
    """The name of the `ModelChoice` of chats that have none; `None` for the default."""
    is_folded: bool = False
    """Whether the list hides the chats in it."""


NO_FOLDER = ChatFolder(id='')
"""Where a chat is that names no folder, or one that is not there any more."""
