"""Says on an open page that another version of Parlour now serves it."""

from nicegui import ui

from chat import __version__
from chat.ui.javascript import COMPONENTS
from chat.ui.notifications import UndoToasts
from chat.ui.page_events import TEXT, parse_event

MAX_VERSION_LENGTH = 40


class UpdateNotice(ui.element, component=COMPONENTS / 'update_notice.js'):
    """A page whose server was started anew loads itself anew; the browser knows what it was before."""

    def __init__(self, notices: UndoToasts) -> None:
        super().__init__()
        self._notices = notices
        self.on('updated', parse_event(TEXT, self._show_notice))

    def _show_notice(self, version: str) -> None:
        before = version[:MAX_VERSION_LENGTH]
        self._notices.show_until_closed(f'Parlour now runs version {__version__} (before: {before}).')
