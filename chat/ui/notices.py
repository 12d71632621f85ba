"""Short sentences that come and go at the lower edge of the page, one above the other."""

from collections.abc import Awaitable, Callable

from nicegui import ui

from chat.ui.markup import Tag, Text

SAID = 6.0
"""Seconds for which a sentence stands there."""

OFFERED = 10.0
"""Seconds for which a person can take something back."""

MOST = 3
"""Sentences that stand on a page at once; of more, the oldest goes, one with a button after the others."""


class Notices(Tag):
    """The sentences of one page; they stay when the person goes to another chat."""

    def __init__(self) -> None:
        super().__init__('div', 'notices', role='status')
        self._notices: list[Notice] = []

    def say(self, sentence: str) -> None:
        """Say something for `SAID` seconds; it is read out too."""
        self._add(Notice(sentence, SAID, parent=self))

    def keep(self, sentence: str) -> None:
        """Say something until the person has seen it."""
        self._add(Offer(sentence, 'OK', _nothing, parent=self, seconds=None))

    def offer(self, sentence: str, label: str, act: Callable[[], Awaitable[None]]) -> None:
        """Say something, with a button that does something about it, for `OFFERED` seconds."""
        self._add(Offer(sentence, label, act, parent=self))

    def _add(self, notice: 'Notice') -> None:
        others = [each for each in self._notices if not each.is_deleted]
        same = [each for each in others if each.sentence == notice.sentence]
        others = [each for each in others if each not in same]
        others.sort(key=lambda each: isinstance(each, Offer))  # leaves the order among equals as it is
        surplus = others[: max(0, len(others) + 1 - MOST)]
        for each in (*same, *surplus):
            each.delete()
        self._notices = [each for each in (*self._notices, notice) if not each.is_deleted]


class Notice(Tag):
    """One sentence, for a while."""

    def __init__(self, sentence: str, seconds: float | None, *, parent: Notices) -> None:
        with parent:
            super().__init__('div', 'notice', data_testid='notice')
        self.sentence = sentence
        with self:
            Text('span', sentence, 'notice-sentence')
            if seconds is not None:
                ui.timer(seconds, self.delete, once=True, immediate=False)


class Offer(Notice):
    """One sentence with its button, which works once."""

    def __init__(
        self,
        sentence: str,
        label: str,
        act: Callable[[], Awaitable[None]],
        *,
        parent: Notices,
        seconds: float | None = OFFERED,
    ) -> None:
        super().__init__(sentence, seconds, parent=parent)
        self._act: Callable[[], Awaitable[None]] | None = act
        with self:
            Text('button', label, 'notice-action', type='button').on('click', self._take, args=[])

    async def _take(self) -> None:
        act, self._act = self._act, None
        if act:
            await act()
            self.delete()


async def _nothing() -> None:
    """It is enough to have seen it."""


def notify(sentence: str) -> None:
    """Say something to the person at this page."""
    elements = ui.context.client.elements.values()
    next(element for element in elements if isinstance(element, Notices)).say(sentence)
