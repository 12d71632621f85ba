"""The shell around every page: the sidebar stays, what is beside it is swapped."""

from collections.abc import Awaitable

from nicegui import PageArguments, ui

from chat.conversation.live import LiveConversation
from chat.errors import ChatError, ConversationNotFound
from chat.ui.house import House
from chat.ui.markup import Tag, Text
from chat.ui.room.room import Room
from chat.ui.sidebar.sidebar import Sidebar

ON_A_PHONE = 767
"""Pixels up to which the sidebar lies over the page instead of beside it."""

WENT_ON_A_PHONE = f'innerWidth <= {ON_A_PHONE} && event.target.closest("a")'
"""In the browser: whether a click in the sidebar led to a page that it now hides."""


class Frame:
    """One browser page, and the addresses it can go to without being loaded again."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._client = ui.context.client
        drawer = ui.left_drawer(value=False).props(f'show-if-above width=268 breakpoint={ON_A_PHONE}')
        self._open_sidebar = f'() => getElement({drawer.id}).show()'
        hide = f'getElement({drawer.id}).hide()'
        with drawer:
            self._sidebar = Sidebar(house, close=f'() => {hide}')
        self._sidebar.on('click', js_handler=f'(event) => {{ if ({WENT_ON_A_PHONE}) {hide} }}')
        ui.sub_pages({'/': self._home, '/c/{conversation_id}': self._conversation}, show_404=False)

    def _home(self, arguments: PageArguments) -> None:
        self._sidebar.mark_active('')
        if arguments.remaining_path:
            self._missing('There is no such page here.')
        else:
            self._room(self._house.opened.new())

    def _conversation(self, conversation_id: str, arguments: PageArguments) -> Awaitable[None] | None:
        """Show a conversation at once if it is open, else as soon as it is read."""
        self._sidebar.mark_active(conversation_id)
        live = self._house.opened.find(conversation_id)
        if arguments.remaining_path or not (live or self._house.catalog.knows(conversation_id)):
            return self._missing(ConversationNotFound.sentence)
        return self._room(live) if live else self._read_room(conversation_id)

    async def _read_room(self, conversation_id: str) -> None:
        try:
            live = await self._house.opened.open(conversation_id)
        except ChatError as error:
            self._missing(str(error))
        else:
            self._room(live)

    def _room(self, live: LiveConversation) -> None:
        Room(live, self._house, open_sidebar=self._open_sidebar)

    def _missing(self, sentence: str) -> None:
        self._client.status_code = 404
        ui.page_title('Not found')
        with Tag('div', 'missing-page'):
            Text('h1', sentence)
            Text('p', 'It may have been deleted, or the address is not complete.')
            ui.link('Start a new chat', '/')
