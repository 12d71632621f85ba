"""UsageLedger: what was used each day, by model; and the limit for a day."""

import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal, Protocol

from chat.change_signal import ChangeSignal
from chat.errors import DayLimitReached

log = logging.getLogger(__name__)

UsageKind = Literal['answer', 'title']
"""What a model was asked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DayUsage:
    """What one model was asked on one day; all but the first two add up."""

    day: str
    """Of this computer, as `2026-11-28`."""
    model: str
    """As `ModelChoice` names it."""
    answers: int = 0
    titles: int = 0
    """Titles of chats that it found; what they took is in the other numbers."""
    requests: int = 0
    input: int = 0
    output: int = 0
    cached: int = 0
    cost: float = 0.0
    """In US dollars, of the answers whose price is known."""
    unpriced: int = 0
    """Answers and titles that cost something, nobody knows what."""

    @property
    def tokens(self) -> int:
        """Those that the model read and wrote."""
        return self.input + self.output

    def plus(self, usage: Mapping[str, float | None], *, of: UsageKind = 'answer') -> 'DayUsage':
        """Return it with one more answer or title, as `USAGE_KEY` keeps it."""
        cost = usage.get('cost', 0.0)
        return replace(
            self,
            answers=self.answers + (of == 'answer'),
            titles=self.titles + (of == 'title'),
            requests=self.requests + int(usage.get('requests') or 0),
            input=self.input + int(usage.get('input') or 0),
            output=self.output + int(usage.get('output') or 0),
            cached=self.cached + int(usage.get('cached') or 0),
            cost=round(self.cost + (cost or 0.0), 8),
            unpriced=self.unpriced + (cost is None),
        )


class UsageStorage(Protocol):
    """Stores what was used, a day and a model at a time."""

    async def read(self) -> Sequence[DayUsage]:
        """Return what was used this year."""
        ...

    async def read_all(self) -> Sequence[DayUsage]:
        """Return what was ever used."""
        ...

    async def put(self, usage: DayUsage) -> None:
        """Store it, in the place of what was stored of this day and model.

        Raises:
            OSError: If that failed.
        """
        ...


class UsageLedger:
    """What was used each day since the year began: `add` alone writes it, all others read `days`."""

    def __init__(self, days: Iterable[DayUsage] = (), storage: UsageStorage | None = None) -> None:
        """Begin with what was read; without a storage all is forgotten with the process."""
        self.changed = ChangeSignal()
        self._days = {(each.day, each.model): each for each in days}
        self._storage = storage

    @property
    def days(self) -> list[DayUsage]:
        """What was used, in no order."""
        return [*self._days.values()]

    async def add(self, model: str, usage: Mapping[str, float | None], *, of: UsageKind = 'answer') -> None:
        """Count an answer or a title and store that; what cannot be stored counts until Parlour ends."""
        key = today(), model
        day = self._days[key] = self._days.get(key, DayUsage(day=key[0], model=model)).plus(usage, of=of)
        self.changed.notify()
        if self._storage:
            try:
                await self._storage.put(day)
            except OSError as error:
                log.warning('What was used could not be stored: %s', error)

    async def all_days(self) -> list[DayUsage]:
        """Return what was used in all years."""
        stored = await self._storage.read_all() if self._storage else self.days
        return [*({(each.day, each.model): each for each in stored} | self._days).values()]

    def check_day(self, limit: int) -> None:
        """Check that there are tokens left for today; a limit of 0 is none, as for what a person has allowed.

        Raises:
            DayLimitReached: If there are none.
        """
        used = sum(each.tokens for each in self.days if each.day == today())
        if limit and used >= limit:
            raise DayLimitReached(
                f'{used:,} tokens were used today, and the limit is {limit:,} a day. '
                'Raise it in the settings, or go on tomorrow.'
            )


def today() -> str:
    """Return the day of this computer."""
    return datetime.now().astimezone().date().isoformat()
