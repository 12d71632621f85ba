"""What the pages of chats are built from, and what is around them."""

from collections.abc import Callable
from dataclasses import dataclass

from chat.agent.mcp.elicitation import ElicitationBoard
from chat.agent.model_catalog import ModelCatalog
from chat.conversation.content.chat_settings import PreferencesStore
from chat.conversation.content.library import Library
from chat.conversation.conversation_registry import ConversationRegistry
from chat.conversation.image_loader import ImageLoader
from chat.conversation.storage import AttachmentStorage, ConversationCatalog
from chat.sharing.presence import Presence
from chat.sharing.sharing import Sharing
from chat.sharing.uploads import Uploads
from chat.ui.chat.stream_cache import StreamCache
from chat.ui.conversation_actions import ConversationActions


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatParts:
    """What the pages of all conversations share."""

    registry: ConversationRegistry
    catalog: ConversationCatalog
    attachments: AttachmentStorage
    models: ModelCatalog
    preferences: PreferencesStore
    presence: Presence
    sharing: Sharing
    streams: StreamCache
    uploads: Uploads
    elicitations: ElicitationBoard
    images: ImageLoader
    library: Library
    user: str
    """Whose conversations these are, in a team; '' in a Parlour of one's own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AppShell:
    """What is around the page of those who see more than one conversation."""

    actions: ConversationActions
    open_sidebar: str
    """What the button for it runs in the browser."""
    share: Callable[[], None] | None
    """`None` where nothing can be shared."""
    export_all: Callable[[], None]
    import_chats: Callable[[], None]
    """These open the dialogs for that."""
