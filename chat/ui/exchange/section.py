"""The part of the settings from which chats are exported and imported."""

from collections.abc import Callable
from typing import Protocol

from chat.ui.fields import Section, SettingRow
from chat.ui.html import HtmlText


class ExchangeDialogs(Protocol):
    """What opens the dialogs of a page."""

    @property
    def export_all(self) -> Callable[[], None]: ...

    @property
    def import_chats(self) -> Callable[[], None]: ...


class ExchangeSection(Section):
    """Opens the two dialogs."""

    def __init__(self, dialogs: ExchangeDialogs) -> None:
        super().__init__('Import and export')
        with self:
            with SettingRow('Import', 'Chats from other programs, or from an export of Parlour.'):
                _button('Import chats', 'import', dialogs.import_chats)
            with SettingRow('Export', 'All chats with versions and files, settings, assistants and prompts.'):
                _button('Export all', 'export', dialogs.export_all)


def _button(label: str, testid: str, act: Callable[[], None]) -> None:
    HtmlText('button', label, 'text-button', type='button', data_testid=testid).on('click', act, args=[])
