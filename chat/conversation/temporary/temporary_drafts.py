"""Drafts and files of all chats: those of temporary ones in memory, all others in the storage."""

from collections.abc import Iterable
from contextlib import suppress

from pydantic_ai import BinaryContent

from chat.change_signal import ChangeSignal
from chat.conversation.content.attachments import Attachment, attached_file
from chat.conversation.storage import (
    NEW_CONVERSATION,
    AttachmentStorage,
    Draft,
    DraftStorage,
    StoredFile,
)
from chat.conversation.temporary.memory_conversations import MemoryFiles
from chat.conversation.temporary.temporary_chats import TemporaryChats
from chat.errors import AttachmentMissing


class AllAttachments:
    """The `AttachmentStorage` of pages: files of temporary chats are found first."""

    def __init__(self, temporary: TemporaryChats, stored: AttachmentStorage) -> None:
        self._temporary = temporary
        self._stored = stored

    async def save(self, name: str, content: bytes, *, for_prompt: bool = True) -> Attachment:
        """Store a file of a chat that is not temporary."""
        return await self._stored.save(name, content, for_prompt=for_prompt)

    async def read(self, attachments: Iterable[Attachment]) -> dict[Attachment, BinaryContent]:
        """Return the files with their bytes, in the order in which they are named."""
        found: dict[Attachment, BinaryContent] = {}
        for said in attachments:
            content = self._temporary.file(said.blob)
            found |= dict([attached_file(said, content)]) if content else await self._stored.read([said])
        return found

    async def get(self, blob: str) -> StoredFile | None:
        """Return a file that is stored; one of a temporary chat is `TemporaryChats.file`."""
        return await self._stored.get(blob)

    async def discard(self, blobs: Iterable[str]) -> None:
        """Erase stored files that nothing names."""
        await self._stored.discard(blobs)


class AllDrafts:
    """The `DraftStorage` of the owner's pages."""

    def __init__(
        self, temporary: TemporaryChats, stored: DraftStorage, attachments: AttachmentStorage
    ) -> None:
        """`attachments` are those that are stored."""
        self._temporary = temporary
        self._stored = stored
        self._attachments = attachments
        self._taken = set[str]()
        """Files that were taken into memory, and are still stored."""

    @property
    def changed(self) -> ChangeSignal:
        """Notified after each change of a draft."""
        return self._stored.changed

    def get(self, conversation_id: str) -> Draft:
        """Return what was written."""
        if self._temporary.has(conversation_id):
            return self._temporary.draft(conversation_id)
        return self._stored.get(conversation_id)

    async def put(self, conversation_id: str, draft: Draft) -> None:
        """Replace a draft; the files in that of a temporary chat are then in memory alone."""
        if not self._temporary.has(conversation_id):
            await self._stored.put(conversation_id, draft)
            await self._discard_taken()
            return
        self._temporary.put_draft(conversation_id, draft)
        self._stored.changed.notify()
        if files := self._temporary.files_of(conversation_id):
            await self._take_over(files, draft)
            await self._discard_taken()

    async def _take_over(self, files: MemoryFiles, draft: Draft) -> None:
        """Take files into memory that were uploaded before the chat was a temporary one."""
        for said in draft.attachments:
            if files.get(said.blob) is None:
                with suppress(AttachmentMissing):  # who sends it is told
                    for content in (await self._attachments.read([said])).values():
                        files.take(content.data)
                    self._taken.add(said.blob)

    async def _discard_taken(self) -> None:
        """Erase stored files that are in memory by now, once the draft of a new chat names them no more."""
        named = {each.blob for each in self._stored.get(NEW_CONVERSATION).attachments}
        if unnamed := self._taken - named:
            self._taken -= unnamed
            await self._attachments.discard(unnamed)
