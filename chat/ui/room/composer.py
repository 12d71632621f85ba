"""The box in which a prompt is written."""

from collections.abc import Callable

from nicegui import ui
from nicegui.events import GenericEventArguments

from chat.conversation.prompt import LONGEST_PROMPT


class Composer(ui.element, component='composer.js'):
    """A text box with its send and stop button.

    Its text stays in the browser until it is sent: typing costs the server nothing, and Enter is decided
    there, since only the browser knows whether a character is still being composed.
    """

    def __init__(self, *, send: Callable[[str], None], stop: Callable[[], object]) -> None:
        super().__init__()
        self.mark('composer')
        self.props['longest'] = LONGEST_PROMPT
        self.props['running'] = False
        self.on('send', lambda event: send(_text(event)))
        self.on('stop', stop, args=[])

    def show_running(self, is_running: bool) -> None:
        """Offer to stop instead of to send while an answer is under way."""
        if self.props['running'] != is_running:
            self.props['running'] = is_running

    def give_back(self, text: str) -> None:
        """Put a text that was not accepted before what was written since."""
        self.run_method('giveBack', text)


def _text(event: GenericEventArguments) -> str:
    return event.args if isinstance(event.args, str) else ''
