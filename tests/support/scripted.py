"""Models and stores for tests of the core: they say what a test wants, and keep everything in memory."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from pydantic_ai import (
    Agent,
    BinaryContent,
    ModelMessage,
    ModelRequest,
    ModelResponse,
    TextPart,
    UserPromptPart,
)
from pydantic_ai.conversation_store import ConversationEntry, ConversationRecord, InMemoryConversationStore
from pydantic_ai.models import Model
from pydantic_ai.models.function import (
    AgentInfo,
    DeltaThinkingCalls,
    DeltaThinkingPart,
    DeltaToolCalls,
    FunctionModel,
)

from chat.agent_config import AgentConfig, AgentRoster
from chat.conversation.content.attachments import Attachment
from chat.conversation.content.chat_settings import Preferences, PreferencesStore
from chat.conversation.content.message_files import described
from chat.conversation.content.metadata import ConversationMetadata
from chat.conversation.conversation_registry import ConversationRegistry
from chat.conversation.live_conversation import LiveConversation
from chat.conversation.storage import ConversationStorage
from chat.errors import ConversationNotFound
from tests.support.timeouts import WAIT_TIMEOUT

Script = (
    Callable[[list[ModelMessage]], AsyncIterator[str | DeltaThinkingCalls]]
    | Callable[[list[ModelMessage]], AsyncIterator[str | DeltaToolCalls]]
)


@dataclass(eq=False)
class ScriptedModels:
    """One model under every name: its answers are what `script` yields, but for those of `scripts`."""

    script: Script
    scripts: dict[str, Script] = field(default_factory=dict[str, Script])
    """By the names of models, what these yield instead."""
    requests: list[list[ModelMessage]] = field(default_factory=list[list[ModelMessage]])
    """The messages of each request, oldest first."""
    infos: list[AgentInfo] = field(default_factory=list[AgentInfo])
    """What each of them had besides, such as tools."""
    connected: asyncio.Event = field(default_factory=asyncio.Event)
    """Clear it to have `connection` wait."""

    naming: Callable[[], Awaitable[str]] | None = None
    """What finds titles, in whatever time; `None` if none are to be found."""
    read_for_titles: list[str] = field(default_factory=list[str])
    """What was read to find each title."""

    def __post_init__(self) -> None:
        self.connected.set()

    async def default_model(self) -> str:
        return 'scripted'

    def small_model(self, name: str) -> str | None:
        return 'cheap' if self.naming else None

    def agent_model(self, ref: str) -> str | None:
        return None

    async def connection(self, name: str) -> Model:
        await self.connected.wait()
        stream = partial(self._stream, name)
        return FunctionModel(self._name, stream_function=stream, model_name=name)

    async def _name(self, messages: list[ModelMessage], _: AgentInfo) -> ModelResponse:
        assert self.naming
        prompts = (
            part.content for message in messages for part in message.parts if isinstance(part, UserPromptPart)
        )
        self.read_for_titles += [prompt for prompt in prompts if isinstance(prompt, str)]
        return ModelResponse(parts=[TextPart(await self.naming())])

    def connection_hint(self, name: str) -> str:
        return f'Is {name} there?'

    def key_hint(self, name: str) -> str:
        return 'Check the key of this provider.'

    def key_link(self, name: str) -> str:
        return ''

    def redact(self, text: str) -> str:
        return text

    async def _stream(
        self, name: str, messages: list[ModelMessage], info: AgentInfo
    ) -> AsyncIterator[str | DeltaThinkingCalls | DeltaToolCalls]:
        self.requests.append(list(messages))
        self.infos.append(info)
        async for piece in self.scripts.get(name, self.script)(messages):
            yield piece


class MemoryStore(InMemoryConversationStore, ConversationStorage):
    """A store that forgets with the process."""

    def __init__(self) -> None:
        super().__init__()
        self.checkpoints: dict[str, list[ModelMessage]] = {}
        """By conversation id, the last one written."""
        self.checkpointed = asyncio.Event()
        self._metadata: dict[str, ConversationMetadata] = {}
        self.files: dict[str, tuple[bytes, str]] = {}
        """By SHA-256, the bytes and the type of what was stored of answers."""

    async def store_file(self, name: str, content: BinaryContent) -> Attachment:
        attachment = described(name, content)
        self.files[attachment.blob] = content.data, attachment.media_type
        return attachment

    async def read_metadata(self, conversation_id: str) -> ConversationMetadata:
        return self._metadata.get(conversation_id, ConversationMetadata())

    async def write_metadata(self, conversation_id: str, metadata: ConversationMetadata) -> None:
        self._metadata[conversation_id] = metadata

    async def move_to_trash(self, conversation_id: str) -> None:
        record = await self.read_record(conversation_id)
        if record is None:
            raise ConversationNotFound
        await self.delete_record(conversation_id, expected_revision=record.revision)

    async def prune(self, conversation_id: str, branches: Sequence[str], *, expected_revision: str) -> str:
        record = await self.read_record(conversation_id)
        assert record
        pruned = replace(record, branches=list(branches), revision=f'{record.revision}, pruned')
        await self.write_record(pruned, expected_revision=expected_revision)
        return pruned.revision

    async def write_checkpoint(self, conversation_id: str, messages: Sequence[ModelMessage]) -> None:
        self.checkpoints[conversation_id] = list(messages)
        self.checkpointed.set()


class FullStore(MemoryStore):
    """A store on a disk that is full as long as the test wants it."""

    is_full = False

    async def write_record(
        self,
        record: ConversationRecord,
        *,
        new_entries: Sequence[ConversationEntry] = (),
        expected_revision: str | None,
    ) -> None:
        if self.is_full:
            raise OSError(28, 'No space left on device')
        await super().write_record(record, new_entries=new_entries, expected_revision=expected_revision)


def saying(*pieces: str) -> Script:
    """A speech that is over at once."""

    async def speech(_: list[ModelMessage]) -> AsyncIterator[str | DeltaThinkingCalls]:
        for piece in pieces:
            yield piece

    return speech


def thinking(thought: str, *pieces: str) -> Script:
    """A speech that begins with a thought."""

    async def speech(_: list[ModelMessage]) -> AsyncIterator[str | DeltaThinkingCalls]:
        yield {0: DeltaThinkingPart(content=thought)}
        for piece in pieces:
            yield piece

    return speech


def failing(error: Exception, *pieces: str) -> Script:
    """A speech that breaks off with an error."""

    async def speech(_: list[ModelMessage]) -> AsyncIterator[str | DeltaThinkingCalls]:
        for piece in pieces:
            yield piece
        raise error

    return speech


class HeldScript:
    """A speech that waits after its pieces until it is released, and knows when it was closed."""

    def __init__(self, *pieces: str, then: str = '') -> None:
        self._pieces = pieces
        self._then = then
        self.release = asyncio.Event()
        self.begun = asyncio.Event()
        self.closed = asyncio.Event()

    async def __call__(self, _: list[ModelMessage]) -> AsyncIterator[str | DeltaThinkingCalls]:
        self.begun.set()
        try:
            for piece in self._pieces:
                yield piece
            await self.release.wait()
            if self._then:
                yield self._then
        finally:
            self.closed.set()


def one_after_the_other(*scripts: Script) -> ScriptedModels:
    """A model that answers each request by the next of these."""
    left = [*scripts]

    def script(messages: list[ModelMessage]) -> AsyncIterator[Any]:
        return left.pop(0)(messages)

    return ScriptedModels(script)


def pinned(metadata: ConversationMetadata) -> ConversationMetadata:
    """The same of a conversation that stands above the others."""
    return replace(metadata, is_pinned=True)


def registry_with(
    models: ScriptedModels,
    store: ConversationStorage | None = None,
    preferences: PreferencesStore | None = None,
) -> ConversationRegistry:
    """Conversations that are answered by scripted models, and kept in memory if nothing else is said."""
    return ConversationRegistry(
        agents=AgentRoster([AgentConfig(Agent(instructions='Be brief.'))]),
        model_source=models,
        store=store or MemoryStore(),
        preferences=preferences or preferences_store(),
    )


def preferences_store(preferences: Preferences | None = None) -> PreferencesStore:
    """Preferences that are forgotten with the process."""

    async def keep(_: Preferences) -> None:
        pass  # nobody asks for them again

    return PreferencesStore(preferences or Preferences(), keep)


async def wait_until(live: LiveConversation, holds: Callable[[], bool]) -> None:
    """Return as soon as something holds of a conversation."""
    async with asyncio.timeout(WAIT_TIMEOUT):  # the machine may be busy
        while not holds():
            await live.changed.wait()


async def wait_until_answered(live: LiveConversation) -> None:
    """Return as soon as no answer is under way."""
    await wait_until(live, lambda: not live.is_running)


def prompts(messages: list[ModelMessage]) -> list[str]:
    """What persons said in these messages."""
    return [
        str(part.content)
        for message in messages
        if isinstance(message, ModelRequest)
        for part in message.parts
        if isinstance(part, UserPromptPart)
    ]
