"""What one person keeps beside conversations: preferences, assistants, prompts."""

import asyncio
import logging
from collections.abc import Callable, Sequence
from typing import Generic, LiteralString, TypeAlias, TypeVar

from pydantic import TypeAdapter, ValidationError

from chat.conversation.content.chat_settings import Preferences
from chat.errors import StorageUnavailable
from chat.store.postgres.changed_fields import changed_fields
from chat.store.postgres.database import Connection, Database
from chat.store.postgres.rows import key_of
from chat.store.settings_files import ONLY_ID, readable_preferences
from chat.store.tinydb_storage.tables import Json, encode_json, parsed, sanitized

log = logging.getLogger(__name__)

T = TypeVar('T')

_PREFERENCES = TypeAdapter(Preferences)


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
        found: dict[str, Json] = {}
        for (text,) in rows:
            if (value := _value_in(text)) is None:
                log.warning('One of the stored %s is invalid and is ignored', self.kind)
            else:
                found[value[0]] = value[1]
        return found

    async def follow(self, tell: Callable[[Documents], None]) -> None:
        """Have this told of them from now on, and of what has changed since they were read."""
        self._tell = tell
        if self._is_behind:
            await self.reload()

    async def reload(self) -> None:
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
            value = _value_in(text)
            stored = value[1] if value else {}
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


def _value_in(text: str) -> tuple[str, Json] | None:
    """Return the id and the document in a row; `None` if it makes no sense."""
    match parsed(text):
        case {'id': str() as key, 'value': {**document}}:
            return key, document
        case _:
            return None


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
    """Values of one kind; it is a `ValueStorage`."""

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
