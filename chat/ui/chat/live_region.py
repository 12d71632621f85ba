"""What is read out to those who cannot see that an answer has begun or ended."""

from chat.conversation.turns import Turn
from chat.ui.html import HtmlText

STATE_MESSAGES = {
    'waiting': 'Answering',
    'streaming': 'Answering',
    'done': 'Answer finished',
    'stopped': 'Stopped',
}
"""By the state of the last turn; of a failure, the sentence that says what went wrong."""


class LiveRegion(HtmlText):
    """Says what is going on and what happens next; what had ended when the page opened is no news."""

    def __init__(self) -> None:
        super().__init__('p', '', 'status-line visually-hidden', role='status')
        self._known: str | None = None

    def show(self, turns: list[Turn]) -> None:
        """Look at the turns as they are now."""
        said = (turns[-1].failure or turns[-1].notice or STATE_MESSAGES[turns[-1].state]) if turns else ''
        known, self._known = self._known, said
        if said != known and (known is not None or said == STATE_MESSAGES['waiting']):
            self.set_text(said)
