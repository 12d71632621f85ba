"""What a person keeps to begin with: assistants, and prompts that are used again and again."""

from collections.abc import Awaitable, Sequence
from dataclasses import dataclass, field, replace
from typing import Annotated, Generic, Literal, Protocol, TypeAlias, TypeVar
from uuid import uuid4

from pydantic import StringConstraints, TypeAdapter, ValidationError

from chat.change_signal import ChangeSignal
from chat.conversation.content.metadata import ConversationMetadata
from chat.conversation.content.model_parameters import ModelParameters
from chat.errors import LibraryRefused
from chat.value_storage import ValueStorage

Picture: TypeAlias = Annotated[
    str,
    StringConstraints(
        strict=True, max_length=100_000, pattern=r'\A(data:image/(png|jpeg|webp);base64,[A-Za-z0-9+/=]+)?\z'
    ),
]
"""A `data:` URL of an image, or ''. A page makes pictures 128 pixels wide and high."""


def new_id() -> str:
    """Return an id that nothing has yet."""
    return uuid4().hex


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedPrompt:
    """A text that is put into the box by its name; `{{what}}` in it is a blank to fill."""

    id: str = field(default_factory=new_id)
    name: str = ''
    text: str = ''


@dataclass(frozen=True, slots=True, kw_only=True)
class Assistant(ModelParameters):
    """With what a chat begins: it is copied into that chat, which it does not change later."""

    id: str = field(default_factory=new_id)
    name: str = ''
    letter: str = ''
    """A letter or a symbol that stands for it; '' for the first one of its name."""
    picture: Picture = ''
    """What stands for it instead."""
    instructions: str = ''
    model: str | None = None
    """The name of the `ModelChoice`, or `None` for that of any new chat."""
    tools: tuple[str, ...] = ()
    """The names of the built-in tools that are switched on; a folder is chosen in a chat alone."""
    suggestions: tuple[str, ...] = ()
    """What it is likely to be asked, to begin with."""

    @property
    def sign(self) -> str:
        """The letter or symbol that stands for it."""
        return self.letter or self.name[:1].upper() or '?'

    def with_tool(self, name: str, *, is_on: bool) -> 'Assistant':
        """Return it with a built-in tool, or without."""
        others = (known for known in self.tools if known != name)
        return replace(self, tools=(*others, name) if is_on else (*others,))

    def begin(self, metadata: ConversationMetadata) -> ConversationMetadata:
        """Return the metadata of a chat that has not begun, with this assistant in the place of another."""
        return replace(
            metadata.with_parameters(self),
            assistant=self.id,
            instructions=self.instructions,
            model=self.model or metadata.model,
            tools={name: {} for name in self.tools},
        )


NO_ASSISTANT = Assistant(id='')
"""With which a chat begins as if there were none."""


class LibraryEntry(Protocol):
    """What has an id of its own, and a name for people."""

    @property
    def id(self) -> str: ...

    @property
    def name(self) -> str: ...


Entry = TypeVar('Entry', bound=LibraryEntry)


class EntryCollection(Generic[Entry]):
    """The entries of one kind: all read `entries` and wait for `changed`, `put` and `remove` alone store."""

    def __init__(self, entries: Sequence[Entry] = (), storage: ValueStorage[Entry] | None = None) -> None:
        """Without a storage, what is put is forgotten with the process."""
        self.changed = ChangeSignal()
        self._entries = {entry.id: entry for entry in entries}
        self._storage = storage
        self._storing = 0

    @property
    def entries(self) -> list[Entry]:
        """All of them, the one added first first."""
        return [*self._entries.values()]

    @property
    def trouble(self) -> str:
        """Why those that are stored could not be read, as a sentence; '' if they could."""
        return self._storage.trouble if self._storage else ''

    def get(self, entry_id: str) -> Entry | None:
        """Return the entry with this id, if there is one."""
        return self._entries.get(entry_id)

    def take_stored(self, entries: Sequence[Entry]) -> None:
        """Have what another process has stored, unless something newer is being stored here."""
        if not self._storing and [*entries] != self.entries:
            self._entries = {entry.id: entry for entry in entries}
            self.changed.notify()

    async def put(self, entry: Entry) -> None:
        """Have an entry for everyone at once, in the place of the one with its id, then store it.

        Raises:
            OSError: If it could not be stored. Then it is there until Parlour ends, or others are taken.
        """
        if self._entries.get(entry.id) == entry:
            return
        self._entries[entry.id] = entry
        self.changed.notify()
        if self._storage:
            await self._store(self._storage.put(entry))

    async def remove(self, entry: Entry) -> None:
        """Have it no more.

        Raises:
            OSError: If it is still stored.
        """
        if self._entries.pop(entry.id, None):
            self.changed.notify()
        if self._storage:
            await self._store(self._storage.remove(entry))

    async def _store(self, work: Awaitable[None]) -> None:
        self._storing += 1
        try:
            await work
        finally:
            self._storing -= 1


@dataclass(frozen=True, slots=True, kw_only=True)
class LibraryFile:
    """What a file of assistants and prompts holds, as people give it to each other."""

    format: Literal['parlour-library']
    version: Literal[1]
    assistants: tuple[Assistant, ...] = ()
    prompts: tuple[SavedPrompt, ...] = ()


_FILES = TypeAdapter(LibraryFile)


@dataclass(frozen=True, slots=True)
class Library:
    """Assistants and saved prompts."""

    assistants: EntryCollection[Assistant]
    prompts: EntryCollection[SavedPrompt]

    def dump(self) -> str:
        """Return all of it as JSON that `load` reads. It has no keys and no words of chats."""
        file = LibraryFile(
            format='parlour-library',
            version=1,
            assistants=(*self.assistants.entries,),
            prompts=(*self.prompts.entries,),
        )
        return _FILES.dump_json(file, indent=2).decode()

    async def load(self, text: str) -> int:
        """Take over what such a file holds; what has the id of something here takes its place.

        Returns:
            How many entries were new or other than they had been.

        Raises:
            LibraryRefused: If it is no such file. Then nothing is taken over.
            OSError: If something could not be stored.
        """
        try:
            file = _FILES.validate_json(text)
        except ValidationError as error:
            raise LibraryRefused from error
        return sum(
            [
                *[await _take(self.assistants, each) for each in file.assistants if each.id],
                *[await _take(self.prompts, each) for each in file.prompts if each.id],
            ]
        )


async def open_library(assistants: ValueStorage[Assistant], prompts: ValueStorage[SavedPrompt]) -> Library:
    """Read what is stored."""
    return Library(
        EntryCollection(await assistants.read(), assistants),
        EntryCollection(await prompts.read(), prompts),
    )


async def _take(collection: EntryCollection[Entry], entry: Entry) -> bool:
    is_new = collection.get(entry.id) != entry
    await collection.put(entry)
    return is_new
