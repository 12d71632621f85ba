"""The conversations that are open in this process: one live object per id."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from weakref import WeakValueDictionary

from pydantic_ai import Conversation, ModelMessage, ModelResponse
from pydantic_ai.exceptions import UserError

from chat.agent_config import AgentRoster
from chat.agent_names import is_agent_model
from chat.change_signal import ChangeSignal
from chat.conversation.content.branches import Origin, origin_of, read_branches
from chat.conversation.content.chat_settings import PreferencesStore
from chat.conversation.content.comparison import ComparedAnswers, read_compared
from chat.conversation.content.metadata import ConversationMetadata
from chat.conversation.content.waiting import WaitingCalls
from chat.conversation.conversation_log import ConversationLog
from chat.conversation.forking import forked_metadata
from chat.conversation.live_conversation import LiveConversation
from chat.conversation.model_source import ModelSource
from chat.conversation.storage import AttachmentStorage, ConversationStorage, DraftStorage
from chat.conversation.storage_place import StoragePlace
from chat.conversation.temporary.temporary_chats import TemporaryChats
from chat.conversation.titles import TitleGenerator
from chat.conversation.usage_ledger import UsageLedger
from chat.documents.reader import DocumentReader
from chat.errors import ConversationNotFound, MessagesMissing, TurnMissing

NOTHING_SET = ConversationMetadata()


class ConversationRegistry:
    """Opens conversations when asked for; all who view the same one share the same object.

    A conversation is closed when nobody holds it any more and no run answers in it.
    """

    def __init__(
        self,
        *,
        agents: AgentRoster,
        model_source: ModelSource,
        store: ConversationStorage,
        preferences: PreferencesStore,
        ledger: UsageLedger | None = None,
        documents: DocumentReader | None = None,
        make_live: Callable[..., LiveConversation] = LiveConversation,
    ) -> None:
        """Without a ledger, what is used is forgotten with the process."""
        self.activity = ChangeSignal()
        """Notified when a run begins or ends, in whichever conversation."""
        self.is_closed = False
        """Whether nobody waits any more for what begins here."""
        self.until_followed: Callable[[LiveConversation], Awaitable[None]] | None = None
        """Returns once it is known what other processes do in a conversation that is being opened."""
        self.agents = agents
        """Those that can answer."""
        self._make_live = make_live
        self._model_source = model_source
        self._store = store
        self._preferences = preferences
        self.ledger = ledger or UsageLedger()
        """What the answers in all of them take."""
        self.documents = documents or DocumentReader()
        """What reads the documents in all of them."""
        self._live: WeakValueDictionary[str, LiveConversation] = WeakValueDictionary()
        self._running: set[LiveConversation] = set()
        self._elsewhere = frozenset[str]()
        self._opening: dict[str, asyncio.Task[LiveConversation]] = {}
        self.temporary = TemporaryChats(end=self.delete)
        """The chats that are not in the store."""
        self._titles = TitleGenerator(
            model_source=model_source,
            preferences=preferences,
            activity=self.activity,
            is_busy=lambda: bool(self._running),
            ledger=self.ledger,
        )

    @property
    def running(self) -> frozenset[str]:
        """The ids of the conversations that are being answered, here or by another process."""
        return self._elsewhere.union(live.id for live in self._running)

    @property
    def answering(self) -> frozenset[LiveConversation]:
        """The conversations that are being answered here."""
        return frozenset(self._running)

    @property
    def is_busy(self) -> bool:
        """Whether something would be lost, or done later, if this process ended."""
        is_answering = any(live.is_running for live in self._running)
        return bool(is_answering or self._opening or self._titles.is_looking or self.temporary.summaries)

    @property
    def opened(self) -> list[LiveConversation]:
        """The conversations that somebody holds, in no order."""
        return list(self._live.values())

    def get(self, conversation_id: str) -> LiveConversation | None:
        """Return the conversation if it is open now, stored or not."""
        return self._live.get(conversation_id)

    def is_open(self, conversation_id: str) -> bool:
        """Return whether somebody holds the conversation, or waits for it; a run holds it too."""
        return conversation_id in self._live or conversation_id in self._opening

    def new(
        self, conversation_id: str | None = None, *, metadata: ConversationMetadata = NOTHING_SET
    ) -> LiveConversation:
        """Open a conversation that is stored with its first prompt, which gives the title if it has none."""
        conversation = Conversation(conversation_id=conversation_id) if conversation_id else Conversation()
        metadata = self.with_agent(metadata, self.agents.first.ref)
        return self._register(ConversationLog(conversation, metadata, StoragePlace(self._store)))

    def with_agent(self, metadata: ConversationMetadata, ref: str) -> ConversationMetadata:
        """Return the metadata with the agent of this name, and with the model that it brings along."""
        model = None if is_agent_model(metadata.model) else metadata.model
        return replace(metadata, agent=ref, model=self._model_source.agent_model(ref) or model)

    def note_elsewhere(self, running: frozenset[str]) -> None:
        """Be told which conversations other processes answer."""
        if running != self._elsewhere:
            self._elsewhere = running
            self.activity.notify()

    async def open(self, conversation_id: str) -> LiveConversation:
        """Return the live object of a conversation; read it from the store if it is not open yet.

        Raises:
            ConversationNotFound: If the store does not have it.
        """
        if conversation_id not in self._opening:
            if live := self.get(conversation_id):
                return live
            opening = asyncio.create_task(self._read(conversation_id))
            opening.add_done_callback(lambda _: self._opening.pop(conversation_id, None))
            self._opening[conversation_id] = opening
        return await asyncio.shield(self._opening[conversation_id])

    async def fork(self, live: LiveConversation, entry_id: str) -> LiveConversation:
        """Make a conversation that begins as this one up to a message, which may be on any branch of it.

        Raises:
            TurnMissing: If no branch has it.
        """
        if not live.has_entry(entry_id):
            raise TurnMissing
        try:
            conversation = await live.place.storage.fork(live.id, from_entry=entry_id)
        except UserError:  # it is being erased
            raise TurnMissing from None
        fork = await self.open(conversation.conversation_id)
        metadata = forked_metadata(live.metadata, fork.turns)
        await fork.update_metadata(lambda _: metadata)
        return fork

    async def update_metadata(
        self, conversation_id: str, change: Callable[[ConversationMetadata], ConversationMetadata]
    ) -> None:
        """Change the metadata of any conversation; `LiveConversation` writes it, as it does all else.

        Raises:
            ConversationNotFound: If the store does not have it.
        """
        await (await self.open(conversation_id)).update_metadata(change)

    async def delete(self, conversation_id: str) -> None:
        """End the answer that is under way, keep what it has said, and move all of it to the trash.

        Raises:
            ConversationNotFound: If the store does not have it.
        """
        if reading := self._opening.get(conversation_id):
            await asyncio.wait({reading})
        if live := self.get(conversation_id):
            self._titles.cancel(live)
            await live.close()
        if self.temporary.has(conversation_id):
            self.temporary.remove(conversation_id)
        else:
            await self._store.move_to_trash(conversation_id)
        self._live.pop(conversation_id, None)  # once restored, it is read anew

    async def keep(
        self, live: LiveConversation, attachments: AttachmentStorage, drafts: DraftStorage
    ) -> None:
        """Have a temporary chat be an ordinary one, with all that it has.

        Raises:
            OSError: See `TemporaryChats.keep`.
        """
        await self.temporary.keep(live.id, self._store, attachments, drafts)
        if not (live.is_running or live.place.is_temporary):
            self._titles.schedule(live)

    async def close(self) -> None:
        """End what is under way in all conversations, wait until it is stored, and find no more titles."""
        self.is_closed = True
        if reading := list(self._opening.values()):
            await asyncio.wait(reading)
        await asyncio.gather(*(live.close() for live in {*self._live.values(), *self._running}))
        await self._titles.close()
        await self.temporary.close()

    async def _read(self, conversation_id: str) -> LiveConversation:
        stored = await self.stored(conversation_id)
        live = self.get(conversation_id) or self._register(*stored)
        if self.until_followed:
            await self.until_followed(live)
        return live

    async def stored(self, conversation_id: str) -> tuple[ConversationLog, Origin | None]:
        """Return what a live object is made of, as it is stored now.

        Raises:
            ConversationNotFound: If the store does not have it.
            MessagesMissing: If messages that others follow are missing.
        """
        store = self.temporary.storage_of(conversation_id) or self._store
        try:
            conversation = await store.load(conversation_id)
            record = await store.read_record(conversation_id)
            if conversation is None or record is None:
                raise ConversationNotFound
            branches = await read_branches(store, record)
            metadata = await store.read_metadata(conversation_id)
            compared = await read_compared(store, branches, metadata.comparison)
        except LookupError as error:
            if await store.read_record(conversation_id) is None:  # it was deleted meanwhile
                raise ConversationNotFound from None
            raise MessagesMissing from error
        metadata, place = with_requests_of(conversation, metadata), StoragePlace(self._store)
        log = ConversationLog(conversation, metadata, place, branches, ComparedAnswers(compared))
        return log, origin_of(record)

    def _register(self, log: ConversationLog, origin: Origin | None = None) -> LiveConversation:
        live = self._make_live(
            log,
            agents=self.agents,
            model_source=self._model_source,
            preferences=self._preferences,
            ledger=self.ledger,
            documents=self.documents,
            origin=origin,
            on_run_changed=self._on_run_changed,
        )
        self._live[live.id] = live
        if (memory := self.temporary.storage_of(live.id)) is not None:  # of a fork of a temporary chat
            self.temporary.hold(live, memory)
        return live

    def _on_run_changed(self, live: LiveConversation) -> None:
        """Hold a conversation while a run answers in it, also when every page has been closed."""
        (self._running.add if live.is_answering else self._running.discard)(live)
        if not live.is_running and not live.place.is_temporary:
            self._titles.schedule(live)
        self.activity.notify()


def with_requests_of(conversation: Conversation, metadata: ConversationMetadata) -> ConversationMetadata:
    """Return the metadata with what waits according to the record, if another program has stored that."""
    run_id = _last_run_id(conversation.messages)
    if conversation.deferred_tool_requests is None or not run_id or run_id in metadata.waiting:
        return metadata
    waiting = WaitingCalls(requests=conversation.deferred_tool_requests, agent=metadata.agent)
    return replace(metadata, waiting={**metadata.waiting, run_id: waiting})


def _last_run_id(messages: Sequence[ModelMessage]) -> str:
    """Return the id of the run that said the last response; '' if there is none."""
    responses = (message for message in reversed(messages) if isinstance(message, ModelResponse))
    return next((message.run_id or '' for message in responses), '')
