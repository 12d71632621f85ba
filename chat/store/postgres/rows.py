"""What stands in the rows: documents as FORMAT.md describes them, and what is looked for in them."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from zlib import crc32

from pydantic import TypeAdapter

from chat.conversation.storage import ConversationSummary
from chat.conversation.whole_conversation import blobs_in_tables
from chat.store.conversations.blobs import MAX_INLINE_BYTES, blob_name, externalized, inlined, is_blob_name
from chat.store.conversations.conversation_file import history_from
from chat.store.conversations.document_repair import storable_entry
from chat.store.conversations.format import file_name
from chat.store.search.message_texts import text_of_entry
from chat.store.tinydb_storage.tables import Json, encode_json, parsed
from chat.text_normalization import normalized

FIRST_IDEOGRAPH = '\u2e80'
"""From here on two characters are a word: so these have an entry in the index, too."""

_SUMMARY = TypeAdapter(ConversationSummary)


def key_of(text: str) -> str:
    """Return what stands for an id: itself if it is a UUID, else `x` and its SHA-256.

    So any text is an id, also one with U+0000, and one that is too long for an index.
    """
    return file_name(text).removesuffix('.json')


@dataclass(frozen=True, slots=True)
class EntryRow:
    """An entry as it is to be stored."""

    key: str
    parent: str | None
    document: str
    blobs: list[str]
    words: str
    grams: list[int]

    @property
    def values(self) -> tuple[object, ...]:
        """What stands in its columns, without that of the conversation."""
        return self.key, self.parent, self.document, self.blobs, self.words, self.grams


def entry_row(entry_id: str, entry: Json) -> EntryRow:
    """Return the row of an entry, mended so that it can be read again, and without binary content."""
    words = words_of(text_of_entry(entry))
    parent_id = entry['parent_id']
    return EntryRow(
        key=key_of(entry_id),
        parent=None if parent_id is None else key_of(parent_id),
        document=encode_json({'id': entry_id, **entry}),
        blobs=blobs_of([entry]),
        words=words,
        grams=grams_of(words),
    )


def entry_rows(entries: Mapping[str, Json], contents: 'BlobBytes') -> list[EntryRow]:
    """Return the rows of entries; their long binary content is in `contents` then. For a thread."""
    return [
        entry_row(entry_id, storable_entry(entry_id, contents.externalize(entry)))
        for entry_id, entry in entries.items()
    ]


def documents_of(rows: Iterable[Sequence[Any]]) -> dict[str, Json]:
    """Return entries by id, of rows that begin with their documents as text. For a thread."""
    documents: dict[str, Json] = {}
    for row in rows:
        document = parsed(row[0])
        documents[document.pop('id')] = document
    return documents


def last_entries(rows: Sequence[Any], head_id: str, limit: int | None) -> list[tuple[str, Json]]:
    """Return the last entries up to this one, oldest first. For a thread.

    Raises:
        LookupError: If one of them is missing.
    """
    history = list(history_from(documents_of(rows), head_id))[::-1]
    return history[-limit:] if limit else history


def blobs_of(documents: Iterable[Json]) -> list[str]:
    """Return the names of all blobs in these documents."""
    named = blobs_in_tables({'entries': {str(number): each for number, each in enumerate(documents)}})
    return sorted(filter(is_blob_name, named))


def dump_summary(summary: ConversationSummary) -> str:
    """Return a summary as JSON."""
    return json.dumps(_SUMMARY.dump_python(summary, mode='json'))


def load_summary(text: str) -> ConversationSummary:
    """Return the summary in a row."""
    return _SUMMARY.validate_json(text)


def words_of(text: str) -> str:
    """Return a text as it is searched: normalized, on one line, without what no column can hold."""
    line = ' '.join(normalized(text).split()).replace('\0', '')
    return line.encode(errors='ignore').decode()


def grams_of(words: str) -> list[int]:
    """Return numbers that stand for all that three characters of a word can be; of ideographs also for two.

    Two grams may have one number: what is found by them has to be looked at.
    """
    grams = {gram for word in set(words.split(' ')) for gram in _grams_in(word)}
    return sorted({crc32(gram.encode()) - 2**31 for gram in grams})


def _grams_in(word: str) -> Iterator[str]:
    for start in range(len(word) - 1):
        if min(word[start : start + 2]) >= FIRST_IDEOGRAPH:
            yield word[start : start + 2]
        if start + 3 <= len(word):
            yield word[start : start + 3]


@dataclass(slots=True)
class BlobBytes:
    """Bytes of blobs that are on their way into the database, or out of it."""

    contents: dict[str, bytes] = field(default_factory=dict[str, bytes])
    """By name."""

    def externalize(self, node: Any) -> Any:
        """Replace long binary content in a JSON value by the names of blobs, whose bytes are here then."""
        return externalized(node, self._put)

    def inline(self, node: Any) -> Any:
        """Replace the names of blobs in a JSON value by their bytes; one that is not here has none."""
        return inlined(node, self._read)

    def _put(self, content: bytes) -> str | None:
        if len(content) <= MAX_INLINE_BYTES:
            return None
        name = blob_name(content)
        self.contents[name] = content
        return name

    def _read(self, name: str) -> bytes:
        return self.contents.get(name, b'')
