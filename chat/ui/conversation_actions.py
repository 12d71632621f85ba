"""What a person does to conversations as a whole: name, pin, archive, delete, and take back."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial

from nicegui import ui

from chat.conversation.conversation_registry import ConversationRegistry
from chat.conversation.metadata import MAX_TITLE_LENGTH, clean_title, first_words
from chat.sharing.sharing import Sharing
from chat.storage import Storage
from chat.ui.notifications import UndoToasts, notify, notify_on_error


class ConversationActions:
    """Does it for one page: says there what went wrong, and offers to take back what can be."""

    def __init__(
        self,
        registry: ConversationRegistry,
        storage: Storage,
        sharing: Sharing,
        notices: UndoToasts,
        export: Callable[[Sequence[str]], None],
    ) -> None:
        """`export` asks in which format these chats are to be exported."""
        self._registry = registry
        self._catalog = storage.catalog
        self._trash = storage.trash
        self._attachments = storage.attachments
        self._drafts = storage.drafts
        self._sharing = sharing
        self._notices = notices
        self._export = export

    @property
    def menu_actions(self) -> Mapping[str, Callable[[str], Awaitable[None]]]:
        """What the menu of a chat names, but for a new name."""
        return {
            'pin': self.pin,
            'unpin': self.unpin,
            'archive': self.archive,
            'unarchive': self.unarchive,
            'export': self.export,
            'keep': self.keep,
            'delete': self.delete,
        }

    async def rename(self, conversation_id: str, title: str) -> None:
        """Give a title, which then stays; without a visible character it is not one."""
        if not (own := clean_title(title)):
            notify('A chat needs a title. The old one was kept.')
            return
        change = partial(replace, title=own, has_own_title=True)
        if await notify_on_error(self._registry.update_metadata(conversation_id, change)) and len(own) < len(
            ' '.join(title.split())
        ):
            notify(f'The title was cut off after {MAX_TITLE_LENGTH} characters.')

    async def pin(self, conversation_id: str) -> None:
        """Put a conversation above those that are not pinned."""
        await notify_on_error(
            self._registry.update_metadata(conversation_id, partial(replace, is_pinned=True))
        )

    async def unpin(self, conversation_id: str) -> None:
        """Put it back among the others."""
        await notify_on_error(
            self._registry.update_metadata(conversation_id, partial(replace, is_pinned=False))
        )

    async def export(self, conversation_id: str) -> None:
        """Ask in which format a conversation is to be exported."""
        self._export([conversation_id])

    async def keep(self, conversation_id: str) -> None:
        """Have a temporary chat be stored, as any other."""
        live = self._registry.get(conversation_id)
        if live and await notify_on_error(self._registry.keep(live, self._attachments, self._drafts)):
            notify('This chat is kept.')

    async def archive(self, conversation_id: str) -> None:
        """Take a conversation out of the list; it can be found in the archive, and by searching."""
        title = self._title(conversation_id)
        if await notify_on_error(
            self._registry.update_metadata(conversation_id, partial(replace, is_archived=True))
        ):
            self._notices.show(f'{title} archived.', 'Undo', partial(self.unarchive, conversation_id))

    async def unarchive(self, conversation_id: str) -> None:
        """Put it back into the list."""
        await notify_on_error(
            self._registry.update_metadata(conversation_id, partial(replace, is_archived=False))
        )

    async def delete(self, conversation_id: str) -> None:
        """Move a conversation to the trash; a page that shows it goes on to a new chat.

        A temporary one is gone.
        """
        title, is_shown = self._title(conversation_id), is_current(conversation_id)
        is_temporary = self._registry.temporary.has(conversation_id)
        if is_shown:
            ui.navigate.to('/')
        if is_temporary:
            await notify_on_error(self._registry.delete(conversation_id))
        elif await notify_on_error(self._registry.delete(conversation_id)):
            await notify_on_error(self._sharing.end_conversation(conversation_id))
            self._notices.show(
                f'{title} moved to trash.', 'Undo', partial(self._undo_delete, conversation_id, is_shown)
            )

    async def restore(self, conversation_id: str) -> bool:
        """Put a conversation back from the trash; return whether that went well."""
        return await notify_on_error(self._trash.restore(conversation_id))

    async def delete_for_good(self, conversation_id: str) -> None:
        """Delete a conversation that is in the trash for good."""
        if self._trash.has(conversation_id):  # else another page has done it
            await notify_on_error(self._trash.delete_for_good(conversation_id))

    async def empty_trash(self) -> None:
        """Delete all that is in the trash for good."""
        for row in self._trash.conversations:
            if not await notify_on_error(self._trash.delete_for_good(row.conversation_id)):
                return

    async def _undo_delete(self, conversation_id: str, was_shown: bool) -> None:
        if await self.restore(conversation_id) and was_shown:
            ui.navigate.to(f'/c/{conversation_id}')

    def _title(self, conversation_id: str) -> str:
        summary = self._catalog.get(conversation_id)
        return f'“{first_words(summary.title)}”' if summary and summary.title else 'The chat'


def is_current(conversation_id: str) -> bool:
    """Whether the page that is being worked for shows this conversation."""
    return current_conversation_id() == conversation_id


def current_conversation_id() -> str:
    """Return the id of the conversation that it shows; '' if it shows none, or a new one."""
    path = ui.context.client.sub_pages_router.current_path.partition('?')[0]
    return path.removeprefix('/c/') if path.startswith('/c/') else ''
