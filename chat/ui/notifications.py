"""Short sentences that come and go at the lower edge of the page, one above the other."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Generator
from contextlib import contextmanager

from nicegui import ui

from chat.conversation.error_messages import error_message
from chat.errors import ChatError
from chat.ui.html import HtmlElement, HtmlText
from chat.ui.page_tasks import start_when_connected

log = logging.getLogger(__name__)

MESSAGE_SECONDS = 6.0
"""Seconds for which a sentence stands there."""

UNDO_SECONDS = 10.0
"""Seconds for which a person can take something back."""

MAX_TOASTS = 3
"""Sentences that stand on a page at once; of more, the oldest goes, one with a button after the others."""


class UndoToasts(HtmlElement):
    """The sentences of one page; they stay when the person goes to another chat."""

    def __init__(self) -> None:
        super().__init__('div', 'notices', role='status')
        self._toasts: list[Toast] = []

    def show_message(self, sentence: str) -> None:
        """Say something for `MESSAGE_SECONDS` seconds; it is read out too."""
        self._add_toast(Toast(sentence, MESSAGE_SECONDS, parent=self))

    def show_until_closed(self, sentence: str) -> None:
        """Say something until the person has seen it."""
        self._add_toast(UndoToast(sentence, 'OK', _do_nothing, parent=self, seconds=None))

    def show(self, sentence: str, label: str, act: Callable[[], Awaitable[None]]) -> None:
        """Say something, with a button that does something about it, for `UNDO_SECONDS` seconds."""
        self._add_toast(UndoToast(sentence, label, act, parent=self, seconds=UNDO_SECONDS))

    def _add_toast(self, notice: 'Toast') -> None:
        others = [each for each in self._toasts if not each.is_deleted]
        same = [each for each in others if each.sentence == notice.sentence and not each.can_undo]
        others = [each for each in others if each not in same]
        others.sort(key=lambda each: each.can_undo)  # leaves the order among equals as it is
        surplus = others[: max(0, len(others) + 1 - MAX_TOASTS)]
        for each in (*same, *surplus):
            each.delete()
        self._toasts = [each for each in (*self._toasts, notice) if not each.is_deleted]


class Toast(HtmlElement):
    """One sentence, for a while."""

    can_undo = False
    """Whether it has a button for what it says: one in the same words may be about something else."""

    def __init__(self, sentence: str, seconds: float | None, *, parent: UndoToasts) -> None:
        with parent:
            super().__init__('div', 'notice', data_testid='notice')
        self.sentence = sentence
        with self:
            HtmlText('span', sentence, 'notice-sentence')
            if seconds is not None:
                start_when_connected(lambda: self._leave(seconds))

    async def _leave(self, seconds: float) -> None:
        await asyncio.sleep(seconds)
        self.delete()


class UndoToast(Toast):
    """One sentence with its button, which works once."""

    can_undo = True

    def __init__(
        self,
        sentence: str,
        label: str,
        act: Callable[[], Awaitable[None]],
        *,
        parent: UndoToasts,
        seconds: float | None,
    ) -> None:
        super().__init__(sentence, seconds, parent=parent)
        self._act: Callable[[], Awaitable[None]] | None = act
        with self:
            HtmlText('button', label, 'notice-action', type='button').on('click', self._run_action, args=[])

    async def _run_action(self) -> None:
        act, self._act = self._act, None
        if act:
            await act()
            self.delete()


async def _do_nothing() -> None:
    """Do nothing: it is enough to have seen it."""


def notify(sentence: str) -> None:
    """Say something to the person at this page, unless what was clicked has gone from it."""
    try:
        elements = ui.context.client.elements.values()
    except RuntimeError:  # as NiceGUI says it
        log.debug('What was clicked has gone from its page')
        return
    next(element for element in elements if isinstance(element, UndoToasts)).show_message(sentence)


@contextmanager
def notifying_errors() -> Generator[None]:
    """Tell the person at this page why something cannot be done, and go on."""
    try:
        yield
    except (ChatError, OSError) as error:
        notify(error_message(error))


async def notify_on_error(work: Awaitable[None]) -> bool:
    """Do it, or say why it cannot be done; return whether it was done."""
    with notifying_errors():
        await work
        return True
    return False
