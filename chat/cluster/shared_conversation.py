"""SharedConversation: an open conversation that other nodes have open, too."""

import asyncio
from collections.abc import Awaitable, Coroutine, Mapping
from dataclasses import dataclass, replace
from typing import Any, Protocol
from weakref import ref

from pydantic import TypeAdapter
from pydantic_ai import ModelRequest

from chat.cluster.remote_answer import RemoteAnswer
from chat.conversation.conversation_log import ConversationLog
from chat.conversation.live_conversation import LiveConversation
from chat.conversation.messages import turn_id_of
from chat.conversation.metadata import ConversationMetadata
from chat.conversation.turns import Turn
from chat.store.tinydb_storage.tables import Json

FRAME_INTERVAL = 0.1
"""Seconds from one frame of an answer to the next: pages at other nodes see words so much later."""

_PROMPTS = TypeAdapter(list[ModelRequest])

OWN_FIELDS = ('queue', 'endings', 'waiting', 'images', 'comparison')
"""What only the node that answers changes of the metadata, while it does."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredState:
    """What stands in the rows of a conversation."""

    revision: str
    metadata: ConversationMetadata
    run: int | None
    """The number of the run of another node that answers in it, if there is one."""
    is_shown: bool
    """Whether its prompt is stored, so that what it says has its place."""


class Exchange(Protocol):
    """What a conversation asks of the other nodes, and of the database."""

    async def claim(self, log: ConversationLog) -> bool:
        """Return whether this node may answer on what the log knows."""
        ...

    async def show(self, log: ConversationLog) -> None:
        """Let the others see the run: its prompt is stored."""
        ...

    def end(self, live: 'SharedConversation') -> None:
        """Have the next save end the run, and see to it that there is one."""
        ...

    async def command(self, conversation_id: str, command: Json) -> None:
        """Have whoever answers in a conversation do something; if nobody does, one node does it."""
        ...

    async def read(self, live: 'SharedConversation') -> ConversationLog | None:
        """Return what is stored of a conversation now; `None` if it is no more."""
        ...

    async def abandon(self, live: 'SharedConversation') -> None:
        """Have nobody believe that this node answers in a conversation."""
        ...

    async def read_frames(self) -> None:
        """Read what the answers have said that are followed here."""
        ...

    async def look(self, live: 'SharedConversation', *, is_anew: bool = False) -> None:
        """Look at what is stored of a conversation now, and have it follow that; see `follow`."""
        ...

    def start(self, work: Coroutine[Any, Any, None]) -> None:
        """Do something in a task that somebody waits for."""
        ...


class SharedConversation(LiveConversation):
    """Shows what another node answers, and hands over to it what people do meanwhile."""

    def __init__(self, log: ConversationLog, *, exchange: Exchange, **parts: Any) -> None:
        self.remote: RemoteAnswer | None = None
        """What another node is answering, if one is."""
        self.looking = asyncio.Lock()
        """Held while it is looked what is stored."""
        self._exchange = exchange
        self._handing_over: dict[str, asyncio.Future[None]] = {}
        """By the ids of their prompts: commands that are not stored yet."""
        super().__init__(log, rights=_RightsOf(self, exchange), **parts)

    @property
    def turns(self) -> list[Turn]:
        """Every turn that is shown, with what another node is saying."""
        if self.remote and self.remote.is_shown and not self._answerer.is_running and self._log.turns:
            return self.remote.turns(self._log.turns)
        return super().turns

    @property
    def is_running(self) -> bool:
        """Whether an answer is under way, here or elsewhere."""
        return self.remote is not None or super().is_running

    @property
    def is_answering(self) -> bool:
        """Whether it is this node that answers."""
        return super().is_running

    @property
    def is_halted(self) -> bool:
        """Whether the queue waits until somebody sends something."""
        return self.remote is None and super().is_halted

    def send_now(self, turn_id: str) -> None:
        if self.remote:
            self._command({'kind': 'send now', 'turn_id': turn_id})
        else:
            super().send_now(turn_id)

    async def remove_from_queue(self, turn_id: str) -> ModelRequest | None:
        if not self.remote:
            return await super().remove_from_queue(turn_id)
        prompt = next((prompt for prompt in self.queue if turn_id_of(prompt) == turn_id), None)
        await self._exchange.command(self.id, {'kind': 'remove', 'turn_id': turn_id})
        return prompt

    async def stop(self) -> None:
        if self.remote:
            await self._exchange.command(self.id, {'kind': 'stop', 'run': self.remote.run})
        else:
            await super().stop()

    async def close(self) -> None:
        """End what is under way here, and wait until it is stored; what another node answers goes on."""
        await asyncio.gather(super().stop(), self._switcher.close())

    async def wait_until_stored(self, turn_id: str) -> None:
        if not self.remote and turn_id not in self._handing_over:
            await super().wait_until_stored(turn_id)
        if handing := self._handing_over.get(turn_id):
            await asyncio.shield(handing)

    def hand_over(
        self, prompt: ModelRequest, seen: str | None = None, *, after: Awaitable[None] | None = None
    ) -> None:
        """Give a prompt to whoever answers; it is asked once, however often it is given."""
        turn_id = turn_id_of(prompt)
        self._handing_over[turn_id] = handed = asyncio.get_running_loop().create_future()

        async def work() -> None:
            try:
                if after:
                    await after
                [document] = _PROMPTS.dump_python([prompt], mode='json')
                await self._exchange.command(self.id, {'kind': 'send', 'prompt': document, 'seen': seen})
            except OSError as error:
                handed.set_exception(error)
                handed.exception()  # whoever sent it may be gone
            else:
                handed.set_result(None)
            finally:
                self._handing_over.pop(turn_id, None)

        self._exchange.start(work())

    async def obey(self, command: Mapping[str, Any]) -> None:
        """Do what was done at another node; each is safe to be done twice."""
        match command:
            case {'kind': 'send', 'prompt': document, 'seen': seen}:
                [prompt] = _PROMPTS.validate_python([document])
                known = {turn.id for turn in self._log.turns} | {turn_id_of(each) for each in self.queue}
                if turn_id_of(prompt) not in known:
                    self._sent_ids.add(turn_id_of(prompt))
                    self._add_prompt(prompt, seen)
                    await self.save_metadata()
            case {'kind': 'send now', 'turn_id': turn_id}:
                self.send_now(turn_id)
            case {'kind': 'remove', 'turn_id': turn_id}:
                await self.remove_from_queue(turn_id)
            case {'kind': 'stop'} if self.is_answering:
                await super().stop()
            case _:
                pass  # it has ended by itself, or a newer version means something by it

    @property
    def is_changing(self) -> bool:
        """Whether this node is about to store something of it."""
        return self.is_answering or self._switcher.is_switching

    async def save_unsaved(self) -> None:
        """Store what was said when that was not possible.

        Raises:
            OSError: If it still is not.
        """
        await self._log.save_unsaved()
        self.changed.notify()

    async def follow(self, state: StoredState, *, is_anew: bool) -> None:
        """Show what is stored, and what another node is saying: at once, so that nobody sees less.

        What is not stored here is forgotten if that is to be read anew.
        """
        is_known = state.revision == self.conversation.revision and not is_anew
        stored = None if is_known or self.is_changing else await self._exchange.read(self)
        if self.is_changing:
            self._take_metadata(state)
            return
        if stored:
            if stored.conversation.revision != state.revision:
                return  # it has changed meanwhile, which is told
            self._log.replace_with(stored)
        elif is_known:
            self._take_metadata(state)
        self._take_run(state)
        self.changed.notify()
        if stored:
            await self._exchange.abandon(self)
        if self.remote:
            await self._exchange.read_frames()
        if self._viewers and self.metadata.is_unread:  # the node that answered had no page that shows it
            await self.update_metadata(lambda metadata: replace(metadata, is_unread=False))

    def _take_run(self, state: StoredState) -> None:
        if state.run is None:
            self.remote = None
        elif self.remote is None or self.remote.run != state.run:
            self.remote = RemoteAnswer(state.run)
        if self.remote:
            self.remote.is_shown = state.is_shown

    def _take_metadata(self, state: StoredState) -> None:
        metadata = state.metadata
        if self.is_answering:
            metadata = replace(metadata, **{name: getattr(self.metadata, name) for name in OWN_FIELDS})
        if metadata != self.metadata:
            self._log.take_stored_metadata(metadata)
            self.changed.notify()

    def _add_prompt(self, prompt: ModelRequest, seen: str | None = None) -> None:
        if self.remote:
            self.hand_over(prompt, seen)
        else:
            super()._add_prompt(prompt, seen)

    def _command(self, command: Json) -> None:
        self._exchange.start(self._exchange.command(self.id, command))


class _RightsOf:
    """The right to answer in one conversation: a row that one node has."""

    interval = FRAME_INTERVAL

    def __init__(self, live: SharedConversation, exchange: Exchange) -> None:
        self._live = ref(live)  # so that it is freed when nobody holds it
        self._exchange = exchange

    async def claim(self, log: ConversationLog) -> bool:
        """Return whether nobody else answers, and the log knows what is stored."""
        try:
            return log.place.is_temporary or await self._exchange.claim(log)
        except OSError:  # what is to be stored next fails as well, which is told then
            return True

    async def show(self, log: ConversationLog) -> None:
        """Let the other nodes see the run."""
        if not log.place.is_temporary:
            await self._exchange.show(log)

    def end(self, log: ConversationLog) -> None:
        """Have the next save of the log end the run."""
        if not log.place.is_temporary and (live := self._live()):
            self._exchange.end(live)

    def lose(self, prompt: ModelRequest | None) -> None:
        """Show what the other node has stored, and hand the prompt over to it."""
        if live := self._live():
            seeing = self._see(live)
            if prompt:
                live.hand_over(prompt, after=seeing)
            else:
                self._exchange.start(seeing)

    async def _see(self, live: SharedConversation) -> None:
        await self._exchange.look(live, is_anew=True)
