"""UsageLedger: what was used each day, by model; and the limit for a day."""

import asyncio
import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Literal, Protocol
from uuid import UUID, uuid4

from pydantic import FiniteFloat

from chat.change_signal import ChangeSignal
from chat.errors import DayLimitReached

log = logging.getLogger(__name__)

UsageKind = Literal['answer', 'title']
"""What a model was asked for."""

EVER = '0001-01-01'
"""A day before all others."""


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
    cost: FiniteFloat = 0.0
    """In US dollars, of the answers whose price is known."""
    unpriced: int = 0
    """Answers and titles that cost something, nobody knows what."""

    @property
    def tokens(self) -> int:
        """Those that the model read and wrote."""
        return self.input + self.output

    def plus(self, other: 'DayUsage') -> 'DayUsage':
        """Return it with what else was asked of this model on this day."""
        sums = {name: getattr(self, name) + getattr(other, name) for name in SUMS}
        return DayUsage(day=self.day, model=self.model, **{**sums, 'cost': round(sums['cost'], 8)})


SUMS = [field.name for field in fields(DayUsage) if field.name not in ('day', 'model')]
"""What adds up."""


def usage_today(model: str, usage: Mapping[str, float | None], *, of: UsageKind) -> DayUsage:
    """Return one answer or title that has ended now, of which `USAGE_KEY` keeps this."""
    cost = usage.get('cost', 0.0)
    return DayUsage(
        day=today(),
        model=model,
        answers=int(of == 'answer'),
        titles=int(of == 'title'),
        requests=int(usage.get('requests') or 0),
        input=int(usage.get('input') or 0),
        output=int(usage.get('output') or 0),
        cached=int(usage.get('cached') or 0),
        cost=round(cost or 0.0, 8),
        unpriced=int(cost is None),
    )


class UsageStorage(Protocol):
    """Stores what was used: sums of a day and a model, to which all processes add that share it."""

    async def read(self, since: str = EVER) -> Sequence[DayUsage]:
        """Return what was used on this day and later, without what makes no sense.

        Raises:
            OSError: If that failed.
        """
        ...

    async def add(self, usage: DayUsage, booking: UUID) -> None:
        """Add it to what was used, unless that was done before under the number of this booking.

        It is finished even if the caller is cancelled meanwhile.

        Raises:
            OSError: If that failed, or may have.
        """
        ...


class UsageLedger:
    """What was used since the year began: `add` and `refresh` alone write it, all others read `days`."""

    def __init__(self, days: Iterable[DayUsage] = (), storage: UsageStorage | None = None) -> None:
        """Begin with what was read; without a storage all is forgotten with the process."""
        self.changed = ChangeSignal()
        self._days = _sums(days)
        self._storage = storage
        self._unstored: dict[UUID, DayUsage] = {}
        """What is among the days, and is to be stored."""
        self._storing = asyncio.Lock()

    @property
    def days(self) -> list[DayUsage]:
        """What was used, in no order."""
        return [*self._days.values()]

    async def add(self, model: str, usage: Mapping[str, float | None], *, of: UsageKind = 'answer') -> None:
        """Count an answer or a title, and store that now or with the next one."""
        used = usage_today(model, usage, of=of)
        self._days = _sums([*self.days, used])
        self.changed.notify()
        if self._storage is None:
            return
        self._unstored[uuid4()] = used
        try:
            async with self._storing:
                await self._store(self._storage)
        except OSError as error:
            log.warning('What was used could not be stored yet: %s', error)

    async def refresh(self, since: str = EVER) -> None:
        """Know what was used on this day and later, also what other processes have counted."""
        if self._storage is None:
            return
        try:
            async with self._storing:
                await self._store(self._storage)
                stored = await self._storage.read(since)
                earlier = (each for each in self.days if each.day < since)
                new = (each for each in self._unstored.values() if each.day >= since)
                self._days = _sums([*earlier, *stored, *new])
        except OSError as error:
            log.warning('What other nodes have counted could not be read: %s', error)
        self.changed.notify()

    async def check_day(self, limit: int) -> None:
        """Check that there are tokens left for today; a limit of 0 is none, as for what a person has allowed.

        What answers take that are under way anywhere is not known yet.

        Raises:
            DayLimitReached: If there are none.
        """
        if not limit:
            return
        day = today()
        await self.refresh(day)
        used = sum(each.tokens for each in self.days if each.day == day)
        if used >= limit:
            raise DayLimitReached(
                f'{used:,} tokens were used today, and the limit is {limit:,} a day. '
                'Raise it in the settings, or go on tomorrow.'
            )

    async def _store(self, storage: UsageStorage) -> None:
        while self._unstored:
            booking, usage = self._unstored.popitem()  # even if this is cancelled, it is stored
            try:
                await storage.add(usage, booking)
            except OSError:
                self._unstored[booking] = usage
                raise


def today() -> str:
    """Return the day of this computer."""
    return datetime.now().astimezone().date().isoformat()


def first_day_of_year() -> str:
    """Return that of this year."""
    return f'{today()[:4]}-01-01'


def _sums(usages: Iterable[DayUsage]) -> dict[tuple[str, str], DayUsage]:
    """Return them by day and model."""
    sums: dict[tuple[str, str], DayUsage] = {}
    for usage in usages:
        key = usage.day, usage.model
        sums[key] = sums[key].plus(usage) if key in sums else usage
    return sums
