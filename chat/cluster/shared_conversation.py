"""SharedConversation: an open conversation that other nodes have open, too."""

import asyncio
from collections.abc import Awaitable
from contextlib import suppress
from dataclasses import replace
from typing import Any, TypeVar

from pydantic_ai import ModelRequest
from pydantic_ai.conversation_store import ConversationConflict

from chat.cluster.coordinator import Coordinator, RightToAnswer, StoredState
from chat.cluster.handover import PromptHandover, sync_if_possible
from chat.cluster.remote_answer import RemoteAnswer
from chat.cluster.shared_actions import SharedComparing, SharedDecisions, SharedSteering
from chat.conversation.answering.answer import dump_details
from chat.conversation.content.branches import TurnHalf
from chat.conversation.content.messages import turn_id_of
from chat.conversation.content.metadata import ConversationMetadata
from chat.conversation.content.turns import Turn
from chat.conversation.conversation_log import ConversationLog
from chat.conversation.live_conversation import LiveConversation
from chat.conversation.prompt_queue import KeepPrompt
from chat.errors import ConversationBusy, NodeLeaving
from chat.store.tinydb_storage.tables import Json

TAKE_BACK_TIMEOUT = 5.0
"""Seconds in which the node that answers has to take a prompt out of its queue."""

T = TypeVar('T')


class SharedConversation(LiveConversation):
    """Shows what another node answers, and hands over to it what people do meanwhile."""

    def __init__(self, log: ConversationLog, *, coordinator: Coordinator, **parts: Any) -> None:
        self.remote: RemoteAnswer | None = None
        """What another node is answering, if one is."""
        self.sync_lock = asyncio.Lock()
        """Held while what is stored is read."""
        self._coordinator = coordinator
        self.right = RightToAnswer(self, coordinator)
        """With which it answers here."""
        super().__init__(log, rights=self.right, **parts)
        answerer, switcher, changed = self._answerer, self._switcher, self.changed
        self.handover = PromptHandover(log, switcher, coordinator, on_failed=self._sent_ids.discard)
        self.decisions = SharedDecisions(self, log, answerer, switcher, changed)
        self.steering = SharedSteering(self, log, self._queue, answerer, changed)
        self.comparing = SharedComparing(self, log, answerer, switcher, changed)

    @property
    def turns(self) -> list[Turn]:
        """Every turn that is shown, with what another node is saying."""
        if self.remote and self.remote.is_shown and not self.is_answering and self._log.turns:
            return self.remote.turns(self._log.turns)
        return super().turns

    @property
    def is_running(self) -> bool:
        return self.remote is not None or super().is_running

    @property
    def is_halted(self) -> bool:
        return self.remote is None and super().is_halted

    @property
    def is_changing(self) -> bool:
        """Whether this node is about to store something of it."""
        return self.is_answering or self._switcher.is_switching

    @property
    def seen(self) -> tuple[str | None, int | None, bool]:
        """The revision that is known here, and the run of another node, and whether that can be shown."""
        remote = self.remote
        return self.conversation.revision, remote and remote.run, bool(remote and remote.is_shown)

    @property
    def stored_metadata(self) -> ConversationMetadata:
        """What stands in the database, as far as is known here; another object after each change."""
        return self._log.stored_metadata

    @property
    def details(self) -> str:
        """What pages show of the answer that this node gives besides what is said, as one line."""
        return dump_details(details) if (details := self._answerer.details) else ''

    def has_prompt(self, turn_id: str) -> bool:
        return super().has_prompt(turn_id) or turn_id in self._known_ids()

    def send_now(self, turn_id: str) -> None:
        if self.remote:
            self.command_soon({'kind': 'send now', 'turn_id': turn_id})
        else:
            super().send_now(turn_id)

    async def remove_from_queue(self, turn_id: str, keep: KeepPrompt | None = None) -> ModelRequest | None:
        if not self.remote:
            return await super().remove_from_queue(turn_id, keep)
        if (prompt := self._queue.get(turn_id)) and keep:
            await keep(prompt)  # the other node takes it out even if that takes long
        await self.command({'kind': 'remove', 'turn_id': turn_id})
        with suppress(TimeoutError):  # then it is as if that were not asked for
            async with asyncio.timeout(TAKE_BACK_TIMEOUT):
                while turn_id in map(turn_id_of, self.queue):
                    await self.changed.wait()
        return None if turn_id in self._known_ids() else prompt

    async def stop(self) -> None:
        if self.remote:
            await self.command({'kind': 'stop', 'run': self.remote.run})
        else:
            await super().stop()

    async def give_up(self) -> None:
        """Leave what is answered here to another node, with all that was said."""
        self._answerer.give_up()
        await self._answerer.wait()

    def lose_run(self) -> None:
        """Be told that another node has taken over what is answered here, and has stored it."""
        self._answerer.give_up()

    async def switch(self, turn_id: str, side: TurnHalf, step: int) -> None:
        await self._unless_behind(super().switch(turn_id, side, step))

    async def show_entry(self, entry_id: str) -> str:
        return await self._unless_behind(super().show_entry(entry_id))

    async def delete_version(self, turn_id: str, side: TurnHalf, seen: str = '') -> None:
        await self._unless_behind(super().delete_version(turn_id, side, seen))

    async def _unless_behind(self, change: Awaitable[T]) -> T:
        """Change something, or show what another node has changed meanwhile.

        Raises:
            ConversationBusy: In that case.
        """
        try:
            return await change
        except ConversationConflict:
            await sync_if_possible(self._coordinator.sync(self, discard_unsaved=True))
            raise ConversationBusy from None

    async def wait_until_stored(self, turn_id: str) -> None:
        if not self.remote and turn_id not in self.handover:
            await self.save_metadata()
            while self.is_answering and not (self._is_stored(turn_id) or turn_id in self.handover):
                await self.changed.wait()
        await self.handover.wait(turn_id)

    async def command(self, command: Json) -> None:
        await self._coordinator.command(self.id, command)

    def command_soon(self, command: Json) -> None:
        self._coordinator.start(self.command(command))

    async def stop_run(self, run: int) -> None:
        """End the answer that this node gives, if it is this one and not a later one."""
        if self.is_answering and run == self._coordinator.number_of(self):
            await super().stop()

    async def take_prompt(self, prompt: ModelRequest, seen: str | None) -> None:
        """Ask a prompt that another node has handed over, or let it wait; return when it is stored.

        Raises:
            OSError: If it could not be.
        """
        turn_id = turn_id_of(prompt)
        if turn_id not in self._known_ids():
            self._sent_ids.add(turn_id)
            self._add_prompt(prompt, seen)
        elif not self.is_running:  # it waits in a queue that nobody is about to ask
            self.send_now(turn_id)
        await self.wait_until_stored(turn_id)

    async def save_unsaved(self) -> None:
        """Store what was said when that was not possible.

        Raises:
            OSError: If it still is not.
        """
        try:
            if not self.is_answering and await self._switcher.save_unsaved():
                self.changed.notify()
        except ConversationConflict:  # another node has taken it over meanwhile
            await self._coordinator.sync(self, discard_unsaved=True)

    async def resync(self) -> None:
        """Store what was said when that was not possible, then show what is stored.

        Raises:
            OSError: If the database is away for too long.
        """
        if self.conversation.revision is not None:  # else the handover stores it
            await self.save_unsaved()
        await self._coordinator.sync(self, discard_unsaved=True)

    async def follow(self, state: StoredState, *, discard_unsaved: bool) -> None:
        """Show what is stored, and what another node is saying: at once, so that nobody sees less.

        What is not stored here is forgotten if that is to be discarded.
        """
        is_known = state.revision == self.conversation.revision and not discard_unsaved
        stored = None if is_known or self.is_changing else await self._coordinator.read(self)
        if stored and (self.is_changing or stored.conversation.revision != state.revision):
            self._take_metadata(stored)  # it has changed meanwhile, which is told
            return
        if stored:
            self._replace_with(stored, discard_unsaved=discard_unsaved)
            self._queue.remove_asked()  # also what runs were given
        elif is_known or self.is_changing:
            self._take_metadata(state)
        if self.is_changing:
            return
        self._take_run(state)
        self.changed.notify()
        if stored:
            await self._coordinator.abandon(self)
        if self.remote:
            await self._coordinator.read_frames()
        if self._viewers and self.metadata.is_unread:  # the node that answered had no page that shows it
            await self.update_metadata(lambda metadata: replace(metadata, is_unread=False))

    def _replace_with(self, stored: ConversationLog, *, discard_unsaved: bool) -> None:
        """Show what is stored; prompts that could not be stored here are handed over."""
        unsaved = [turn for turn in self._log.turns if not (turn.prompt_entry_id or turn.is_opening)]
        self._log.replace_with(stored, discard_unsaved=discard_unsaved)
        for turn in unsaved:
            is_sent = turn.id in self._known_ids() or turn.id in self.handover
            if turn_id_of(turn.prompt) and turn.state != 'stopped' and not is_sent:
                self.handover.begin(turn.prompt)

    def raise_if_not_here(self) -> None:
        """Refuse what can begin at the node only that may answer.

        Raises:
            ConversationBusy: If another node answers.
            NodeLeaving: If this one is about to end.
        """
        if self.remote:
            raise ConversationBusy
        if self._coordinator.is_leaving:
            raise NodeLeaving

    def _raise_if_busy(self) -> None:
        self.raise_if_not_here()
        super()._raise_if_busy()

    def _known_ids(self) -> set[str]:
        return {turn.id for turn in self._log.turns} | set(map(turn_id_of, self.queue))

    def _take_run(self, state: StoredState) -> None:
        if state.run is None:
            self.remote = None
        elif self.remote is None or self.remote.run != state.run:
            self.remote = RemoteAnswer(state.run, self.changed.notify_soon)
        if self.remote:
            self.remote.is_shown = state.is_shown

    def _take_metadata(self, state: StoredState | ConversationLog) -> None:
        before = self.metadata
        self._log.take_stored_metadata(state.metadata)
        if self.metadata != before:
            self.changed.notify()

    def _add_prompt(self, prompt: ModelRequest, seen: str | None = None) -> None:
        if self.remote or self.handover.is_under_way:
            self.handover.begin(prompt, seen)
        else:
            super()._add_prompt(prompt, seen)
