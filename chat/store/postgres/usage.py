"""What people have used, by day and model: one row for all nodes, to which each of them adds."""

import logging
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any, LiteralString
from uuid import UUID

from pydantic import TypeAdapter, ValidationError

from chat.conversation.usage_ledger import EVER, DayUsage
from chat.store.filesystem.disk import UncancellableTasks
from chat.store.postgres.database import Database
from chat.store.tinydb_storage.tables import sanitized_text

log = logging.getLogger(__name__)

DAY_USAGE: LiteralString = (
    "to_char(day, 'YYYY-MM-DD'), model, answers, titles, requests, input, output, cached, cost, unpriced"
)
"""The columns that `readable_usage` reads."""

MAX_MODEL_NAME_LENGTH = 200
"""Characters by which models are told apart here: a row of an index has its limit."""

MAX_TOLD = 1000
"""Rows that make no sense of which it is known that the log names them."""

_ADD: LiteralString = (
    'with booked as (insert into booking (id) values (%s) on conflict do nothing returning id) '
    'insert into day_usage '
    '(owner, day, model, answers, titles, requests, input, output, cached, cost, unpriced) '
    'select %s, %s::date, %s, %s, %s, %s, %s, %s, %s, %s, %s from booked '
    'on conflict (owner, day, model) do update set '
    'answers = day_usage.answers + excluded.answers, titles = day_usage.titles + excluded.titles, '
    'requests = day_usage.requests + excluded.requests, input = day_usage.input + excluded.input, '
    'output = day_usage.output + excluded.output, cached = day_usage.cached + excluded.cached, '
    'cost = day_usage.cost + excluded.cost, unpriced = day_usage.unpriced + excluded.unpriced'
)

_DAY = TypeAdapter(DayUsage)


class PostgresUsage:
    """What one person has used; it is a `UsageStorage`.

    A booking is remembered for longer than its node tries to store it. If the answer of the database was
    lost, the second attempt waits for the first, sees that it was stored, and adds nothing.
    """

    def __init__(self, database: Database, owner: str, *, finishing: UncancellableTasks) -> None:
        self._database = database
        self._owner = owner
        self._finishing = finishing

    async def read(self, since: str = EVER) -> Sequence[DayUsage]:
        """Return what was used on this day and later, at whichever node."""
        query: LiteralString = f'select {DAY_USAGE} from day_usage where owner = %s and day >= %s'
        return readable_usage(await self._database.read(query, self._owner, since))

    async def add(self, usage: DayUsage, booking: UUID) -> None:
        """Add it to what was used, once."""
        values = [booking, self._owner, usage.day, _storable(usage.model), usage.answers, usage.titles]
        values += [usage.requests, usage.input, usage.output, usage.cached, usage.cost, usage.unpriced]
        await self._finishing.run(self._database.execute(_ADD, *values))


def readable_usage(rows: Iterable[Sequence[Any]]) -> list[DayUsage]:
    """Return what `DAY_USAGE` has said, without what makes no sense."""
    found: list[DayUsage] = []
    for day, model, answers, titles, requests, read, written, cached, cost, unpriced in rows:
        document = {
            **{'day': day, 'model': model, 'answers': answers, 'titles': titles, 'requests': requests},
            **{'input': read, 'output': written, 'cached': cached, 'cost': cost, 'unpriced': unpriced},
        }
        try:
            found.append(_DAY.validate_python(document))
        except ValidationError:
            _tell(day, model)
    return found


@lru_cache(MAX_TOLD)
def _tell(day: str, model: str) -> None:
    """Say so once, however often it is read."""
    log.warning('What was used of %s on %s is invalid, and is left out', model, day)


def _storable(model: str) -> str:
    return sanitized_text(model).replace('\0', '\ufffd')[:MAX_MODEL_NAME_LENGTH]
