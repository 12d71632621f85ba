"""Short sentences that come and go at the lower edge of the page."""

from collections.abc import Awaitable, Callable

from nicegui import ui

from chat.ui.markup import Tag, Text

OFFERED = 10.0
"""Seconds for which a person can take something back."""

MOST = 3
"""Offers that stand on a page at once; the oldest goes first."""


def notify(sentence: str) -> None:
    """Say something to the person at this page; it is read out too."""
    ui.notify(sentence, position='bottom', timeout=6000, attrs={'data-testid': 'notice', 'role': 'status'})


class Notices(Tag):
    """Sentences that come with something to press; they stay when the person goes to another chat."""

    def __init__(self) -> None:
        super().__init__('div', 'notices', role='status')
        self._offers: list[Offer] = []

    def offer(self, sentence: str, label: str, act: Callable[[], Awaitable[None]]) -> None:
        """Say something, with a button that does something about it, for `OFFERED` seconds."""
        self._offers = [offer for offer in self._offers if not offer.is_deleted]
        for offer in self._offers[: 1 - MOST]:
            offer.delete()
        with self:
            self._offers.append(Offer(sentence, label, act))


class Offer(Tag):
    """One sentence with its button, which works once."""

    def __init__(self, sentence: str, label: str, act: Callable[[], Awaitable[None]]) -> None:
        super().__init__('div', 'notice', data_testid='notice')
        self._act: Callable[[], Awaitable[None]] | None = act
        with self:
            Text('span', sentence, 'notice-sentence')
            Text('button', label, 'notice-action', type='button').on('click', self._take, args=[])
            ui.timer(OFFERED, self.delete, once=True, immediate=False)

    async def _take(self) -> None:
        act, self._act = self._act, None
        if act:
            await act()
            self.delete()
