"""What one person keeps beside conversations: preferences, assistants, prompts, drafts."""

import logging
from collections.abc import Callable, Iterable, Sequence
from typing import Generic, TypeVar

from pydantic import TypeAdapter, ValidationError

from chat.change_signal import ChangeSignal
from chat.conversation.chat_settings import Preferences
from chat.conversation.storage import EMPTY_DRAFT, NEW_CONVERSATION, Draft
from chat.errors import StorageUnavailable
from chat.store.postgres.database import Connection, Database
from chat.store.postgres.rows import key_of
from chat.store.settings_files import ONLY_ID, readable_preferences
from chat.store.tinydb_storage.tables import Json, encode_json, parsed, sanitized

log = logging.getLogger(__name__)

T = TypeVar('T')

_PREFERENCES = TypeAdapter(Preferences)
_DRAFT = TypeAdapter(Draft)


class ValueTable:
    """The documents of one kind and person, by their ids."""

    def __init__(self, database: Database, owner: str, kind: str) -> None:
        self.kind = kind
        self._database = database
        self._owner = owner

    async def read(self) -> dict[str, Json]:
        """Return all documents by their ids, the one added first first."""
        rows = await self._database.read(
            'select document from value where owner = %s and kind = %s order by place', self._owner, self.kind
        )
        found: dict[str, Json] = {}
        for (text,) in rows:
            match parsed(text):
                case {'id': str() as key, 'value': {**document}}:
                    found[key] = document
                case _:
                    log.warning('One of the stored %s is invalid and is ignored', self.kind)
        return found

    async def put(self, key: str, document: Json) -> None:
        """Store a document, in the place of the one that has this id."""
        await self._database.execute(
            'insert into value (owner, kind, key, document) values (%s, %s, %s, %s) '
            'on conflict (owner, kind, key) do update set document = excluded.document',
            *(self._owner, self.kind, key_of(key), encode_json({'id': key, 'value': sanitized(document)})),
        )

    async def remove(self, key: str) -> None:
        """Remove a document; that there is none is no error."""
        await self._database.execute(
            'delete from value where owner = %s and kind = %s and key = %s',
            *(self._owner, self.kind, key_of(key)),
        )


class PostgresPreferences:
    """Reads and writes preferences."""

    def __init__(self, database: Database, owner: str) -> None:
        self._table = ValueTable(database, owner, 'preferences')

    async def read(self) -> Preferences:
        """Return the stored preferences; the default for what is missing or makes no sense."""
        return readable_preferences((await self._table.read()).get(ONLY_ID, {}))

    async def write(self, preferences: Preferences) -> None:
        """Store them.

        Raises:
            StorageUnavailable: If that failed; what was stored before is still there.
        """
        await self._table.put(ONLY_ID, _PREFERENCES.dump_python(preferences, mode='json'))


class PostgresValues(Generic[T]):
    """Values of one kind; it is a `KeptValues`."""

    trouble = ''

    def __init__(
        self, database: Database, owner: str, kind: str, adapter: TypeAdapter[T], *, key: Callable[[T], str]
    ) -> None:
        self._table = ValueTable(database, owner, kind)
        self._adapter = adapter
        self._key = key

    async def read(self) -> list[T]:
        """Return all values, the one added first first, without those that make no sense."""
        found: list[T] = []
        for key, document in (await self._table.read()).items():
            try:
                found.append(self._adapter.validate_python(document))
            except ValidationError:
                log.warning('%s among the stored %s is invalid and is ignored', key, self._table.kind)
        return found

    async def put(self, value: T) -> None:
        """Store a value, in the place of the one with its key."""
        await self._table.put(self._key(value), self._adapter.dump_python(value, mode='json'))

    async def remove(self, value: T) -> None:
        """Forget the value with this key."""
        await self._table.remove(self._key(value))


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


class PostgresDrafts:
    """All prompts that one person is writing, by the conversation they are for; for the event loop only."""

    def __init__(self, database: Database, owner: str) -> None:
        self.changed = ChangeSignal()
        self._database = database
        self._owner = owner
        self._drafts: dict[str, Draft] = {}
        """By their places."""
        self._put_count = 0
        self._pending = 0
        """How many drafts are on their way into the database."""

    async def load(self) -> None:
        """Read what was being written, by whichever node; what is being stored here is newer."""
        seen = -1
        while seen != self._put_count:
            seen = self._put_count
            rows = await self._database.read(
                'select place, document from draft where owner = %s', self._owner
            )
            if self._pending:
                return  # it is told of once it is stored
            if seen == self._put_count:
                self._take(rows)

    def _take(self, rows: Iterable[Sequence[str]]) -> None:
        found: dict[str, Draft] = {}
        for place, text in rows:
            try:
                found[place] = _DRAFT.validate_python(parsed(text))
            except ValidationError:
                log.warning('The draft of %s cannot be read', place)
        if found != self._drafts:
            self._drafts = found
            self.changed.notify()

    def get(self, conversation_id: str) -> Draft:
        """Return the draft of a conversation; `NEW_CONVERSATION` names that of the next one."""
        return self.at(_place(conversation_id))

    def at(self, place: str) -> Draft:
        """Return a draft by its place: as the file is called that it would have."""
        return self._drafts.get(place, EMPTY_DRAFT)

    async def put(self, conversation_id: str, draft: Draft) -> None:
        """Store this draft of a conversation.

        Raises:
            StorageUnavailable: If it cannot be stored. It is there until Parlour ends.
        """
        await self.put_at(_place(conversation_id), draft)

    async def put_at(self, place: str, draft: Draft) -> None:
        """Store a draft by its place, as `put` does."""
        if draft == self.at(place):
            return
        self._drafts = {**self._drafts, place: draft}
        if draft == EMPTY_DRAFT:
            self._drafts.pop(place)
        self._put_count += 1
        self._pending += 1
        self.changed.notify()
        try:
            await self._database.write(lambda connection, _: self._store(connection, place, draft))
        finally:
            self._pending -= 1

    async def _store(self, connection: Connection, place: str, draft: Draft) -> None:
        names = [attachment.blob for attachment in draft.attachments]
        at = {'owner': self._owner, 'place': place, 'names': names}
        await connection.execute(
            'insert into blob_use (sha256, owner, draft) '
            'select distinct sha256, owner, %(place)s from blob_use '
            'where owner = %(owner)s and sha256 = any(%(names)s) on conflict do nothing',
            at,
        )
        await connection.execute(  # what it names no more, nor does a chat, stays for a day as any upload
            'insert into blob_use (sha256, owner) select sha256, owner from blob_use d '
            'where owner = %(owner)s and draft = %(place)s and sha256 <> all(%(names)s) and not exists '
            '(select from blob_use u where u.owner = d.owner and u.sha256 = d.sha256 '
            'and u.conversation is not null) on conflict do nothing',
            at,
        )
        await connection.execute(
            'delete from blob_use where owner = %(owner)s and draft = %(place)s and sha256 <> all(%(names)s)',
            at,
        )
        if draft == EMPTY_DRAFT:
            await connection.execute('delete from draft where owner = %(owner)s and place = %(place)s', at)
        else:
            document = encode_json(sanitized(_DRAFT.dump_python(draft, mode='json')))
            await connection.execute(
                'insert into draft (owner, place, document) values (%(owner)s, %(place)s, %(document)s) '
                'on conflict (owner, place) do update set document = excluded.document',
                {**at, 'document': document},
            )


def _place(conversation_id: str) -> str:
    return conversation_id if conversation_id == NEW_CONVERSATION else key_of(conversation_id)
