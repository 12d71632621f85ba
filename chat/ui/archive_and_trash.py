"""The pages of conversations that are out of the list: the archive, and the trash."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from nicegui import ui

from chat.change_signal import ChangeSignal
from chat.conversation.storage import TRASH_LIFETIME, ConversationCatalog, ConversationSummary, TrashStorage
from chat.ui.conversation_actions import ConversationActions
from chat.ui.follow_changes import follow
from chat.ui.formatting import format_day, title_of
from chat.ui.html import HtmlText, local_address
from chat.ui.javascript import COMPONENTS, confirm_script
from chat.ui.layout import PageNavigation, PlainPage
from chat.ui.page_events import ACTION, TEXT, parse_event
from chat.ui.selection import SELECTION, Selection, SelectionEvent

ARCHIVE_BUTTONS = (
    {'name': 'unarchive', 'label': 'Unarchive', 'icon': 'unarchive'},
    {'name': 'delete', 'label': 'Move to trash', 'icon': 'delete'},
)
ARCHIVE_BULK_BUTTONS = (
    ARCHIVE_BUTTONS[0],
    {'name': 'export', 'label': 'Export', 'icon': 'download'},
    ARCHIVE_BUTTONS[1],
)


TRASH_BUTTONS = (
    {'name': 'restore', 'label': 'Restore', 'icon': 'restore_from_trash'},
    {
        'name': 'erase',
        'label': 'Delete permanently',
        'icon': 'delete_forever',
        'confirm': {'title': 'Delete permanently?', 'text': "can't be restored.", 'action': 'Delete'},
    },
)

EMPTY_TRASH_QUESTION = {
    'title': 'Empty trash?',
    'text': "Chats in the trash can't be restored afterwards.",
    'action': 'Empty',
}

ROWS_PER_LOAD = 200
"""Rows that are shown at first, and that are added each time the person asks for more."""


def archive_page(
    catalog: ConversationCatalog, conversation_actions: ConversationActions, navigation: PageNavigation
) -> None:
    """Build the page."""
    ui.page_title('Archive')
    with PlainPage('Archive', navigation).body:
        actions = conversation_actions.bulk_actions
        with RowList(
            lambda: archived_rows(catalog),
            change=catalog.changed,
            buttons=ARCHIVE_BUTTONS,
            bulk_buttons=ARCHIVE_BULK_BUTTONS,
            actions=actions,
        ):
            HtmlText('span', 'No archived chats.')


def archived_rows(catalog: ConversationCatalog) -> list[dict[str, str]]:
    """Return the archived conversations, newest first."""
    return [
        _row(summary, format_day(summary.updated_at))
        | {'href': local_address(f'/c/{summary.conversation_id}')}
        for summary in catalog.summaries
        if summary.is_archived
    ]


def trash_page(
    trash: TrashStorage, conversation_actions: ConversationActions, navigation: PageNavigation
) -> None:
    """Build the page."""
    ui.page_title('Trash')
    page = PlainPage('Trash', navigation)
    with page.bar:
        button = HtmlText('button', 'Empty trash', 'text-button', type='button', data_testid='empty-trash')
        button.on('click', conversation_actions.empty_trash, js_handler=confirm_script(EMPTY_TRASH_QUESTION))
        follow(trash.changed, lambda: button.set_visibility(bool(trash.conversations)))
    with page.body:
        HtmlText(
            'p',
            f'Chats stay here for {TRASH_LIFETIME.days} days, then they are deleted for good.',
            'page-note',
        )
        actions = {'restore': conversation_actions.restore, 'erase': conversation_actions.delete_for_good}
        with RowList(
            lambda: trashed_rows(trash),
            change=trash.changed,
            buttons=TRASH_BUTTONS,
            bulk_buttons=TRASH_BUTTONS,
            actions=actions,
        ):
            HtmlText('span', 'The trash is empty.')


def trashed_rows(trash: TrashStorage) -> list[dict[str, str]]:
    """Return what was deleted, the last one first."""
    return [_row(row, f'deleted {format_day(row.deleted_at)}') for row in trash.conversations]


def _row(summary: ConversationSummary, note: str) -> dict[str, str]:
    return {'id': summary.conversation_id, 'title': title_of(summary), 'note': note}


class RowList(ui.element, component=COMPONENTS / 'row_list.js'):
    """The rows are one element, which draws them itself and leaves those that stay alone."""

    def __init__(
        self,
        rows: Callable[[], Sequence[Mapping[str, str]]],
        *,
        change: ChangeSignal,
        buttons: Sequence[Mapping[str, Any]],
        bulk_buttons: Sequence[Mapping[str, Any]],
        actions: Mapping[str, Callable[..., Awaitable[object]]],
    ) -> None:
        """Show rows, and look again after each change.

        Args:
            rows: Gives them as they are now, with `id`, `title`, `note` and, if they lead somewhere, `href`.
            change: Tells when to look again.
            buttons: With `name`, `label`, `icon` and, for what cannot be undone, `confirm`: the title of a
                question, the text that follows on the name of the row, and the action.
            bulk_buttons: The same, for what is done to all rows that are selected.
            actions: What each button does to the rows with these ids.
        """
        super().__init__()
        self._all = rows
        self._actions = actions
        self._max_rows = ROWS_PER_LOAD
        self._shown: object = None
        self._selection = Selection()
        self.props['buttons'] = list(buttons)
        self.props['bulkButtons'] = list(bulk_buttons)
        self.mark('chat-list')
        self.on('action', parse_event(ACTION, self._on_action))
        self.on('more', self._show_more, args=[])
        self.on('select', parse_event(SELECTION, self._on_select))
        self.on('bulk', parse_event(TEXT, self._on_bulk))
        with self:
            follow(change, self._show)

    def _show(self) -> None:
        rows = self._all()
        self._selection.restrict(row['id'] for row in rows)
        selected = self._selection.ids
        state = {
            'rows': [{**row, 'selected': row['id'] in selected} for row in rows[: self._max_rows]],
            'left': max(0, len(rows) - self._max_rows),
            'selected': len(selected),
        }
        if state != self._shown:
            self._shown = state
            self.props.update(state)
            self.update()

    def _show_more(self) -> None:
        self._max_rows += ROWS_PER_LOAD
        self._show()

    def _on_select(self, event: SelectionEvent) -> None:
        ids = [row['id'] for row in self._all()]
        self._selection.change(event, ids, ids)
        self._show()

    async def _on_bulk(self, name: str) -> None:
        chosen = [row['id'] for row in self._all() if row['id'] in self._selection.ids]
        if (act := self._actions.get(name)) and chosen:
            self._on_select(('none',))
            await act(*chosen)

    async def _on_action(self, action: tuple[str, str]) -> None:
        name, row_id = action
        if act := self._actions.get(name):
            await act(row_id)
