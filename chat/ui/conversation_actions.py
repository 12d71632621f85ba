"""What a person does to conversations as a whole: name, pin, move, archive, delete, and take back."""

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any
from urllib.parse import urlsplit

from nicegui import ui

from chat.conversation.content.folders import NO_FOLDER, ChatFolder
from chat.conversation.content.library import EntryCollection
from chat.conversation.content.metadata import MAX_TITLE_LENGTH, clean_title, first_words
from chat.conversation.conversation_registry import ConversationRegistry
from chat.sharing.sharing import Sharing
from chat.storage import Storage
from chat.ui.formatting import pluralize
from chat.ui.notifications import UndoToasts, notify, notify_on_error


class ConversationActions:
    """Does it for one page: says there what went wrong, and offers to take back what can be.

    What can be done to one can be done to several at once; then one *Undo* takes all of it back.
    """

    def __init__(
        self,
        registry: ConversationRegistry,
        storage: Storage,
        sharing: Sharing,
        notices: UndoToasts,
        export: Callable[[Sequence[str]], None],
        folders: EntryCollection[ChatFolder],
        is_old: Callable[[str], bool],
    ) -> None:
        """Do it with these parts.

        Args:
            registry: Has the conversations.
            storage: Has what is listed, and the trash.
            sharing: Ends the links of what is deleted.
            notices: Say what was done.
            export: Asks in which format these chats are to be exported.
            folders: Those that chats can be moved to.
            is_old: Says whether a chat goes to the trash by itself, since nothing was said in it for long.
        """
        self._registry = registry
        self._catalog = storage.catalog
        self._trash = storage.trash
        self._attachments = storage.attachments
        self._drafts = storage.drafts
        self._sharing = sharing
        self._notices = notices
        self._export = export
        self._folders = folders
        self._is_old = is_old

    @property
    def menu_actions(self) -> Mapping[str, Callable[[str], Awaitable[None]]]:
        """What the menu of a chat names, but for a new name and a folder."""
        return {'pin': self.pin, 'unpin': self.unpin, 'keep': self.keep, **self.bulk_actions}

    @property
    def bulk_actions(self) -> Mapping[str, Callable[..., Awaitable[None]]]:
        """What can be done to any number of chats, given their ids."""
        return {
            'archive': self.archive,
            'unarchive': self.unarchive,
            'export': self.export,
            'delete': self.delete,
        }

    async def rename(self, conversation_id: str, title: str) -> None:
        """Give a title, which then stays; without a visible character it is not one."""
        if not (own := clean_title(title)):
            notify('A chat needs a title. The old one was kept.')
            return
        if await self._change(conversation_id, title=own, has_own_title=True) and len(own) < len(
            ' '.join(title.split())
        ):
            notify(f'The title was cut off after {MAX_TITLE_LENGTH} characters.')

    async def pin(self, *conversation_ids: str) -> None:
        """Put conversations above those that are not pinned."""
        for each in conversation_ids:
            await self._change(each, is_pinned=True)

    async def unpin(self, conversation_id: str) -> None:
        """Put it back among the others."""
        await self._change(conversation_id, is_pinned=False)

    async def export(self, *conversation_ids: str) -> None:
        """Ask in which format conversations are to be exported."""
        self._export(conversation_ids)

    async def keep(self, conversation_id: str) -> None:
        """Have a temporary chat be stored, as any other."""
        live = self._registry.get(conversation_id)
        if not live or not live.place.is_temporary:
            return
        if await notify_on_error(self._registry.keep(live, self._attachments, self._drafts)):
            notify('This chat is kept.')

    async def move(self, folder_id: str, *conversation_ids: str) -> None:
        """Put conversations into a folder; one that is not there means into none."""
        folder = self._folders.get(folder_id) or NO_FOLDER
        if before := await self._move(dict.fromkeys(conversation_ids, folder.id)):
            where = f'moved to “{folder.name}”' if folder.id else 'moved out of the folder'
            self._notices.show(f'{self._named(before)} {where}.', 'Undo', partial(self._undo_move, before))

    async def move_to_new(self, name: str, *conversation_ids: str) -> None:
        """Make a folder and put conversations into it; an *Undo* takes both back."""
        if not (own := clean_title(name)):
            return
        folder = ChatFolder(name=own)
        if await notify_on_error(self._folders.put(folder)):
            before = await self._move(dict.fromkeys(conversation_ids, folder.id))
            sentence = f'{self._named(before)} moved to “{own}”.'
            self._notices.show(sentence, 'Undo', partial(self._undo_move, before, folder))

    async def archive(self, *conversation_ids: str) -> None:
        """Take conversations out of the list; they can be found in the archive, and by searching."""
        done = [each for each in conversation_ids if await self._change(each, is_archived=True)]
        if done:
            self._notices.show(f'{self._named(done)} archived.', 'Undo', partial(self.unarchive, *done))

    async def unarchive(self, *conversation_ids: str) -> None:
        """Put them back into the list."""
        for each in conversation_ids:
            await self._change(each, is_archived=False)

    async def delete(self, *conversation_ids: str) -> None:
        """Move conversations to the trash; a page that shows one of them goes on to a new chat.

        A temporary one is gone.
        """
        names = {each: self._named([each]) for each in conversation_ids}
        shown = next(filter(is_current, conversation_ids), '')
        if shown:
            ui.navigate.to('/')
        done = [each for each in conversation_ids if await self._delete(each)]
        if done:
            named = names[done[0]] if len(done) == 1 else self._named(done)
            self._notices.show(f'{named} moved to trash.', 'Undo', partial(self._undo_delete, done, shown))

    async def restore(self, *conversation_ids: str) -> bool:
        """Put conversations back from the trash; return whether that went well for all."""
        restored = [each for each in conversation_ids if await notify_on_error(self._trash.restore(each))]
        if old := [each for each in restored if self._is_old(each)]:
            what, them = ('is', 'it') if len(old) == 1 else ('are', 'them')
            self._notices.show(
                f'{self._named(old)} {what} old enough to go again within a day. Pin {them} to keep {them}.',
                'Pin',
                partial(self.pin, *old),
            )
        return len(restored) == len(conversation_ids)

    async def delete_for_good(self, *conversation_ids: str) -> None:
        """Delete conversations that are in the trash for good."""
        for each in conversation_ids:
            if self._trash.has(each):  # else another page has done it
                await notify_on_error(self._trash.delete_for_good(each))

    async def empty_trash(self) -> None:
        """Delete all that is in the trash for good."""
        for row in self._trash.conversations:
            if not await notify_on_error(self._trash.delete_for_good(row.conversation_id)):
                return

    async def _change(self, conversation_id: str, **fields: Any) -> bool:
        """Change the metadata of a conversation; return whether that went well."""
        changing = self._registry.update_metadata(
            conversation_id, lambda metadata: replace(metadata, **fields)
        )
        return await notify_on_error(changing)

    async def _move(self, targets: Mapping[str, str]) -> dict[str, str]:
        """Put each conversation into a folder, by ids; return where those were that have moved."""
        before: dict[str, str] = {}
        for each, folder_id in targets.items():
            summary = self._catalog.get(each)
            if summary and summary.folder != folder_id and await self._change(each, folder=folder_id):
                before[each] = summary.folder
        return before

    async def _undo_move(self, before: Mapping[str, str], made: ChatFolder | None = None) -> None:
        await self._move(before)
        if made:
            await notify_on_error(self._folders.remove(made))

    async def _delete(self, conversation_id: str) -> bool:
        """Move a conversation to the trash; return whether it is there now."""
        is_temporary = self._registry.temporary.has(conversation_id)
        if not await notify_on_error(self._registry.delete(conversation_id)) or is_temporary:
            return False
        await notify_on_error(self._sharing.end_conversation(conversation_id))
        return True

    async def _undo_delete(self, conversation_ids: Sequence[str], shown: str) -> None:
        await self.restore(*conversation_ids)
        is_temporary = self._registry.temporary.has(current_conversation_id())  # which leaving it would end
        if shown and self._catalog.has(shown) and not is_temporary:
            ui.navigate.to(f'/c/{shown}')

    def _named(self, conversation_ids: Iterable[str]) -> str:
        """Return what one conversation is called, or how many they are."""
        ids = [*conversation_ids]
        if len(ids) != 1:
            return pluralize(len(ids), 'chat')
        summary = self._catalog.get(ids[0])
        return f'“{first_words(summary.title)}”' if summary and summary.title else 'The chat'


def is_current(conversation_id: str) -> bool:
    """Whether the page that is being worked for shows this conversation."""
    return current_conversation_id() == conversation_id


def current_conversation_id() -> str:
    """Return the id of the conversation that it shows; '' if it shows none, or a new one."""
    path = urlsplit(ui.context.client.sub_pages_router.current_path).path  # a link to a heading has its name
    return path.removeprefix('/c/') if path.startswith('/c/') else ''
