"""A conversation as a whole, as `store/FORMAT.md` describes it: what an export takes out, an import in."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeAlias, TypeGuard

from pydantic_ai import ModelMessage

from chat.conversation.content.attachments import Attachment
from chat.conversation.content.metadata import ConversationMetadata
from chat.conversation.storage import StoredFile

Json: TypeAlias = dict[str, Any]
"""A JSON object of any shape."""

Tables: TypeAlias = Mapping[str, Mapping[str, Json]]
"""The tables of a conversation, by name: their documents by id."""

ONLY_ID = '1'
"""The id of the document in a table that has only one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WholeConversation:
    """All that is stored of a conversation; an unfinished answer is in it as far as it has come."""

    tables: Tables
    """`record`, `entries` and, if there is some, `meta`; a long file in them is named by its `blob`."""
    metadata: ConversationMetadata
    path: Sequence[str]
    """The ids of the entries that are shown, the first one first."""
    messages: Sequence[ModelMessage]
    """Those of the path; unless asked for, a file that is a blob has no bytes here."""

    @property
    def id(self) -> str:
        """The id of the conversation."""
        return str(self.record['conversation_id'])

    @property
    def record(self) -> Json:
        """The record of pydantic-ai, as JSON."""
        return self.tables['record'][ONLY_ID]

    @property
    def meta(self) -> Json:
        """The metadata as JSON, with what another program has added to it; empty if there is none."""
        return self.tables.get('meta', {}).get(ONLY_ID, {})

    @property
    def entries(self) -> Mapping[str, Json]:
        """All entries by id, those of other branches among them."""
        return self.tables['entries']


class WholeConversationReader(Protocol):
    """What an export reads from: the storage, or a data folder that another process may be using."""

    async def read(self, conversation_id: str, *, with_files: bool = False) -> WholeConversation:
        """Return all that is stored of a conversation, `with_files` with the bytes of its messages.

        Raises:
            ConversationNotFound: If there is none with this id.
            ChatError: If it cannot be read.
        """
        ...

    async def file(self, blob: str) -> StoredFile | None:
        """Return the bytes of a file with this SHA-256; `None` if there is none."""
        ...


class WholeConversations(WholeConversationReader, Protocol):
    """Reads and stores conversations as a whole, and remembers what was imported. For the event loop only."""

    async def put(self, tables: Tables, *, expected_revision: str | None) -> None:
        """Store a record, entries and metadata, all or nothing; entries that are there already stay.

        Blobs that the entries name were stored before; others are not looked for.

        Args:
            tables: As in `WholeConversation`; `meta` may be missing.
            expected_revision: The one that is stored; `None` if the conversation is new.

        Raises:
            ConversationConflict: If another revision is stored.
            ChatError: If this is no conversation.
            OSError: If that failed. Then it is as before.
        """
        ...

    async def remove(self, revisions: Mapping[str, str], *, to_trash: bool) -> set[str]:
        """Remove conversations that nobody has changed since; return the others that are there.

        Args:
            revisions: What is to be removed, by id; one that is not there any more is no matter.
            to_trash: Whether they can be restored, else they are erased with the files that only they have.

        Raises:
            OSError: If that failed; some may be gone.
        """
        ...

    async def revert(self, conversation_id: str, record: Json, revision: str, *, meta: Json) -> bool:
        """Put the record of before in the place of this revision, and erase the entries that are not in it.

        Returns whether it was there, unchanged since.

        Args:
            conversation_id: The conversation.
            record: The one of before.
            revision: The one that is taken back.
            meta: What is put back of its metadata, as of `fields_before`.

        Raises:
            OSError: If that failed. Then it is as before.
        """
        ...

    async def imports(self) -> Mapping[str, Json]:
        """Return what is known of each import, by its id."""
        ...

    async def put_import(self, import_id: str, document: Json) -> None:
        """Store what is to be known of an import.

        Raises:
            OSError: If that failed.
        """
        ...


def fields_before(before: Json, after: Json) -> Json:
    """Return what was there of the fields of metadata that change, for `with_fields`.

    Of each field, an object, the members that change, as they were; `None` is for one that was missing.
    """
    return {
        name: {key: old.get(key) for key, value in new.items() if old.get(key) != value}
        for name, new, old in ((name, new, _members(before.get(name))) for name, new in after.items())
    }


def with_fields(meta: Json, fields: Json) -> Json:
    """Return metadata with these members of its fields as they were; what else was changed since stays."""
    back = dict(meta)
    for name, members in fields.items():
        field = {**_members(meta.get(name)), **members}
        back[name] = {key: value for key, value in field.items() if key not in members or value is not None}
    return back


def _members(field: object) -> Json:
    """Return the field of a file that may be odd."""
    return field if is_object(field) else {}


def blobs_in_tables(tables: Tables) -> set[str]:
    """Return the SHA-256 of every file that a conversation names, on whichever branch."""
    return set(_blobs_in([*tables['entries'].values(), *tables.get('meta', {}).values()]))


def attachments_in(tables: Tables) -> dict[str, Attachment]:
    """Return what messages say of their files, by SHA-256."""
    said: dict[str, Attachment] = {}
    for value in _objects_in(list(tables['entries'].values())):
        if isinstance(blob := value.get('blob'), str) and isinstance(name := value.get('name'), str):
            media_type = str(value.get('media_type', ''))
            said[blob] = Attachment(blob=blob, name=name, media_type=media_type, size=0)
    return said


def _blobs_in(node: object) -> Iterator[str]:
    return (blob for value in _objects_in(node) if isinstance(blob := value.get('blob'), str))


def _objects_in(node: object) -> Iterator[Json]:
    pending = [node]
    while pending:
        value = pending.pop()
        if is_list(value):
            pending += value
        elif is_object(value):
            pending += value.values()
            yield value


def is_object(value: object) -> TypeGuard[Json]:
    """Return whether a JSON value is an object."""
    return isinstance(value, dict)


def is_list(value: object) -> TypeGuard[list[Any]]:
    """Return whether a JSON value is a list."""
    return isinstance(value, list)
