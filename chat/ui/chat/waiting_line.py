"""A line that says what an answer waits for before its first word."""

from nicegui import ui

from chat.ui.javascript import COMPONENTS

WAITING_MESSAGE = 'Waiting for the model …'


class WaitingLine(ui.element, component=COMPONENTS / 'waiting_line.js'):
    """The browser adds the seconds once a wait is long; the style shows the line only while one lasts."""

    def __init__(self) -> None:
        super().__init__()
        self._shown: object = None
        self.show('', is_waiting=False)

    def show(self, notice: str, *, is_waiting: bool) -> None:
        """Bring it up to date; a notice says more than that the model is awaited."""
        shown = {'words': notice or WAITING_MESSAGE, 'live': is_waiting}
        if shown != self._shown:
            self._shown = shown
            self.props.update(shown)
            self.update()
