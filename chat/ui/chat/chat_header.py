"""What stands above a conversation: its title, which is the heading of the page, and the menu of the chat."""

from typing import Literal

from nicegui import ui
from pydantic import StrictStr, TypeAdapter

from chat.conversation.content.folders import ChatFolder
from chat.conversation.content.library import EntryCollection
from chat.conversation.live_conversation import LiveConversation
from chat.ui.conversation_actions import ConversationActions
from chat.ui.follow_changes import follow
from chat.ui.formatting import UNTITLED
from chat.ui.html import HtmlText
from chat.ui.javascript import COMPONENTS
from chat.ui.listing import folder_choices
from chat.ui.page_events import parse_event
from chat.ui.page_messages import send_props

CHAT_ACTION = TypeAdapter(tuple[StrictStr] | tuple[Literal['rename', 'move', 'move-new'], StrictStr])
"""What the menu names; with a new name, the id of a folder, or the name of a new one."""


class ChatHeader(ui.element, component=COMPONENTS / 'chat_header.js'):
    """Is not there before something was said: a new chat has nothing to name, to keep or to delete."""

    def __init__(
        self,
        live: LiveConversation,
        conversation_actions: ConversationActions,
        folders: EntryCollection[ChatFolder],
    ) -> None:
        super().__init__()
        self._live = live
        self._actions = conversation_actions
        self._folders = folders
        self._shown: object = None
        self.props['chat'] = live.id
        self.on('action', parse_event(CHAT_ACTION, self._on_action))
        self.set_visibility(False)
        with self:
            follow(folders.changed, self.show)

    def show(self) -> None:
        """Bring it up to date."""
        metadata = self._live.metadata
        shown = {
            'title': metadata.title or UNTITLED,
            'pinned': metadata.is_pinned,
            'archived': metadata.is_archived,
            'folder': metadata.folder if self._folders.get(metadata.folder) else '',
            'folders': folder_choices(self._folders),
            'temporary': self._live.place.is_temporary,
        }
        if self._live.turns and shown != self._shown:
            self._shown = shown
            self.set_visibility(True)
            send_props(self, **shown)

    async def _on_action(self, action: tuple[str] | tuple[str, str]) -> None:
        match action:
            case ('rename', title):
                await self._actions.rename(self._live.id, title)
            case ('move', folder_id):
                await self._actions.move(folder_id, self._live.id)
            case (_, folder_name):
                await self._actions.move_to_new(folder_name, self._live.id)
            case (name,):
                if act := self._actions.menu_actions.get(name):
                    await act(self._live.id)


class ChatTitle(HtmlText):
    """The title alone, for those who can change nothing about it."""

    def __init__(self, live: LiveConversation) -> None:
        super().__init__('h1', '', 'page-title', data_testid='title')
        self._live = live

    def show(self) -> None:
        """Bring it up to date."""
        title = self._live.metadata.title or 'Parlour'
        if title != self.text:
            self.set_text(title)
