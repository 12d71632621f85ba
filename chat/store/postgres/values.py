"""What one person keeps beside conversations: preferences, assistants, prompts, and what was used."""

import asyncio
import logging
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, fields, replace
from typing import Generic, LiteralString, TypeAlias, TypeVar

from pydantic import TypeAdapter, ValidationError

from chat.conversation.chat_settings import Preferences
from chat.conversation.usage_ledger import DayUsage, today
from chat.errors import StorageUnavailable
from chat.store.postgres.changed_fields import changed_fields
from chat.store.postgres.database import Connection, Database
from chat.store.postgres.rows import key_of
from chat.store.settings_files import ONLY_ID, readable_preferences
from chat.store.tinydb_storage.tables import Json, encode_json, parsed, sanitized

log = logging.getLogger(__name__)

T = TypeVar('T')

_PREFERENCES = TypeAdapter(Preferences)
_DAY = TypeAdapter(DayUsage)

SUMS = [field.name for field in fields(DayUsage) if field.name not in ('day', 'model')]


_INSERT: LiteralString = 'insert into value (owner, kind, key, document) values (%s, %s, %s, %s) on conflict'
_PUT: LiteralString = f'{_INSERT} (owner, kind, key) do update set document = excluded.document'
_PUT_FIRST: LiteralString = f'{_INSERT} do nothing'

Documents: TypeAlias = dict[str, Json]
"""By their ids, the one added first first."""


class ValueTable:
    """The documents of one kind and person, by their ids.

    Somebody may follow them: they are told of all when another process may have changed one, and never while
    one is being stored here.
    """

    def __init__(self, database: Database, owner: str, kind: str) -> None:
        self.kind = kind
        self._database = database
        self._owner = owner
        self._busy = asyncio.Lock()
        self._tell: Callable[[Documents], None] | None = None
        self._is_behind = False
        """Whether a document may have changed since all were read."""
        self._is_waiting = False
        """Whether somebody is about to read them for whoever follows."""

    async def read(self) -> Documents:
        """Return all documents by their ids, the one added first first."""
        self._is_behind = False
        rows = await self._database.read(
            'select document from value where owner = %s and kind = %s order by place', self._owner, self.kind
        )
        documents = (parsed(text) for (text,) in rows)
        return {document['id']: document['value'] for document in documents}

    async def follow(self, tell: Callable[[Documents], None]) -> None:
        """Have this told of them from now on, and of what has changed since they were read."""
        self._tell = tell
        if self._is_behind:
            await self.read_anew()

    async def read_anew(self) -> None:
        """Tell whoever follows of what is stored now: another process may have changed it."""
        self._is_behind = True
        if self._tell is None or self._is_waiting:
            return
        self._is_waiting = True
        try:
            async with self._busy:
                self._is_waiting = False
                self._tell(await self.read())
        finally:
            self._is_waiting = False

    async def put(self, key: str, document: Json) -> None:
        """Store a document, in the place of the one that has this id."""
        async with self._busy:
            await self._database.execute(_PUT, *self._row(key, document))

    async def put_changed(self, key: str, document: Json, since: Json) -> None:
        """Store what has changed in a document `since`; what others have stored of the rest stays."""

        async def work(connection: Connection, _: bool) -> None:
            await connection.execute(_PUT_FIRST, self._row(key, {}))  # so that there is a row to lock
            cursor = await connection.execute(
                'select document from value where owner = %s and kind = %s and key = %s for update',
                [self._owner, self.kind, key_of(key)],
            )
            [(text,)] = await cursor.fetchall()
            stored: Json = parsed(text)['value']
            merged = {**stored, **changed_fields(stored, document, since)}
            await connection.execute(_PUT, self._row(key, merged))

        async with self._busy:
            await self._database.write(work)

    async def remove(self, key: str) -> None:
        """Remove a document; that there is none is no error."""
        async with self._busy:
            await self._database.execute(
                'delete from value where owner = %s and kind = %s and key = %s',
                *(self._owner, self.kind, key_of(key)),
            )

    def _row(self, key: str, document: Json) -> Sequence[str]:
        text = encode_json({'id': key, 'value': sanitized(document)})
        return self._owner, self.kind, key_of(key), text


class PostgresPreferences:
    """Reads and writes preferences, of which several nodes may change each another one."""

    def __init__(self, database: Database, owner: str) -> None:
        self.table = ValueTable(database, owner, 'preferences')
        self._known: Json = {}
        """Those that were changed since, to become those that come to be stored."""

    async def read(self) -> Preferences:
        """Return the stored preferences; the default for what is missing or makes no sense."""
        preferences = _preferences_in(await self.table.read())
        self._known = _dumped(preferences)
        return preferences

    async def follow(self, take: Callable[[Preferences], bool]) -> None:
        """Have this told of what is stored when that may have changed; it returns whether it takes it."""

        def tell(documents: Documents) -> None:
            if take(preferences := _preferences_in(documents)):
                self._known = _dumped(preferences)

        await self.table.follow(tell)

    async def write(self, preferences: Preferences) -> None:
        """Store them.

        Raises:
            StorageUnavailable: If that failed; what was stored before is still there.
        """
        document = _dumped(preferences)
        await self.table.put_changed(ONLY_ID, document, self._known)
        self._known = document


def _preferences_in(documents: Documents) -> Preferences:
    return readable_preferences(documents.get(ONLY_ID, {}))


def _dumped(preferences: Preferences) -> Json:
    return _PREFERENCES.dump_python(preferences, mode='json')


class PostgresValues(Generic[T]):
    """Values of one kind; it is a `KeptValues`."""

    trouble = ''

    def __init__(
        self, database: Database, owner: str, kind: str, adapter: TypeAdapter[T], *, key: Callable[[T], str]
    ) -> None:
        self.table = ValueTable(database, owner, kind)
        self._adapter = adapter
        self._key = key

    async def read(self) -> list[T]:
        """Return all values, the one added first first, without those that make no sense."""
        return self._values_in(await self.table.read())

    async def follow(self, take: Callable[[Sequence[T]], None]) -> None:
        """Have this told of all values when another process may have changed one."""
        await self.table.follow(lambda documents: take(self._values_in(documents)))

    async def put(self, value: T) -> None:
        """Store a value, in the place of the one with its key."""
        await self.table.put(self._key(value), self._adapter.dump_python(value, mode='json'))

    async def remove(self, value: T) -> None:
        """Forget the value with this key."""
        await self.table.remove(self._key(value))

    def _values_in(self, documents: Documents) -> list[T]:
        found: list[T] = []
        for key, document in documents.items():
            try:
                found.append(self._adapter.validate_python(document))
            except ValidationError:
                log.warning('%s among the stored %s is invalid and is ignored', key, self.table.kind)
        return found


class NoValues(Generic[T]):
    """Values that a person has none of here, since whoever runs the nodes sets them for all."""

    trouble = ''

    def __init__(self, sentence: str) -> None:
        self._sentence = sentence

    async def read(self) -> list[T]:
        """Return none."""
        return []

    async def put(self, value: T) -> None:
        """Refuse it.

        Raises:
            StorageUnavailable: Always.
        """
        raise StorageUnavailable(self._sentence)

    async def remove(self, value: T) -> None:
        """Do nothing: there is none."""


class PostgresUsage:
    """What one person has used, by day and model: each process stores sums of its own, which are added up."""

    def __init__(self, database: Database, owner: str, writer: str) -> None:
        """Write as `writer`, which no other process is called."""
        self._database = database
        self._owner = owner
        self._writer = writer
        self._others: dict[tuple[str, str], DayUsage] | None = None
        """What others had stored when this was read first: it is in the sums that are counted here."""

    async def read(self) -> Sequence[DayUsage]:
        """Return what was used this year."""
        stored = await self._stored()
        if self._others is None:  # later ones are not in the sums that come to be stored
            self._others = _totals(usage for writer, usage in stored if writer != self._writer)
        return [
            usage for key, usage in _totals(usage for _, usage in stored).items() if key[0][:4] == today()[:4]
        ]

    async def read_all(self) -> Sequence[DayUsage]:
        """Return what was ever used."""
        return list(_totals(usage for _, usage in await self._stored()).values())

    async def _stored(self) -> list[tuple[str, DayUsage]]:
        rows = await self._database.read('select writer, document from usage where owner = %s', self._owner)
        return [(writer, _DAY.validate_python(parsed(text))) for writer, text in rows]

    async def put(self, usage: DayUsage) -> None:
        """Store what this process has added to what it had read of this day and model."""
        key = usage.day, usage.model
        others = (self._others or {}).get(key)
        known: Json = asdict(others) if others else {}
        own = asdict(usage) | {name: getattr(usage, name) - known.get(name, 0) for name in SUMS}
        await self._database.execute(
            'insert into usage (owner, day, model, writer, document) values (%s, %s, %s, %s, %s) '
            'on conflict (owner, day, model, writer) do update set document = excluded.document',
            *(self._owner, usage.day, key_of(usage.model), self._writer, encode_json(own)),
        )


def _totals(usages: Iterable[DayUsage]) -> dict[tuple[str, str], DayUsage]:
    totals: dict[tuple[str, str], DayUsage] = {}
    for usage in usages:
        key = usage.day, usage.model
        totals[key] = _added(totals[key], usage) if key in totals else usage
    return totals


def _added(one: DayUsage, other: DayUsage) -> DayUsage:
    sums: Json = {name: round(getattr(one, name) + getattr(other, name), 8) for name in SUMS}
    return replace(one, **sums)
