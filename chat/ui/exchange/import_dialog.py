"""The dialog that imports chats: choose, look at what was found, watch, and take back."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Annotated

from nicegui import ui
from pydantic import StrictStr, StringConstraints, TypeAdapter

from chat.errors import ImportRefused
from chat.exchange.import_job import Import, ImportState
from chat.exchange.imports import Imports
from chat.exchange.report import ImportReport, problem_lines, result_lines, summary_lines
from chat.exchange.uploads import ImportUploads
from chat.ui.exchange.import_choice import ImportChoice
from chat.ui.fields import Switch
from chat.ui.follow_changes import follow
from chat.ui.formatting import pluralize
from chat.ui.html import CLOSE_DIALOG_SCRIPT, Dialog, HtmlElement, HtmlText
from chat.ui.javascript import COMPONENTS
from chat.ui.local_text import LocalText
from chat.ui.notifications import notify, notify_on_error
from chat.ui.page_events import parse_event

INTRODUCTION = (
    'From Parlour, ChatGPT, Claude, Gemini, Open WebUI, LibreChat, LM Studio, llama.cpp, pydantic-ai and '
    'others. Choose what you downloaded there, as it is. Nothing is sent anywhere.'
)

SENTENCES: Mapping[ImportState, str] = {
    'cancelled': 'Cancelled. What was imported by then is here.',
    'undoing': 'Taking back …',
    'undone': 'Taken back. What was imported is in the trash.',
}

UNDOABLE: Sequence[ImportState] = ('done', 'cancelled')

UPLOAD_ID = TypeAdapter(Annotated[StrictStr, StringConstraints(max_length=64)])

MAX_SHOWN_PROBLEMS = 50

REPORT_NAME = 'Import report.txt'


class ImportDialog(Dialog):
    """There is one on each page of the owner; all show the same import."""

    def __init__(self, imports: Imports, uploads: ImportUploads) -> None:
        super().__init__('Import', 'import-dialog', testid='import-dialog')
        self._imports = imports
        self._uploads = uploads
        self._shown: Import | None = None
        self._restores = False
        self._takes_settings = True
        with self:
            HtmlText('h2', 'Import chats')
            self._files = ImportFiles()
            self._files.on('uploaded', parse_event(UPLOAD_ID, self._begin))
            self._state = LocalText('p', '', 'exchange-state', role='status', data_testid='import-state')
            self._progress = HtmlElement('progress', 'exchange-progress', aria_label='Import')
            self._summary = HtmlElement('div', 'import-lines', data_testid='import-summary')
            self._choice = ImportChoice()
            self._report = HtmlElement('div', 'import-lines', role='status', data_testid='import-report')
            self._restore = Switch(
                'Bring back chats from the trash', '', self._set_restore, testid='import-restore'
            )
            self._take = Switch(
                'Take over settings, assistants and prompts',
                'What you have set here yourself stays.',
                self._set_take,
                testid='import-settings',
            )
            self._build_buttons()
            self._followed = HtmlElement('div')
            follow(imports.changed, self._follow_current)

    def open(self) -> None:
        """Show the dialog, with the import that is under way if there is one."""
        self._show()
        self.show_modal()

    def _build_buttons(self) -> None:
        with HtmlElement('div', 'dialog-row'):
            self._undo = _button('Undo', 'import-undo', self._take_back)
            self._save = _button('Save report', 'import-save', self._save_report)
            self._again = _button('Import more', 'import-again', self._forget)
            self._cancel = _button('Cancel', 'import-cancel', self._stop)
            self._close = HtmlText(
                'button', 'Close', 'text-button', type='button', data_testid='import-close'
            )
            self._close.on('click', js_handler=CLOSE_DIALOG_SCRIPT)
            self._start = _button('Import', 'import-start', self._run, classes='primary')

    def _follow_current(self) -> None:
        if self._imports.current is not self._shown:
            self._shown = self._imports.current
            self._followed.clear()
            if self._shown:
                with self._followed:
                    follow(self._shown.changed, self._show)
        self._show()

    def _begin(self, upload_id: str) -> None:
        paths = self._uploads.paths(upload_id)
        if not paths:
            return
        self._restores = False
        self._restore.show(False)
        self._takes_settings = True
        self._take.show(True)
        try:
            self._imports.begin(paths, on_end=partial(self._uploads.remove, upload_id))
        except ImportRefused as error:
            self._uploads.remove(upload_id)
            notify(str(error))

    def _run(self) -> None:
        self._imports.start(restores_deleted=self._restores, takes_settings=self._takes_settings)

    async def _set_restore(self, is_on: bool) -> None:
        self._restores = is_on
        self._show()

    async def _set_take(self, is_on: bool) -> None:
        self._takes_settings = is_on

    async def _stop(self) -> None:
        job = self._imports.current
        is_begun = job is not None and job.state == 'importing'
        if self._imports.is_busy:
            await notify_on_error(self._imports.cancel())
        if not is_begun:
            self._forget()

    async def _take_back(self) -> None:
        if (job := self._imports.current) and job.state in UNDOABLE:
            await notify_on_error(self._undone(job))

    async def _undone(self, job: Import) -> None:
        left = await job.undo()
        if left:
            notify(f'{pluralize(left, "chat")} stayed: open, or changed since the import.')

    def _save_report(self) -> None:
        if job := self._imports.current:
            lines = [*result_lines(job.result), *problem_lines(job.result)]
            ui.download.content('\n'.join(lines) + '\n', REPORT_NAME, 'text/plain; charset=utf-8')

    def _forget(self) -> None:
        self._imports.forget()

    def _show(self) -> None:
        """Show the state of the import, or the way to begin one."""
        job = self._imports.current
        state = job.state if job else ''
        is_busy = state in ('reading', 'importing')
        self._files.show(self._uploads if not job else None)
        self._progress.set_visibility(is_busy or state == 'undoing')
        self._cancel.set_visibility(is_busy or state == 'found')
        self._close.set_visibility(state != 'found')  # which waits for a decision: Import or Cancel
        self._choice.show(job if state == 'found' else None, restores=self._restores)
        self._start.set_visibility(state == 'found' and bool(self._choice.count))
        can_undo = state in UNDOABLE and bool(job and _has_done(job))
        self._undo.set_visibility(can_undo)
        self._save.set_visibility(state == 'done' or can_undo)
        self._again.set_visibility(state in ('done', 'cancelled', 'undone', 'failed'))
        in_trash = job.found.states['in trash'] if job and state == 'found' else 0
        self._restore.set_visibility(bool(in_trash))
        self._take.set_visibility(state == 'found' and bool(job and job.found.settings))
        self._state.set_text(_sentence(job))
        if job:
            self._show_progress(job)
        _show_lines(self._summary, job.found if job and state == 'found' else None, is_result=False)
        _show_lines(
            self._report, job.result if job and (state == 'done' or can_undo) else None, is_result=True
        )

    def _show_progress(self, job: Import) -> None:
        if job.state == 'importing' and (total := job.found.chats):
            self._progress.props['max'] = str(max(total, job.done))
            self._progress.props['value'] = str(job.done)
        else:
            self._progress.props.pop('value', None)  # nobody knows how much there is
        self._progress.update()


class ImportFiles(ui.element, component=COMPONENTS / 'import_files.js'):
    """Where files are chosen or dropped; it uploads them, and then says so."""

    def __init__(self) -> None:
        super().__init__()
        self.props['note'] = INTRODUCTION
        self._is_shown = False
        self.set_visibility(False)

    def show(self, uploads: ImportUploads | None) -> None:
        """Show it with a new upload, or not at all."""
        if (uploads is not None) == self._is_shown:
            return
        self._is_shown = uploads is not None
        self.props['upload'] = uploads.new() if uploads else ''
        self.set_visibility(self._is_shown)
        self.update()


def _button(label: str, testid: str, act: Callable[[], object], *, classes: str = '') -> HtmlText:
    button = HtmlText('button', label, f'text-button {classes}', type='button', data_testid=testid)
    button.on('click', act, args=[])
    return button


def _has_done(job: Import) -> bool:
    return bool(job.result.states['new'] or job.result.states['changed'] or job.result.settings)


def _is_worth_it(job: Import | None) -> bool:
    return bool(
        job and (job.found.settings or any(job.found.states[each] for each in ('new', 'changed', 'in trash')))
    )


def _sentence(job: Import | None) -> str:
    match job:
        case Import(state='reading'):
            return f'Reading … {pluralize(job.done, "chat")} so far'
        case Import(state='importing'):
            return f'Importing … {job.done:,} of {job.found.chats:,}'
        case Import(state='cancelled') if not _has_done(job):
            return 'Cancelled. Nothing was imported.'
        case Import(state='failed'):
            return f'{job.failure} Nothing was imported.'
        case Import(state='found') if not _is_worth_it(job):
            return 'There is nothing to import.'
        case Import():
            return SENTENCES.get(job.state, '')
        case None:
            return ''


def _show_lines(place: HtmlElement, report: ImportReport | None, *, is_result: bool) -> None:
    """Show what was found or done, and below it what was not taken over."""
    place.clear()
    place.set_visibility(report is not None)
    if report is None:
        return
    lines, problems = (result_lines if is_result else summary_lines)(report), problem_lines(report)
    with place:
        for line in lines:
            LocalText('p', line)
        if problems:
            with HtmlElement('details', 'import-problems', **({'open': 'true'} if report.refused else {})):
                HtmlText('summary', f'{pluralize(len(problems), "note")}: what was not taken over')
                with HtmlElement('ul'):
                    for problem in problems[:MAX_SHOWN_PROBLEMS]:
                        HtmlText('li', problem)
                if (more := len(problems) - MAX_SHOWN_PROBLEMS) > 0:
                    HtmlText('p', f'And {more:,} more.')
