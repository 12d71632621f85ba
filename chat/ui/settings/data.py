"""Where everything is kept, and how much that is."""

from pathlib import Path

from nicegui import ui

from chat.ui.app_context import AppContext
from chat.ui.formatting import format_bytes, pluralize
from chat.ui.html import HtmlText
from chat.ui.settings.fields import Section, SettingRow


class DataSection(Section):
    """The data folder."""

    def __init__(self, context: AppContext) -> None:
        super().__init__('Data')
        self._house = context
        with (
            self,
            SettingRow(*_heading(context.storage.path), classes='wide'),
        ):
            if path := context.storage.path:
                HtmlText('code', str(path), 'setting-path', data_testid='data-folder')
            self._size = HtmlText('span', 'Measuring …', 'setting-hint', data_testid='data-size')
            ui.timer(0, self._measure, once=True)

    async def _measure(self) -> None:
        try:
            size = format_bytes(await self._house.storage.size())
        except OSError as error:
            size = f'Size unknown: {error.strerror}'
        chats = pluralize(len(self._house.catalog.summaries), 'chat')
        more = ' Choose another folder at start with --data.' if self._house.storage.path else ''
        self._size.set_text(f'{size}, {chats}.{more}')


def _heading(path: Path | None) -> tuple[str, str]:
    """What the row is called, and what is said of it."""
    if path:
        return 'Folder', 'Contains all chats, attachments and settings.'
    return 'Size', 'Of all chats, attachments and settings.'
