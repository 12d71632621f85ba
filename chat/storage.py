"""Storage: all that outlasts the process, as pages and the server know it.

`chat.store.data_folder.DataFolder` is the one that keeps it in a folder; whatever has these members can stand
in its place. The members know each other: what is moved to the trash leaves the catalog, what is searched is
what the catalog lists, and what is deleted for good takes its attachments and drafts along.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from chat.agent.added_servers import AddedServer
from chat.agent.api_keys import ApiKeyStorage
from chat.agent.mcp.entries import StoredServer
from chat.conversation.content.folders import ChatFolder
from chat.conversation.content.library import Assistant, SavedPrompt
from chat.conversation.search import ConversationSearch
from chat.conversation.storage import (
    AttachmentStorage,
    ConversationCatalog,
    ConversationStorage,
    DraftStorage,
    PreferencesStorage,
    TrashStorage,
)
from chat.conversation.usage_ledger import UsageStorage
from chat.conversation.whole_conversation import WholeConversations
from chat.sharing.invites import Invite
from chat.sharing.lock import LockRecord
from chat.value_storage import ValueStorage


class Storage(Protocol):
    """Opened before the app starts, closed after it has ended; for the event loop only."""

    @property
    def path(self) -> Path | None:
        """The folder in which all of it is on this computer; `None` if it is not in one."""
        ...

    @property
    def warnings(self) -> Sequence[str]:
        """What the person should know of the place as a whole: a full disk, a folder that is synchronised."""
        ...

    @property
    def conversations(self) -> ConversationStorage: ...

    @property
    def catalog(self) -> ConversationCatalog: ...

    @property
    def whole(self) -> WholeConversations: ...

    @property
    def trash(self) -> TrashStorage: ...

    @property
    def drafts(self) -> DraftStorage: ...

    @property
    def attachments(self) -> AttachmentStorage: ...

    @property
    def search(self) -> ConversationSearch: ...

    @property
    def preferences(self) -> PreferencesStorage: ...

    @property
    def api_keys(self) -> ApiKeyStorage: ...

    @property
    def servers(self) -> ValueStorage[AddedServer]: ...

    @property
    def usage(self) -> UsageStorage: ...

    @property
    def mcp_servers(self) -> ValueStorage[StoredServer]: ...

    @property
    def assistants(self) -> ValueStorage[Assistant]: ...

    @property
    def prompts(self) -> ValueStorage[SavedPrompt]: ...

    @property
    def folders(self) -> ValueStorage[ChatFolder]: ...

    @property
    def invites(self) -> ValueStorage[Invite]: ...

    @property
    def lock(self) -> ValueStorage[LockRecord]:
        """Holds one record, or none if there is no passcode."""
        ...

    async def size(self) -> int:
        """Return how many bytes all of it takes.

        Raises:
            OSError: If that is not known.
        """
        ...

    async def close(self) -> None:
        """Finish all writing; closing twice does no harm."""
        ...
