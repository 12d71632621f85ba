"""Says on an open page that another version of Parlour now serves it."""

from nicegui import ui
from nicegui.events import GenericEventArguments

from chat import __version__
from chat.ui.notices import Notices

LONGEST_VERSION = 40


class UpdateNote(ui.element, component='update_note.js'):
    """A page whose server was started anew loads itself anew; the browser knows what it was before."""

    def __init__(self, notices: Notices) -> None:
        super().__init__()
        self._notices = notices
        self.on('updated', self._say)

    def _say(self, event: GenericEventArguments) -> None:
        before = str(event.args)[:LONGEST_VERSION]
        self._notices.keep(f'Another version of Parlour runs now: {__version__}, before it was {before}.')
