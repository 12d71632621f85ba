"""The bytes of attachments and generated files in the database, each for those who have it only."""

import asyncio
import logging
from collections.abc import AsyncIterator, Iterable, Sequence
from typing import LiteralString

from pydantic_ai import BinaryContent

from chat.conversation.content.attachments import (
    Attachment,
    attached_file,
    checked_content,
    media_type_of,
    safe_name,
)
from chat.conversation.content.message_files import described
from chat.conversation.storage import StoredFile
from chat.errors import StorageUnavailable
from chat.store.conversations.blobs import MEDIA_TYPE_BYTES, blob_name, is_blob_name
from chat.store.postgres.database import Connection, Database

log = logging.getLogger(__name__)

PIECE_BYTES = 262_144
"""Bytes of a file that are read at once."""

UPLOAD_LIFETIME = '1 day'
"""How long a file stays that was uploaded and that nothing names."""

IS_UPLOAD: LiteralString = 'conversation is null and draft is null'

IS_OWN: LiteralString = 'exists (select from blob_use u where u.sha256 = b.sha256 and u.owner = %s)'
"""Whether a person has the blob `b`: what others have is given to nobody."""

OWN_BLOBS: LiteralString = f'select sha256, content from blob b where sha256 = any(%s) and {IS_OWN}'
"""The bytes of those of some blobs that a person has."""


class PostgresBlobs:
    """The files of one person: `AttachmentStorage`, and what conversations need of it."""

    def __init__(self, database: Database, owner: str) -> None:
        self._database = database
        self._owner = owner

    async def save(self, name: str, content: bytes, *, for_prompt: bool = True) -> Attachment:
        """Store a file, for a day if neither a conversation nor a draft names it."""
        name, media_type = safe_name(name), await asyncio.to_thread(media_type_of, content) or ''
        if for_prompt:
            content, media_type = await asyncio.to_thread(checked_content, name, content)
        blob = await asyncio.to_thread(blob_name, content)
        await self.put({blob: content})
        return Attachment(blob=blob, name=name, media_type=media_type, size=len(content))

    async def store_file(self, name: str, content: BinaryContent) -> Attachment:
        """Store a file of any kind that a tool or a model has made."""
        described_file = await asyncio.to_thread(described, name, content)
        await self.put({described_file.blob: content.data})
        return described_file

    async def put(self, contents: dict[str, bytes]) -> None:
        """Store bytes by their names, as if this person had uploaded them now."""

        async def work(connection: Connection, _: bool) -> None:
            await insert_blobs(connection, contents)
            await connection.execute(
                'insert into blob_use (sha256, owner) select unnest(%s::text[]), %s on conflict '
                "(sha256, owner, coalesce(conversation, 0), coalesce(draft, '')) "
                'do update set used_at = clock_timestamp()',
                [list(contents), self._owner],
            )

        await self._database.write(work)

    async def read(self, attachments: Iterable[Attachment]) -> dict[Attachment, BinaryContent]:
        wanted = list(attachments)
        found = await self.contents(said.blob for said in wanted) if wanted else {}
        return dict(
            [await asyncio.to_thread(attached_file, said, found.get(said.blob, b'')) for said in wanted]
        )

    async def get(self, blob: str) -> StoredFile | None:
        if not is_blob_name(blob):
            return None
        found = await self._database.read(
            'select octet_length(content), substr(content, 1, %s) from blob b '
            f'where sha256 = %s and {IS_OWN}',
            *(MEDIA_TYPE_BYTES, blob, self._owner),
        )
        for size, beginning in found:
            media_type = media_type_of(beginning, is_whole=size <= MEDIA_TYPE_BYTES)
            return StoredFile(media_type=media_type, size=size, content=self._pieces(blob, size))
        return None

    async def discard(self, blobs: Iterable[str]) -> None:
        names = sorted(filter(is_blob_name, blobs))
        if names:
            await self._database.execute(
                f'delete from blob_use where owner = %s and sha256 = any(%s) and {IS_UPLOAD}',
                *(self._owner, names),
            )
        await self.collect(names)

    async def contents(self, names: Iterable[str]) -> dict[str, bytes]:
        """Return the bytes of those of these blobs that this person has."""
        wanted = sorted(set(filter(is_blob_name, names)))
        if not wanted:
            return {}
        rows = await self._database.read(OWN_BLOBS, wanted, self._owner)
        return {name: bytes(content) for name, content in rows}

    async def _pieces(self, blob: str, size: int) -> AsyncIterator[bytes]:
        for start in range(0, size, PIECE_BYTES):
            query = 'select substr(content, %s, %s) from blob where sha256 = %s'
            for (piece,) in await self._database.read(query, start + 1, PIECE_BYTES, blob):
                yield bytes(piece)

    async def named_by(self, key: int | None, name: str) -> list[str]:
        """Return the blobs that a conversation with this key, or its draft, names."""
        rows = await self._database.read(
            'select sha256 from blob_use where conversation = %s or (owner = %s and draft = %s)',
            *(key, self._owner, name),
        )
        return [name for (name,) in rows]

    async def collect(self, names: Sequence[str]) -> None:
        """Erase those of these blobs that nobody has any more, now or with the next cleanup."""
        if names:
            try:
                await self._database.execute(f'{COLLECT} and b.sha256 = any(%s)', list(names))
            except StorageUnavailable:
                log.warning('The attachments of a deleted conversation could not be removed yet')


COLLECT: LiteralString = (
    'delete from blob b where not exists (select from blob_use u where u.sha256 = b.sha256)'
)
"""What erases the blobs that nobody has. A use that is added meanwhile has it fail, and it is tried again."""


async def insert_blobs(connection: Connection, contents: dict[str, bytes]) -> None:
    """Store bytes by their names; the same transaction has to say who has them."""
    if contents:
        async with connection.cursor() as cursor:
            await cursor.executemany(
                'insert into blob (sha256, content) values (%s, %b) on conflict do nothing',
                list(contents.items()),
            )


async def name_blobs(
    connection: Connection, owner: str, conversation: int, names: Sequence[str], new: Iterable[str] = ()
) -> None:
    """Note that a conversation names blobs: the new ones, and of the others those that its owner has."""
    if not names:
        return
    await connection.execute(
        'insert into blob_use (sha256, owner, conversation) select sha256, %s, %s from blob b '
        f'where sha256 = any(%s) and (sha256 = any(%s) or {IS_OWN}) '
        'on conflict do nothing',
        [owner, conversation, list(names), list(new), owner],
    )
    await connection.execute(
        f'delete from blob_use where owner = %s and sha256 = any(%s) and {IS_UPLOAD}', [owner, list(names)]
    )


async def forget_blobs(connection: Connection, conversation: int) -> list[str]:
    """Have a conversation name only what its entries and metadata do; return what it does not any more."""
    cursor = await connection.execute(
        'delete from blob_use where conversation = %(key)s and sha256 not in ('
        'select unnest(blobs) from conversation where key = %(key)s '
        'union select unnest(blobs) from entry where conversation = %(key)s) returning sha256',
        {'key': conversation},
    )
    return [name for (name,) in await cursor.fetchall()]
