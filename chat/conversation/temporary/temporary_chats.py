"""Temporary chats: nothing of them is stored, and they end when nobody looks at them any more."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from typing import Protocol

from chat.change_signal import ChangeSignal
from chat.conversation.content.attachments import Attachment, checked_content
from chat.conversation.live_conversation import LiveConversation
from chat.conversation.storage import (
    EMPTY_DRAFT,
    AttachmentStorage,
    ConversationStorage,
    ConversationSummary,
    Draft,
    DraftStorage,
    StoredFile,
)
from chat.conversation.temporary.memory_conversations import (
    MemoryConversations,
    MemoryFiles,
    file_in_memory,
    write_through,
)
from chat.errors import AttachmentRefused

GRACE_PERIOD = 180.0
"""Seconds that a chat is there after its last page has gone: a reload comes back, or a phone wakes up."""


class Page(Protocol):
    """A page that shows a chat."""

    @property
    def is_connected(self) -> bool:
        """Whether its browser is connected; one that is away may come back."""
        ...


@dataclass(eq=False, slots=True)
class _Family:
    """A temporary chat and its forks: they share what they hold in memory, and end together."""

    conversations: MemoryConversations
    lives: dict[str, LiveConversation] = field(default_factory=dict[str, LiveConversation])
    """By id. They are held here, so that none is closed before its end."""
    drafts: dict[str, Draft] = field(default_factory=dict[str, Draft])
    pages: dict[Page, str] = field(default_factory=dict[Page, str])
    """The pages that show one of them, each with its id."""
    ending: asyncio.TimerHandle | None = None

    def has(self, conversation_id: str) -> bool:
        return conversation_id in self.lives or conversation_id in self.conversations

    def is_only_on(self, page: Page) -> bool:
        """Return whether this page shows one of them, and nobody is at another one."""
        return page in self.pages and not any(other.is_connected for other in self.pages if other is not page)


class TemporaryChats:
    """All temporary chats, with what is in memory of each. For the event loop only.

    A chat begins to be temporary before its first message (`begin`), and so does each fork of it. It ends by
    `remove`, or becomes one that is stored (`keep`).
    """

    def __init__(self, end: Callable[[str], Awaitable[None]]) -> None:
        """`end` ends a chat of which the last page has gone, and calls `remove`."""
        self.changed = ChangeSignal()
        """Notified after each change of what is listed."""
        self.is_held: Callable[[], bool] = lambda: False
        """Whether none ends without being left, since all pages are put away for a while."""
        self._end = end
        self._families, self._ended = list[_Family](), set[str]()
        self._ending: set[asyncio.Task[None]] = set()
        self._keeping = asyncio.Lock()

    @property
    def summaries(self) -> list[ConversationSummary]:
        """The chats in which something was said, the one updated last first."""
        found = [summary for family in self._families for summary in _summaries(family)]
        return sorted(found, key=lambda summary: summary.updated_at, reverse=True)

    def get(self, conversation_id: str) -> ConversationSummary | None:
        """Return what is listed of a chat, or `None` if it is not a temporary one."""
        return next((each for each in self.summaries if each.conversation_id == conversation_id), None)

    def has(self, conversation_id: str) -> bool:
        """Return whether a chat is a temporary one, also before anything was said in it."""
        return self._family(conversation_id) is not None

    def has_ended(self, conversation_id: str) -> bool:
        """Return whether a chat was a temporary one, and has ended."""
        return conversation_id in self._ended

    def storage_of(self, conversation_id: str) -> MemoryConversations | None:
        """Return where a temporary chat is stored."""
        family = self._family(conversation_id)
        return family.conversations if family else None

    def family_of(self, conversation_id: str) -> list[str]:
        """Return the ids of a chat and of the others that end with it."""
        family = self._family(conversation_id)
        return [*family.lives] if family else []

    def begin(self, live: LiveConversation) -> None:
        """Have nothing be stored of a chat in which nothing was said yet."""
        if live.turns or live.is_running or self.has(live.id):
            return
        family = _Family(MemoryConversations(MemoryFiles(self._used_bytes), self.changed.notify))
        self._families.append(family)
        self.hold(live, family.conversations)

    def hold(self, live: LiveConversation, conversations: MemoryConversations) -> None:
        """Add a chat that is stored there, with those that are there already."""
        family = next(each for each in self._families if each.conversations is conversations)
        family.lives[live.id] = live
        live.place.move(conversations, is_temporary=True)
        self._changed(live)

    def join(self, page: Page, conversation_id: str) -> None:
        """Count a page that shows a chat, until `leave`."""
        if family := self._family(conversation_id):
            family.pages[page] = conversation_id
            self._stop_ending(family)
            self.changed.notify()

    def leave(self, page: Page) -> None:
        """Remove a page; when it was the last one, what it showed ends soon."""
        for family in self._families:
            if family.pages.pop(page, None):
                self._end_soon_if_left(family)
                self.changed.notify()

    def is_last(self, page: Page) -> bool:
        """Return whether no other page shows the chat of this one, or any that would end with it."""
        return any(family.is_only_on(page) for family in self._families)

    def end_now(self, page: Page) -> None:
        """End what this page shows, which is being left for good, unless others show it too."""
        for family in self._families:
            if family.is_only_on(page):
                self._start_ending(family)

    def remove(self, conversation_id: str) -> None:
        """Forget a chat, which was closed: it has ended."""
        if family := self._family(conversation_id):
            self._ended.add(conversation_id)
            self._drop(family, conversation_id)

    async def keep(
        self,
        conversation_id: str,
        conversations: ConversationStorage,
        attachments: AttachmentStorage,
        drafts: DraftStorage,
    ) -> None:
        """Store a chat with its files and its draft, where all that comes is stored from then on.

        An answer may be under way: nothing that it says meanwhile is lost.

        Raises:
            OSError: If it could not be stored. Then it is still temporary, or only its draft is not stored.
        """
        async with self._keeping:
            family = self._family(conversation_id)
            if family is None:
                return
            live, draft = family.lives[conversation_id], family.drafts.get(conversation_id)
            saved = await write_through(live, family.conversations, conversations, attachments)
            if conversation_id not in family.lives:  # it was deleted meanwhile
                await attachments.discard(saved)
                return
            live.place.move(conversations, is_temporary=False)
            self._drop(family, conversation_id)
            self._changed(live)
            if draft and live.turns:
                await drafts.put(conversation_id, draft)

    async def close(self) -> None:
        """End no more chats: the app ends, and all of them with it."""
        for family in self._families:
            self._stop_ending(family)
        await asyncio.gather(*self._ending)

    def draft(self, conversation_id: str) -> Draft:
        """Return what stands in the box of a chat."""
        family = self._family(conversation_id)
        return family.drafts.get(conversation_id, EMPTY_DRAFT) if family else EMPTY_DRAFT

    def put_draft(self, conversation_id: str, draft: Draft) -> None:
        """Have this stand in the box of a chat."""
        if family := self._family(conversation_id):
            family.drafts[conversation_id] = draft

    def files_of(self, conversation_id: str) -> MemoryFiles | None:
        """Return the files of a chat."""
        return storage.files if (storage := self.storage_of(conversation_id)) else None

    async def save_file(self, conversation_id: str, name: str, content: bytes) -> Attachment:
        """Hold a file that is attached in a chat.

        Raises:
            AttachmentRefused: If it cannot be attached, if there is no room, or if the chat has ended.
        """
        content, media_type = await asyncio.to_thread(checked_content, name, content)
        if (files := self.files_of(conversation_id)) is None:
            raise AttachmentRefused('This temporary chat has ended.')
        return Attachment(blob=files.put(content), name=name, media_type=media_type, size=len(content))

    def file(self, blob: str) -> bytes | None:
        """Return a file of any chat by its SHA-256."""
        found = (family.conversations.files.get(blob) for family in self._families)
        return next((content for content in found if content is not None), None)

    def stored_file(self, blob: str) -> StoredFile | None:
        """Return a file of any chat as it is sent to a browser."""
        content = self.file(blob)
        return None if content is None else file_in_memory(content)

    def _used_bytes(self) -> int:
        return sum(family.conversations.files.size for family in self._families)

    def _family(self, conversation_id: str) -> _Family | None:
        return next((family for family in self._families if family.has(conversation_id)), None)

    def _drop(self, family: _Family, conversation_id: str) -> None:
        family.lives.pop(conversation_id, None)
        family.drafts.pop(conversation_id, None)
        family.pages = {page: shown for page, shown in family.pages.items() if shown != conversation_id}
        family.conversations.forget(conversation_id)
        if not family.lives:
            self._stop_ending(family)
            self._families.remove(family)
        else:
            self._end_soon_if_left(family)
        self.changed.notify()

    def _end_soon_if_left(self, family: _Family) -> None:
        self._stop_ending(family)
        if not family.pages:
            loop = asyncio.get_running_loop()
            family.ending = loop.call_later(GRACE_PERIOD, self._end_if_left, family)

    def _end_if_left(self, family: _Family) -> None:
        (self._end_soon_if_left if self.is_held() else self._start_ending)(family)

    def _stop_ending(self, family: _Family) -> None:
        if family.ending:
            family.ending.cancel()
            family.ending = None

    def _start_ending(self, family: _Family) -> None:
        task = asyncio.create_task(self._end_all(family), name='end temporary chats')
        self._ending.add(task)
        task.add_done_callback(self._ending.discard)

    async def _end_all(self, family: _Family) -> None:
        for conversation_id in [*family.lives]:
            async with self._keeping:
                if conversation_id in family.lives:  # else it is kept by now
                    await self._end(conversation_id)

    def _changed(self, live: LiveConversation) -> None:
        live.changed.notify()
        self.changed.notify()


def _summaries(family: _Family) -> Iterator[ConversationSummary]:
    for conversation_id, live in family.lives.items():
        if record := family.conversations.record(conversation_id):
            yield ConversationSummary(
                conversation_id=conversation_id,
                title=live.metadata.title,
                updated_at=record.updated_at,
                is_unread=live.metadata.is_unread,
                is_waiting=record.deferred_tool_requests is not None,
            )
