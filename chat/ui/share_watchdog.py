"""What holds a page of another computer to this one: nothing stays on its screen once the door is closed."""

from nicegui import ui

from chat.sharing.sharing import ENDED_PATH
from chat.ui.javascript import COMPONENTS


class ShareWatchdog(ui.element, component=COMPONENTS / 'share_watchdog.js'):
    """Leads a page away that finds the door closed, also if it was offline when that happened."""

    def __init__(self, *, hide_when_offline: bool) -> None:
        """Unless it `hide_when_offline`, the page is put away too while the connection is lost for long."""
        super().__init__()
        self.props.update(stays=hide_when_offline, ended=ENDED_PATH)
