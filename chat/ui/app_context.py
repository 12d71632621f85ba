"""What the pages are built from."""

import asyncio
from collections import defaultdict
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING

from chat.administration import Administration
from chat.agent.added_servers import AddedServers
from chat.agent.api_keys import ApiKeys
from chat.agent.mcp.servers import McpServers
from chat.agent.model_catalog import ModelCatalog
from chat.change_signal import ChangeSignal
from chat.conversation.content.chat_settings import PreferencesStore
from chat.conversation.content.folders import NO_FOLDER
from chat.conversation.content.library import NO_ASSISTANT, Library
from chat.conversation.conversation_registry import NOTHING_SET, ConversationRegistry
from chat.conversation.image_loader import ImageLoader
from chat.conversation.live_conversation import LiveConversation
from chat.conversation.retention import Retention
from chat.conversation.storage import (
    EMPTY_DRAFT,
    AttachmentStorage,
    ConversationCatalog,
    Draft,
    DraftStorage,
)
from chat.conversation.temporary.temporary_drafts import AllAttachments, AllDrafts
from chat.exchange.uploads import ImportUploads
from chat.sharing.lock import Lock
from chat.sharing.presence import Presence
from chat.sharing.sharing import Sharing
from chat.sharing.uploads import Uploads
from chat.storage import Storage
from chat.ui.chat.chat_parts import ChatParts
from chat.ui.chat.stream_cache import StreamCache
from chat.ui.listing import ListingCache
from chat.web_fetch import WebFetcher

if TYPE_CHECKING:  # what else there is of that package is imported when chats go out or come in
    from chat.exchange.export import Exports
    from chat.exchange.imports import Imports
    from chat.exchange.own_settings import OwnSettings


@dataclass(frozen=True, kw_only=True)
class AppContext:
    """The long-lived parts that all pages of one person share, and those of their guests."""

    conversations: ConversationRegistry
    storage: Storage
    models: ModelCatalog
    preferences: PreferencesStore
    keys: ApiKeys
    added: AddedServers
    mcp_servers: McpServers
    library: Library
    sharing: Sharing
    presence: Presence = field(default_factory=Presence)
    streams: StreamCache = field(default_factory=StreamCache)
    guest_drafts: dict[str, 'MemoryDrafts'] = field(default_factory=lambda: defaultdict(MemoryDrafts))
    """By the session of their browser, until it ends."""
    uploads: Uploads = field(default_factory=Uploads)
    lock: Lock = field(default_factory=Lock)
    web: WebFetcher = field(default_factory=WebFetcher)
    """What fetches the images of answers."""
    user: str = ''
    """Who of a team it is; '' for the owner of a Parlour of their own, and their guests."""
    administration: Administration | None = None
    """What they see of the team, if they are an administrator."""

    def __post_init__(self) -> None:
        """Have all of a guest end with their session, and a new name of theirs be seen at once."""
        self.sharing.on_session_end(self._forget_session)
        self.sharing.on_rename(self.presence.rename)
        self.conversations.temporary.is_held = lambda: self.lock.is_locked

    @cached_property
    def chat_parts(self) -> ChatParts:
        """What the page of a conversation is built from."""
        return ChatParts(
            registry=self.conversations,
            catalog=self.catalog,
            attachments=self.attachments,
            models=self.models,
            preferences=self.preferences,
            presence=self.presence,
            sharing=self.sharing,
            streams=self.streams,
            uploads=self.uploads,
            elicitations=self.mcp_servers.board,
            images=self.images,
            library=self.library,
            user=self.user,
        )

    @cached_property
    def attachments(self) -> AttachmentStorage:
        """The files of all chats."""
        return AllAttachments(self.conversations.temporary, self.storage.attachments)

    @cached_property
    def drafts(self) -> DraftStorage:
        """The owner's drafts in all chats."""
        return AllDrafts(self.conversations.temporary, self.storage.drafts, self.storage.attachments)

    @cached_property
    def images(self) -> ImageLoader:
        """What loads the images of answers."""
        return ImageLoader(self.web)

    def new_chat(self, folder_id: str = '') -> LiveConversation:
        """Open a chat that begins as the preferences say, in a folder if there is one with this id."""
        assistant = self.library.assistants.get(self.preferences.current.assistant) or NO_ASSISTANT
        folder = self.preferences.folders.get(folder_id) or NO_FOLDER
        return self.conversations.new(metadata=replace(assistant.begin(NOTHING_SET), folder=folder.id))

    @cached_property
    def retention(self) -> Retention:
        """What moves old chats to the trash."""
        return Retention(
            self.conversations,
            self.catalog,
            self.storage.conversations,
            self.preferences,
            is_shared=lambda each: any(invite.conversation_id == each for invite in self.sharing.invites),
        )

    @cached_property
    def exports(self) -> 'Exports':
        """The exports that pages have begun."""
        from chat.exchange.export import Exports
        from chat.exchange.temporary_reader import AllConversations

        return Exports(AllConversations(self.conversations.temporary, self.storage.whole))

    @cached_property
    def own_settings(self) -> 'OwnSettings':
        """What goes along with all chats, and comes with them."""
        from chat.exchange.own_settings import OwnSettings

        return OwnSettings(
            preferences=self.preferences,
            library=self.library,
            added=self.added,
            mcp_servers=self.mcp_servers,
        )

    @cached_property
    def imports(self) -> 'Imports':
        """The import of this process."""
        from chat.exchange.imports import Imports

        return Imports(
            self.storage,
            is_open=self.conversations.is_open,
            settings=self.own_settings,
            end_sharing=self.sharing.end_conversation,
        )

    @cached_property
    def import_uploads(self) -> ImportUploads:
        """The files that are uploaded to be imported."""
        return ImportUploads(self.storage.path)

    @property
    def catalog(self) -> ConversationCatalog:
        """What is stored, as the sidebar lists it."""
        return self.storage.catalog

    def is_deleted(self, conversation_id: str) -> bool:
        """Whether a conversation is in the trash, and no other has taken its place."""
        return not self.catalog.has(conversation_id) and self.storage.trash.has(conversation_id)

    @property
    def is_busy(self) -> bool:
        """Whether something goes on that has to be finished before this can be closed."""
        return self.conversations.is_busy or (self._has_imported and self.imports.is_busy)

    async def recover_imports(self) -> None:
        """Take back what an import has made in which the process died."""
        stored = await self.storage.whole.imports()
        if any(each.get('state') == 'running' for each in stored.values()):
            await self.imports.recover()

    async def shutdown(self) -> None:
        """End what is under way, because the app ends: what was said is stored, and guests are told."""
        await self.images.close()
        if self._has_imported:
            await self.imports.close()
        await asyncio.to_thread(self.import_uploads.close)
        await self.conversations.close()
        await self.sharing.close()

    @property
    def _has_imported(self) -> bool:
        return 'imports' in vars(self)

    def _forget_session(self, session_id: str) -> None:
        self.guest_drafts.pop(session_id, None)
        self.uploads.forget(session_id)

    @cached_property
    def listings(self) -> ListingCache:
        """The list that all sidebars show."""
        return ListingCache(self.catalog, self.preferences.folders, self.conversations.temporary)


class MemoryDrafts:
    """The `DraftStorage` of one guest's browser; that of the owner outlasts the process."""

    def __init__(self) -> None:
        self.changed = ChangeSignal()
        self._drafts: dict[str, Draft] = {}

    def get(self, conversation_id: str) -> Draft:
        """Return what stands in the box of a conversation."""
        return self._drafts.get(conversation_id, EMPTY_DRAFT)

    async def put(self, conversation_id: str, draft: Draft) -> None:
        """Have this stand in the box."""
        if draft != self.get(conversation_id):
            self._drafts[conversation_id] = draft
            self.changed.notify()
