"""A page of rows, each with buttons, that keeps up with what it lists."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from nicegui import ui

from chat.change_signal import ChangeSignal
from chat.ui.follow import follow
from chat.ui.javascript import COMPONENTS
from chat.ui.page_events import ACTION, parse_event

ROWS_PER_LOAD = 200
"""TrashIndex that are shown at first, and that are added each time the person asks for more."""


class RowList(ui.element, component=COMPONENTS / 'row_list.js'):
    """The rows are one element, which draws them itself and leaves those that stay alone."""

    def __init__(
        self,
        rows: Callable[[], Sequence[Mapping[str, str]]],
        *,
        change: ChangeSignal,
        buttons: Sequence[Mapping[str, Any]],
        actions: Mapping[str, Callable[[str], Awaitable[object]]],
    ) -> None:
        """Show rows, and look again after each change.

        Args:
            rows: Gives them as they are now, with `id`, `title`, `note` and, if they lead somewhere, `href`.
            change: Tells when to look again.
            buttons: With `name`, `label`, `icon` and, for what cannot be undone, `confirm`: the title of a
                question, the text that follows on the name of the row, and the action.
            actions: What each button does to the row with an id.
        """
        super().__init__()
        self._all = rows
        self._actions = actions
        self._max_rows = ROWS_PER_LOAD
        self._shown: object = None
        self.props['buttons'] = list(buttons)
        self.mark('shelf')
        self.on('action', parse_event(ACTION, self._on_action))
        self.on('more', self._show_more, args=[])
        with self:
            follow(change, self._show)

    def _show(self) -> None:
        rows = self._all()
        state = {'rows': list(rows[: self._max_rows]), 'left': max(0, len(rows) - self._max_rows)}
        if state != self._shown:
            self._shown = state
            self.props.update(state)
            self.update()

    def _show_more(self) -> None:
        self._max_rows += ROWS_PER_LOAD
        self._show()

    async def _on_action(self, action: tuple[str, str]) -> None:
        name, row_id = action
        if act := self._actions.get(name):
            await act(row_id)
