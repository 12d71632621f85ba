"""The expected state of a test folder: acknowledged steps and the pending one, compared with its content."""

import hashlib
import json
import random
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

from pydantic_ai import BinaryContent, ModelMessage, ModelRequest, ModelResponse, TextPart, UserPromptPart

from chat.store.data_folder import open_store
from chat.store.filesystem.disk import Disk
from chat.store.store import TinyDBConversationStore

DONE_LINE = 'done'
"""The line of a workload that reports the pending step as done; any other line announces a step."""

Kind = Literal['turn', 'ask', 'checkpoint', 'answer', 'rename', 'fork', 'trash', 'restore', 'delete']


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One operation on one conversation."""

    kind: Kind
    conversation_id: str
    says: tuple[str, ...] = ()
    """The names of the added messages, or of the unfinished one so far."""
    title: str = ''
    source_id: str = ''
    """The conversation from which this one is forked."""


@dataclass(frozen=True, slots=True)
class State:
    """The state of a conversation: its title and the names of its messages."""

    title: str = ''
    messages: tuple[str, ...] = ()
    unfinished: tuple[str, ...] = ()
    """The content of the checkpoint, if there is a valid one."""

    @property
    def reopened(self) -> 'State':
        """Return the state that the next process finds if this one dies."""
        return State(self.title, (*self.messages, *self.unfinished))


States = dict[str, State]

_SAMPLE_WORDS = ('grüß', 'dich', '"quoted"', '\\', '🙂', 'word\n')


def state_after(states: Mapping[str, State], step: Step) -> States:
    """Return the state after a step."""
    before = states.get(step.conversation_id, State())
    match step.kind:
        case 'turn' | 'ask' | 'answer':
            changed = State(before.title, before.messages + step.says)
        case 'checkpoint':
            changed = replace(before, unfinished=step.says)
        case 'rename':
            changed = replace(before, title=step.title)
        case 'fork':
            changed = State('', states[step.source_id].messages)
        case 'trash':
            changed = before.reopened
        case 'restore':
            changed = before
        case 'delete':
            return {key: state for key, state in states.items() if key != step.conversation_id}
    return {**states, step.conversation_id: changed}


@dataclass(eq=False)
class ExpectedState:
    """The state that the folder must have."""

    states: States = field(default_factory=dict[str, State])
    pending: Step | None = None
    acknowledged: int = 0
    """Acknowledged steps in total."""
    turns: int = 0
    """Acknowledged steps that have stored messages."""
    torn_count: int = 0
    """How often a step was pending when the process was killed."""
    survived_count: int = 0
    """How often an acknowledged checkpoint was found after a kill."""

    def record(self, line: str) -> None:
        """Record what a line of a workload says: that a step is about to begin, or that it is done."""
        if line == DONE_LINE:
            self.acknowledge()
        else:
            self.pending = step_in(line)

    def acknowledge(self) -> None:
        """Record that the pending step is done."""
        if self.pending is None:
            raise ValueError('nothing was begun')
        self.states = state_after(self.states, self.pending)
        self.acknowledged += 1
        self.turns += self.pending.kind in ('turn', 'ask', 'answer')
        self.pending = None

    def differing_in_memory(self, found: States) -> list[str]:
        """Return the conversations whose acknowledged state is not what the storing process has in memory."""
        return [
            key
            for key in sorted({*found, *self.states})
            if _without_checkpoint(found, key) != _without_checkpoint(self.states, key)
        ]

    def compare(self, found: States) -> list[str]:
        """Return the differences from the expected state, and expect the found state from now on."""
        allowed = (
            [self.states] if self.pending is None else [self.states, state_after(self.states, self.pending)]
        )
        losses = [
            f'{key}: {found.get(key)} is none of {[states.get(key) for states in allowed]}'
            for key in sorted({*found, *self.states})
            if _reopened(found, key) not in [_reopened(states, key) for states in allowed]
        ]
        self.torn_count += self.pending is not None
        self.survived_count += (
            sum(bool(state.unfinished) for state in self.states.values()) if not losses else 0
        )
        self.states, self.pending = found, None
        return losses


def _reopened(states: Mapping[str, State], key: str) -> State | None:
    return states[key].reopened if key in states else None


def _without_checkpoint(states: Mapping[str, State], key: str) -> State | None:
    return replace(states[key], unfinished=()) if key in states else None


def step_in(line: str) -> Step | None:
    """Parse the step that a line announces; `None` if the line reports it as done."""
    if line == DONE_LINE:
        return None
    values: dict[str, Any] = json.loads(line)
    values['says'] = tuple(values['says'])
    return Step(**values)


def text_of(name: str) -> str:
    """Return the text of a message by its name: `a7` in full, `a7:120` its first 120 characters."""
    whole, _, length = name.partition(':')
    chance = random.Random(hashlib.sha256(whole.encode()).digest())  # noqa: S311  # no secret
    text = f'{whole} {" ".join(chance.choices(_SAMPLE_WORDS, k=chance.choice((3, 30, 300))))}'
    return text[: int(length)] if length else text


def message_named(name: str) -> ModelMessage:
    """Return the message with this name: a question if it begins with `q`, else an answer."""
    if name.startswith('q'):
        return ModelRequest(parts=[UserPromptPart([text_of(name), *files_for(name)])])
    return ModelResponse(parts=[TextPart(text_of(name))])


def files_for(name: str) -> list[BinaryContent]:
    """Return the files of a question: every third has one, large enough to be a blob."""
    digest = hashlib.sha256(name.encode()).digest()
    return [BinaryContent(digest * 50, media_type='application/pdf')] if digest[0] % 3 == 0 else []


def name_of(message: ModelMessage) -> str:
    """Return the name of a message, or `damaged` if its content does not match the name."""
    match message.parts[0]:
        case TextPart(content=text):
            content: list[object] = [text]
        case UserPromptPart(content=[str(text), *files]):
            content = [text, *files]
        case _:
            return 'damaged'
    name = text.split(' ')[0]
    if isinstance(message, ModelRequest):
        return name if content == [text_of(name), *files_for(name)] else 'damaged'
    name = f'{name}:{len(text)}' if message.state == 'interrupted' else name
    return name if text == text_of(name) else 'damaged'


async def read_states(store: TinyDBConversationStore) -> States:
    """Read the states of all conversations in the store, and in the trash, from which they are restored."""
    for row in store.trash.conversations:
        await store.trash.restore(row.conversation_id)
    return {
        record.conversation_id: await _state(store, record.conversation_id)
        for record in await store.list_conversations()
    }


async def _state(store: TinyDBConversationStore, conversation_id: str) -> State:
    conversation = await store.load(conversation_id)
    metadata = await store.read_metadata(conversation_id)
    messages = conversation.messages if conversation else []
    return State(metadata.title, tuple(name_of(message) for message in messages))


async def reopen_and_read(folder: Path, *, rewrite_below: float, disk: Disk | None = None) -> States:
    """Reopen the folder, and read its states."""
    data_folder = await open_store(folder, rewrite_below=rewrite_below, disk=disk)
    try:
        return await read_states(data_folder.conversations)
    finally:
        await data_folder.close()
