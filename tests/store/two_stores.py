"""The store in memory and the store on disk, side by side: every step is taken in both, with one outcome."""

import asyncio
import shutil
import tempfile
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any, TypeVar

from hypothesis import strategies as some
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
)
from pydantic_ai import (
    Conversation,
)
from pydantic_ai.conversation_store import ConversationStore, InMemoryConversationStore
from pydantic_ai.exceptions import UserError

from chat.store.data_folder import DataFolder, open_store

T = TypeVar('T')


class Stores(RuleBasedStateMachine):
    """What the steps of a test are made of."""

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.folder = Path(tempfile.mkdtemp())
        self.memory = InMemoryConversationStore()
        self.loaded: dict[str, tuple[Conversation, Conversation]] = {}
        """As they were saved or loaded last: in memory, on disk."""

    @initialize(
        below=some.sampled_from([float('inf'), 0, 3000, 262_144]), files=some.sampled_from([32, 1, 2])
    )
    def open(self, below: float, files: int) -> None:
        self.below = below
        self.files = files
        self.disk = self.open_folder(self.folder)

    def teardown(self) -> None:
        self.wait(self.disk.close())
        self.loop.close()
        shutil.rmtree(self.folder)

    def open_folder(self, folder: Path) -> DataFolder:
        return self.wait(open_store(folder, rewrite_below=self.below, open_files=self.files))

    def wait(self, work: Coroutine[Any, Any, T]) -> T:
        return self.loop.run_until_complete(work)

    def results(self, work: Callable[[ConversationStore, int], Coroutine[Any, Any, T]]) -> list[T | type]:
        """What both say; the kind of an error if it is one that either may raise, the same for both."""
        memory, disk = (self.result(work(store, at)) for at, store in enumerate(self.stores))
        assert isinstance(memory, type) == isinstance(disk, type)
        assert memory == disk or not isinstance(memory, type)
        return [memory, disk]

    def result(self, work: Coroutine[Any, Any, T]) -> T | type:
        try:
            return self.wait(work)
        except UserError as error:
            return type(error)

    @property
    def stores(self) -> list[ConversationStore]:
        return [self.memory, self.disk.conversations]

    def both(self, work: Callable[[ConversationStore, int], Coroutine[Any, Any, object]]) -> bool:
        """Whether both have done it."""
        return not any(isinstance(result, type) for result in self.results(work))

    def where(self, key: str, data: some.DataObject, from_entry: bool) -> list[dict[str, Any]]:
        """A place in a stored history, in the words of each store."""
        histories = [self.wait(store.load_entries(key)) or [] for store in self.stores]
        at = data.draw(some.integers(0, len(histories[0])))
        if from_entry and at:
            return [{'from_entry': history[at - 1].id} for history in histories]
        return [{'at': at}, {'at': at}]

    def keep(self, key: str, memory: Conversation | type, disk: Conversation | type) -> None:
        assert messages_of(memory) == messages_of(disk)
        if isinstance(memory, Conversation) and isinstance(disk, Conversation):
            self.loaded[key] = (memory, disk)


def copy(conversation: Conversation) -> Conversation:
    """Another object that says what this one says now, as if it had been loaded before."""
    return Conversation(
        conversation_id=conversation.conversation_id,
        messages=list(conversation.messages),
        revision=conversation.revision,
    )


def messages_of(result: Conversation | type | None) -> object:
    return result.messages if isinstance(result, Conversation) else result
