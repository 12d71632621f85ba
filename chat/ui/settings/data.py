"""Where everything is kept, and how much that is."""

from pathlib import Path

from nicegui import ui

from chat.storage import Storage
from chat.ui.formatting import format_bytes, pluralize
from chat.ui.html import HtmlText
from chat.ui.settings.fields import Section, SettingRow


class DataSection(Section):
    """The data folder."""

    def __init__(self, storage: Storage) -> None:
        super().__init__('Data')
        self._storage = storage
        with (
            self,
            SettingRow(*_heading(storage.path), classes='wide'),
        ):
            if path := storage.path:
                HtmlText('code', str(path), 'setting-path', data_testid='data-folder')
            self._size = HtmlText('span', 'Measuring …', 'setting-hint', data_testid='data-size')
            ui.timer(0, self._measure, once=True)

    async def _measure(self) -> None:
        try:
            size = format_bytes(await self._storage.size())
        except OSError as error:
            size = f'Size unknown: {error.strerror}'
        chats = pluralize(len(self._storage.catalog.summaries), 'chat')
        more = ' Choose another folder at start with --data.' if self._storage.path else ''
        self._size.set_text(f'{size}, {chats}.{more}')


def _heading(path: Path | None) -> tuple[str, str]:
    """What the row is called, and what is said of it."""
    if path:
        return 'Folder', 'Contains all chats, attachments and settings.'
    return 'Size', 'Of all chats, attachments and settings.'
