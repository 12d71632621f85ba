"""Chats of other programs as they will be stored: ids, one tree, and JSON in the place of messages."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from hashlib import sha256
from typing import BinaryIO
from uuid import UUID, uuid5

from pydantic_ai import ModelMessage, ModelRequest, ModelResponse

from chat.conversation.content.messages import begins_turn, prompt_preview
from chat.conversation.content.metadata import clean_title, first_words
from chat.conversation.whole_conversation import ONLY_ID, Json, Tables
from chat.exchange.imported import ImportedChat, ImportedFile, ImportedMessage
from chat.exchange.message_json import dump_message, missing_note, said_in, with_replaced_files
from chat.exchange.namesakes import Namesakes

NAMESPACE = UUID('5d4a0b1e-6b1c-4f0b-9a3e-0c9d1f6f7a11')
"""Of the ids of imported chats; another one would import all of them once more."""

EPOCH = datetime(1970, 1, 2, tzinfo=UTC)
LAST_YEAR = 2200
"""Times before and after are mistakes of a program, and count as unknown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PreparedFile:
    """A file that a chat names, in whose place stand no bytes yet."""

    name: str
    open: Callable[[], BinaryIO]


@dataclass(frozen=True, slots=True, kw_only=True)
class PreparedChat:
    """A chat as it will be stored, but for the bytes of its files."""

    format: str
    """What a person calls it."""
    tables: Tables
    files: Mapping[str, PreparedFile]
    """By their keys: the SHA-256 for our own format, else what stands as `identifier` in the JSON."""
    is_own: bool = False
    """Whether the files are named by their SHA-256."""
    title: str
    folder_name: str = ''
    """Of the folder that it is in there; '' for none, and for chats of ours, which name their own."""
    missing_files: Sequence[str] = ()
    """The names of the files that the export does not have."""
    problems: Sequence[str] = ()

    @property
    def id(self) -> str:
        """The id of the conversation."""
        return str(self.record['conversation_id'])

    @property
    def record(self) -> Json:
        return self.tables['record'][ONLY_ID]

    @property
    def is_pinned(self) -> bool:
        return self.tables.get('meta', {}).get(ONLY_ID, {}).get('is_pinned') is True

    @property
    def updated_at(self) -> datetime:
        """When it was last changed, as the export says."""
        return known_time(datetime.fromisoformat(self.record['updated_at'])) or EPOCH


def known_time(time: datetime | None) -> datetime | None:
    """Return a time with a zone; `None` for one that nobody can have meant."""
    if time is None or not EPOCH.year <= time.year <= LAST_YEAR:
        return None
    time = time if time.tzinfo else time.replace(tzinfo=UTC)
    return time if time >= EPOCH else None


def prepared(chat: ImportedChat, format_name: str, namesakes: Namesakes | None = None) -> PreparedChat:
    """Return a chat of another program as it will be stored; `namesakes` knows the others of its import."""
    return _Preparation(chat, namesakes or Namesakes()).prepared(format_name)


@dataclass(eq=False)
class _Preparation:
    chat: ImportedChat
    namesakes: Namesakes
    messages: list[ImportedMessage] = field(init=False)
    """Each after the one before it."""
    parents: dict[str, str | None] = field(init=False)
    ids: dict[str, str] = field(init=False)
    """The ids of entries, by those of messages."""
    conversation_id: str = field(init=False)
    time: datetime = field(init=False)

    def __post_init__(self) -> None:
        by_id = {message.id: message for message in self.chat.messages}
        self.parents = sound_parents({each.id: each.parent_id for each in by_id.values()})
        self.messages = [by_id[each] for each in parents_first(self.parents)]
        times = [time for each in self.messages if (time := known_time(each.time))]
        begun = known_time(self.chat.created_at) or min(times, default=None)
        self.time = known_time(self.chat.updated_at) or max(times, default=None) or begun or EPOCH
        self.conversation_id = str(uuid5(NAMESPACE, f'{self.chat.source}\n{self._identity()}'))
        self.ids = self._entry_ids(begun or self.time)

    def prepared(self, format_name: str) -> PreparedChat:
        entries: dict[str, Json] = {}
        files: dict[str, PreparedFile] = {}
        endings: dict[str, Json] = {}
        for each in self.messages:
            entry_id = self.ids[each.id]
            message, ending = _with_ending(each, entry_id)
            endings |= ending
            document, named = _document(message, each.files, entry_id)
            files |= named
            parent = self.parents[each.id]
            entries[entry_id] = {'parent_id': parent and self.ids[parent], 'message': document}
        head, branches = self._ends()
        return PreparedChat(
            format=format_name,
            title=self._title(),
            folder_name=clean_title(self.chat.folder),
            tables={
                'record': {ONLY_ID: self._record(head, branches, entries)},
                'entries': entries,
                'meta': {ONLY_ID: self._meta(endings, head)},
            },
            files=files,
            missing_files=[
                file.name for each in self.messages for file in each.files.values() if not file.open
            ],
            problems=self.chat.problems,
        )

    def _identity(self) -> str:
        """Return what stays the same in a longer copy of this chat."""
        if self.chat.id:
            return self.chat.id
        first = self.messages[0] if self.messages else None
        time = known_time(first.time) if first else None
        if not first or not time:
            return self.namesakes.identity_of([_said(each) for each in self.messages])
        return sha256(f'{_said(first)}\n{time.isoformat()}'.encode('utf-8', 'replace')).hexdigest()

    def _entry_ids(self, begun: datetime) -> dict[str, str]:
        """Return ids that sort as the versions of one place were made, and are the same in every copy."""
        place: dict[str | None, int] = {}
        ids: dict[str, str] = {}
        for each in self.messages:
            parent = self.parents[each.id]
            number = place[parent] = place.get(parent, -1) + 1
            digest = sha256(f'{self.conversation_id}\n{each.id}'.encode('utf-8', 'replace')).digest()
            ids[each.id] = ordered_id(known_time(each.time) or begun, number, digest)
        return ids

    def _ends(self) -> tuple[str | None, list[str]]:
        """Return the end that is shown, and the others."""
        inner = set(self.parents.values())
        ends = [self.ids[each.id] for each in self.messages if each.id not in inner]
        shown = self.ids.get(self.chat.shown_id or '')
        if shown is None and ends:
            times = {self.ids[each.id]: known_time(each.time) or EPOCH for each in self.messages}
            shown = max(reversed(ends), key=lambda end: times[end])
        return shown, [end for end in ends if end != shown]

    def _title(self) -> str:
        requests = (each.message for each in self.messages if isinstance(each.message, ModelRequest))
        first = next((prompt_preview(each) for each in requests if begins_turn(each)), '')
        return clean_title(self.chat.title) or first_words(first)

    def _record(self, head: str | None, branches: list[str], entries: Mapping[str, Json]) -> Json:
        digest = json.dumps([head, branches, [*entries], self.time.isoformat()])
        return {
            'conversation_id': self.conversation_id,
            'head_id': head,
            'branches': branches,
            'revision': str(uuid5(NAMESPACE, f'{self.conversation_id}\n{digest}')),
            'updated_at': self.time.isoformat(),
        }

    def _meta(self, endings: Json, head: str | None) -> Json:
        chat, temperature = self.chat, self.chat.temperature
        return {
            'title': self._title(),
            'has_own_title': bool(clean_title(chat.title)),
            'is_pinned': chat.is_pinned,
            'is_archived': chat.is_archived,
            'instructions': chat.instructions.strip(),
            'temperature': temperature if temperature is not None and 0 <= temperature <= 2 else None,
            'endings': endings,
            'imported': {
                'source': chat.source,
                'id': chat.id,
                'messages': len(self.messages),
                'updated_at': self.time.isoformat(),
                'head_id': head,
                'model': chat.model,
                'folder': chat.folder,
            },
        }


def sound_parents(parents: Mapping[str, str | None]) -> dict[str, str | None]:
    """Return the parents without those that are missing, and with each circle cut where it closes."""
    sound: dict[str, str | None] = {}
    for start in parents:
        path: dict[str, None] = {}
        at: str | None = start
        while at is not None and at not in sound and at not in path:
            path[at] = None
            at = _known(parents[at], parents)
        sound |= {each: _known(parents[each], parents) for each in path}
        if at in path:
            sound[next(reversed(path))] = None
    return sound


def _known(parent: str | None, parents: Mapping[str, str | None]) -> str | None:
    return parent if parent in parents else None


def parents_first(parents: Mapping[str, str | None]) -> list[str]:
    """Return the ids in their order, but each after the one before it in the tree."""
    placed: dict[str, None] = {}
    for start in parents:
        path: list[str] = []
        at: str | None = start
        while at is not None and at not in placed:
            path.append(at)
            at = parents[at]
        placed |= dict.fromkeys(reversed(path))
    return list(placed)


def ordered_id(time: datetime, number: int, digest: bytes) -> str:
    """Return a UUID of version 7 for a message: by its time, then by its place among its siblings."""
    milliseconds = int(time.timestamp() * 1000) & (1 << 48) - 1
    value = milliseconds << 80 | 7 << 76 | min(number, 4095) << 64 | 2 << 62
    return str(UUID(int=value | int.from_bytes(digest[:8], 'big') >> 2))


def message_mark(entry_id: str) -> str:
    """Return what an `ordered_id` has of its message alone, whatever its time and its place are."""
    return entry_id[-len('dddd-dddddddddddd') :]


def _said(each: ImportedMessage) -> str:
    return said_in(dump_message(each.message))


def _with_ending(each: ImportedMessage, entry_id: str) -> tuple[ModelMessage, Json]:
    """Return a message, and how its answer ended if not by itself."""
    message = each.message
    if not isinstance(message, ModelResponse) or not (each.is_stopped or each.failure):
        return message, {}
    kind = 'failed' if each.failure else 'stopped'
    message = replace(message, run_id=message.run_id or entry_id, state='interrupted')
    return message, {message.run_id or entry_id: {'kind': kind, 'sentence': each.failure}}


def _document(
    message: ModelMessage, files: Mapping[str, ImportedFile], entry_id: str
) -> tuple[Json, dict[str, PreparedFile]]:
    """Return a message as JSON in which each file has a key of its own, and the files by these keys.

    One without bytes is a file that is lost, if somebody has attached it, else a line that says so.
    """
    is_prompt = isinstance(message, ModelRequest)
    keys = {name: f'{entry_id}/{number}' for number, name in enumerate(files)}
    found = {
        keys[name]: PreparedFile(name=file.name, open=file.open) for name, file in files.items() if file.open
    }

    def replaced(node: Json) -> Json | str:
        name = str(node.get('identifier'))
        if name not in files:
            return node
        if files[name].open:
            return {**node, 'identifier': keys[name]}
        return {**node, 'identifier': files[name].name} if is_prompt else missing_note(files[name].name)

    return with_replaced_files(dump_message(message), replaced), found
