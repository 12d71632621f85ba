"""What a person does to a folder of chats: make, rename, fold and delete it, and take that back."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial

from chat.conversation.content.folders import ChatFolder
from chat.conversation.content.library import EntryCollection
from chat.conversation.content.metadata import clean_title
from chat.ui.notifications import UndoToasts, notify, notify_on_error

NAME_NEEDED_MESSAGE = 'A folder needs a name.'


class FolderActions:
    """Does it for one page; its chats are elsewhere, and stay as they are."""

    def __init__(
        self, folders: EntryCollection[ChatFolder], notices: UndoToasts, open_settings: Callable[[str], None]
    ) -> None:
        """`open_settings` shows what is set for the folder with this id."""
        self.folders = folders
        self._notices = notices
        self._open_settings = open_settings

    async def create(self, name: str) -> None:
        """Make a folder."""
        if own := clean_title(name):
            await notify_on_error(self.folders.put(ChatFolder(name=own)))
        else:
            notify(NAME_NEEDED_MESSAGE)

    async def rename(self, folder_id: str, name: str) -> None:
        """Call it something else."""
        if not (own := clean_title(name)):
            notify(f'{NAME_NEEDED_MESSAGE} The old one was kept.')
        elif folder := self.folders.get(folder_id):
            await notify_on_error(self.folders.put(replace(folder, name=own)))

    async def act(self, name: str, folder_id: str) -> None:
        """Do what the menu of a folder names, or a press on it."""
        if (folder := self.folders.get(folder_id)) is None:
            return  # another page has deleted it
        match name:
            case 'fold' | 'unfold':
                await notify_on_error(self.folders.put(replace(folder, is_folded=name == 'fold')))
            case 'settings':
                self._open_settings(folder_id)
            case 'delete':
                await self._delete(folder)
            case _:
                pass  # no page of ours says so

    async def _delete(self, folder: ChatFolder) -> None:
        if await notify_on_error(self.folders.remove(folder)):
            sentence = f'Folder “{folder.name}” deleted. Its chats are still there.'
            self._notices.show(sentence, 'Undo', partial(self._put_back, folder))

    async def _put_back(self, folder: ChatFolder) -> None:
        """Its chats name it still."""
        await notify_on_error(self.folders.put(folder))
