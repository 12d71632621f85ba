"""Store until the process is killed: `python -m chat.store.selftest.workload FOLDER SEED BELOW`.

Each line of the output announces a step as JSON, or that it is done.
"""

import asyncio
import json
import random
import sys
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from pydantic_ai import Conversation

from chat.conversation.content.metadata import ConversationMetadata
from chat.store.data_folder import open_store
from chat.store.selftest.expected_state import DONE_LINE, Step, message_named, text_of
from chat.store.store import TinyDBConversationStore

CONVERSATION_COUNT = 10


class Workload:
    """A workload of random steps in ten conversations."""

    def __init__(self, store: TinyDBConversationStore, *, seed: int, report: Callable[[str], None]) -> None:
        self._store = store
        self._seed = seed
        self._chance = random.Random(seed)  # noqa: S311  # no secret
        self._report = report
        self._names = 0
        self._open: dict[str, Conversation] = {}
        self._trashed = set[str]()

    async def run_steps(self, steps: int) -> None:
        """Run this many steps."""
        for record in await self._store.list_conversations():
            await self._load(record.conversation_id)
        for _ in range(steps):
            await self.next()

    async def step(self, step: Step, work: Awaitable[Any]) -> None:
        """Announce a step, run it, and report it as done."""
        self._report(json.dumps(asdict(step)))
        await work
        self._report(DONE_LINE)

    async def next(self) -> None:
        """Run one random operation, which may take several steps."""
        conversation_id = f'{self._chance.randrange(CONVERSATION_COUNT):08x}-0000-4000-8000-000000000000'
        if conversation_id in self._trashed:
            await self._restore(conversation_id)
        elif conversation_id not in self._open:
            await self._begin(conversation_id)
        else:
            kinds = (self._turn, self._answer, self._rename, self._trash, self._delete)
            [kind] = self._chance.choices(kinds, weights=(6, 4, 2, 1, 1))
            await kind(conversation_id)

    async def _load(self, conversation_id: str) -> None:
        if conversation := await self._store.load(conversation_id):
            self._open[conversation_id] = conversation

    async def _begin(self, conversation_id: str) -> None:
        if self._open and self._chance.random() < 0.4:
            await self._fork(conversation_id, self._chance.choice(sorted(self._open)))
        else:
            await self._save('turn', conversation_id, self._name('q'), self._name('a'))

    async def _turn(self, conversation_id: str) -> None:
        await self._save('turn', conversation_id, self._name('q'), self._name('a'))

    async def _answer(self, conversation_id: str) -> None:
        """Store a question, some checkpoints of its answer, and sometimes the answer."""
        await self._save('ask', conversation_id, self._name('q'))
        name = self._name('a')
        length = len(name)
        for _ in range(self._chance.randrange(6)):
            length += self._chance.randrange(1, 300)
            part = f'{name}:{len(text_of(f"{name}:{length}"))}'
            step = Step(kind='checkpoint', conversation_id=conversation_id, says=(part,))
            await self.step(step, self._store.write_checkpoint(conversation_id, [message_named(part)]))
            if self._chance.random() < 0.2:
                await self._rename(conversation_id)
        if self._chance.random() < 0.7:
            await self._save('answer', conversation_id, name)

    async def _save(self, kind: Any, conversation_id: str, *names: str) -> None:
        conversation = self._open.get(conversation_id) or Conversation(conversation_id=conversation_id)
        before = list(conversation.messages)
        conversation.messages.extend(map(message_named, names))
        step = Step(kind=kind, conversation_id=conversation_id, says=names)
        try:
            await self.step(step, self._store.save(conversation))
        except OSError:
            conversation.messages[:] = before
            raise
        self._open[conversation_id] = conversation

    async def _rename(self, conversation_id: str) -> None:
        title = self._name('title ') * self._chance.choice((1, 20))
        step = Step(kind='rename', conversation_id=conversation_id, title=title)
        await self.step(step, self._store.write_metadata(conversation_id, ConversationMetadata(title=title)))

    async def _fork(self, conversation_id: str, source_id: str) -> None:
        step = Step(kind='fork', conversation_id=conversation_id, source_id=source_id)
        await self.step(step, self._forked(source_id, conversation_id))

    async def _forked(self, source_id: str, new_id: str) -> None:
        self._open[new_id] = await self._store.fork(source_id, new_conversation_id=new_id)

    async def _trash(self, conversation_id: str) -> None:
        step = Step(kind='trash', conversation_id=conversation_id)
        await self.step(step, self._store.move_to_trash(conversation_id))
        del self._open[conversation_id]
        self._trashed.add(conversation_id)

    async def _restore(self, conversation_id: str) -> None:
        step = Step(kind='restore', conversation_id=conversation_id)
        await self.step(step, self._store.trash.restore(conversation_id))
        self._trashed.remove(conversation_id)
        await self._load(conversation_id)

    async def _delete(self, conversation_id: str) -> None:
        step = Step(kind='delete', conversation_id=conversation_id)
        await self.step(step, self._store.delete(conversation_id))
        del self._open[conversation_id]

    def _name(self, kind: str) -> str:
        self._names += 1
        return f'{kind}{self._seed}.{self._names}'


def write_line(line: str) -> None:
    """Write a line to the process that reads our output."""
    sys.stdout.write(line + '\n')
    sys.stdout.flush()


async def run_workload(folder: Path, *, seed: int, rewrite_below: float, steps: int = sys.maxsize) -> None:
    """Open a folder and run the workload in it."""
    data_folder = await open_store(folder, rewrite_below=rewrite_below)
    try:
        await Workload(data_folder.conversations, seed=seed, report=write_line).run_steps(steps)
    finally:
        await data_folder.close()


if __name__ == '__main__':
    asyncio.run(run_workload(Path(sys.argv[1]), seed=int(sys.argv[2]), rewrite_below=float(sys.argv[3])))
