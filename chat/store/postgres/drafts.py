"""The prompts that one person is writing, at whichever node."""

import logging
from collections.abc import Iterable, Sequence

from pydantic import TypeAdapter, ValidationError

from chat.change_signal import ChangeSignal
from chat.conversation.storage import EMPTY_DRAFT, NEW_CONVERSATION, Draft
from chat.store.postgres.database import Connection, Database
from chat.store.postgres.rows import key_of
from chat.store.tinydb_storage.tables import encode_json, parsed, sanitized

log = logging.getLogger(__name__)

_DRAFT = TypeAdapter(Draft)


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
        self._unstored = set[str]()
        """The places of those that are not stored as they are here, or may not be."""

    async def load(self) -> None:
        """Read what was being written, by whichever node; what is being stored here is newer.

        So is what could not be stored, which is tried again.

        Raises:
            StorageUnavailable: If the database is away for too long.
        """
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
        for place in [*self._unstored]:
            await self._put(place, self.at(place))

    def _take(self, rows: Iterable[Sequence[str]]) -> None:
        found: dict[str, Draft] = {}
        for place, text in rows:
            try:
                found[place] = _DRAFT.validate_python(parsed(text))
            except ValidationError:
                log.warning('The draft of %s cannot be read', place)
        for place in self._unstored:
            found[place] = self.at(place)
        self._replace({place: draft for place, draft in found.items() if draft != EMPTY_DRAFT})

    def _replace(self, drafts: dict[str, Draft]) -> None:
        if drafts != self._drafts:
            self._drafts = drafts
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
        if draft == self.at(place) and place not in self._unstored:
            return
        drafts = {**self._drafts, place: draft}
        if draft == EMPTY_DRAFT:
            drafts.pop(place)
        self._replace(drafts)
        await self._put(place, draft)

    async def _put(self, place: str, draft: Draft) -> None:
        self._put_count += 1
        self._pending += 1
        self._unstored.add(place)
        try:
            await self._database.write(lambda connection, _: self._store(connection, place, draft))
        finally:
            self._pending -= 1
        if draft == self.at(place):
            self._unstored.discard(place)

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
