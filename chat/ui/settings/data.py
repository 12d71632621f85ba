"""Where everything is kept, and how much that is."""

from nicegui import ui

from chat.ui.house import House
from chat.ui.markup import Text
from chat.ui.settings.fields import Row, Section
from chat.ui.words import counted, size_in_words


class DataSection(Section):
    """The data folder."""

    def __init__(self, house: House) -> None:
        super().__init__('Data')
        self._house = house
        with (
            self,
            Row('Folder', 'All chats, attachments and settings are here.', classes='wide'),
        ):
            Text('code', str(house.folder.path), 'setting-path', data_testid='data-folder')
            self._size = Text('span', 'Measuring …', 'setting-hint', data_testid='data-size')
            ui.timer(0, self._measure, once=True)

    async def _measure(self) -> None:
        try:
            size = size_in_words(await self._house.folder.size())
        except OSError as error:
            size = f'Its size is not known: {error.strerror}'
        chats = counted(len(self._house.catalog.summaries), 'chat')
        self._size.set_text(f'{size}, {chats}. Another folder is chosen with --data at the start.')
