"""The dialog that exports chats: in which format, what is in it and what is not, and how far it is."""

from collections.abc import Mapping, Sequence
from functools import partial

from nicegui import ui

from chat.conversation.storage import ConversationCatalog
from chat.exchange.export import Export, Exports
from chat.exchange.export_formats import (
    EXPORT_FORMATS,
    LEFT_OUT_HINT,
    SETTINGS_HINT,
    WITH_VERSIONS,
    ExportFormat,
)
from chat.exchange.own_settings import OwnSettings
from chat.ui.fields import VALUE_SCRIPT, SettingRow, Switch
from chat.ui.follow_changes import follow
from chat.ui.formatting import pluralize, title_of
from chat.ui.html import CLOSE_DIALOG_SCRIPT, Dialog, HtmlElement, HtmlText
from chat.ui.local_text import LocalText
from chat.ui.page_events import TEXT, parse_event

FORMAT_BY_NAME: Mapping[str, ExportFormat] = {each: each for each in EXPORT_FORMATS}

FORMAT_OF_MANY: ExportFormat = 'zip'
FORMAT_OF_ONE: ExportFormat = 'md'
"""What is offered first."""


class ExportDialog(Dialog):
    """There is one on each page of the owner; `open` says which chats it is about."""

    def __init__(self, exports: Exports, catalog: ConversationCatalog, own_settings: OwnSettings) -> None:
        super().__init__('Export', 'export-dialog', testid='export-dialog')
        self._exports = exports
        self._catalog = catalog
        self._own_settings = own_settings
        self._is_all = False
        """Whether it is about all chats there are."""
        self._has_versions = False
        self._chats: Sequence[str] = ()
        self._format: ExportFormat = FORMAT_OF_ONE
        self._export: Export | None = None
        with self:
            self._title = HtmlText('h2', 'Export')
            with SettingRow('Format', tag='label', classes='wide'):
                self._select = _format_field()
            self._select.on('change', parse_event(TEXT, self._choose), js_handler=VALUE_SCRIPT)
            self._hint = HtmlText('p', '', 'export-hint')
            self._versions = Switch(
                'All versions',
                'Also those that are not shown.',
                self._set_versions,
                testid='export-versions',
            )
            HtmlText('p', LEFT_OUT_HINT)
            self._progress = HtmlElement('progress', 'exchange-progress', aria_label='Export')
            self._state = LocalText('p', '', 'exchange-state', role='status', data_testid='export-state')
            with HtmlElement('div', 'dialog-row'):
                close = HtmlText('button', 'Close', 'text-button', type='button')
                close.on('click', js_handler=CLOSE_DIALOG_SCRIPT)
                self._start = HtmlText(
                    'button', 'Export', 'text-button primary', type='button', data_testid='export-start'
                )
            self._start.on('click', self._begin, args=[])
            self._followed = HtmlElement('div')
        self._show()

    def open(self, chats: Sequence[str] | None = None) -> None:
        """Show the dialog for these chats, for all of them if none are named."""
        self._is_all = chats is None
        self._chats = [each.conversation_id for each in self._catalog.summaries] if chats is None else chats
        self._title.set_text(self._heading())
        self._choose(FORMAT_OF_MANY if self._is_all or len(self._chats) != 1 else FORMAT_OF_ONE)
        self._select.run_method('focus')
        ui.run_javascript(f'getElement({self._select.id}).value = "{self._format}"')
        self.show_modal()

    def _heading(self) -> str:
        if len(self._chats) == 1 and (summary := self._catalog.get(self._chats[0])):
            return f'Export “{title_of(summary)}”'
        return f'Export {pluralize(len(self._chats), "chat")}'

    def _choose(self, name: str) -> None:
        self._format = FORMAT_BY_NAME.get(name, FORMAT_OF_ONE)
        self._select.props['value'] = self._format  # else the next update puts the one before back
        self._export = None
        self._versions.set_visibility(self._format in WITH_VERSIONS)
        more = f' {SETTINGS_HINT}' if self._has_settings else ''
        self._hint.set_text(f'{EXPORT_FORMATS[self._format].hint}{more}')
        self._show()

    async def _set_versions(self, is_on: bool) -> None:
        self._has_versions = is_on

    def _begin(self) -> None:
        """Have the browser fetch the file, and follow how far it is."""
        if not (self._chats or self._has_settings):
            return
        settings = self._own_settings.exported() if self._has_settings else None
        export = self._export = self._exports.begin(
            self._chats, self._format, settings=settings, all_versions=self._has_versions
        )
        self._followed.clear()
        with self._followed, HtmlElement('div'):
            follow(export.changed, partial(self._show_if_current, export))
        ui.download.from_url(f'/export/{export.id}')

    @property
    def _has_settings(self) -> bool:
        return self._is_all and self._format == 'zip'

    def _show_if_current(self, export: Export) -> None:
        if export is self._export:
            self._show()

    def _show(self) -> None:
        export = self._export
        is_running = export is not None and export.state in ('waiting', 'running')
        self._progress.set_visibility(is_running)
        self._start.props['disabled'] = is_running or not (self._chats or self._has_settings)
        if export:
            self._progress.props['max'] = str(len(export.chats))
            self._progress.props['value'] = str(export.done)
        self._state.set_text(_sentence(export))


def _format_field() -> HtmlElement:
    field = HtmlElement('select', 'field', data_testid='export-format', aria_label='Format')
    with field:
        for name, about in EXPORT_FORMATS.items():
            HtmlText('option', about.label, value=name)
    return field


def _sentence(export: Export | None) -> str:
    match export:
        case None:
            return ''
        case Export(state='done', problems=[]):
            return 'Done. The file is among your downloads.'
        case Export(state='done'):
            return f'Done. {" ".join(export.problems[:5])}'
        case Export(state='stopped'):
            return 'The download was stopped. Begin it again.'
        case _:
            return f'{export.done:,} of {pluralize(len(export.chats), "chat")} …'
