"""Which of its branches a conversation shows, and how another one comes to be shown."""

import asyncio
from collections.abc import Coroutine
from dataclasses import dataclass, field

from pydantic_ai import ModelRequest

from chat.conversation.branches import TurnHalf
from chat.conversation.conversation_log import ConversationLog
from chat.conversation.failures import error_message
from chat.conversation.messages import with_written_after
from chat.conversation.turns import Turn
from chat.errors import ChatError, ConversationBusy, TurnMissing


@dataclass(frozen=True, slots=True, kw_only=True)
class BranchPoint:
    """Where a conversation goes on; without anything else, at its end."""

    entry_id: int | None = None
    """After so many of its messages."""
    from_entry: str | None = None
    """At the end of another branch."""
    prompt: ModelRequest | None = None
    """The prompt that is added there; without one, the last one is answered."""

    @property
    def is_current(self) -> bool:
        """Whether nothing is to be done but to store what is there."""
        return self == BranchPoint()


@dataclass(eq=False, kw_only=True)
class BranchedLog(ConversationLog):
    """A conversation that can go back, and to another branch.

    What it shows is kept in the store, so it is the same on all pages and after a restart.
    """

    _switch_lock: asyncio.Lock = field(default_factory=asyncio.Lock, init=False)
    """Held by who changes the branch, or adds to it after a change that is still under way."""

    _switch_task: asyncio.Task[None] | None = field(default=None, init=False)

    @property
    def is_running(self) -> bool:
        """Whether an answer is under way; then it can go nowhere else."""
        return False

    async def switch(self, turn_id: str, side: TurnHalf, step: int) -> None:
        """Show the version of a question or an answer that is so many steps on, with all that followed it.

        Raises:
            ConversationBusy: If an answer is under way.
            TurnMissing: If this turn is not shown any more.
        """
        end = self.branches.sibling_tip(self._turn(turn_id).prompt_entry_id, side, step)
        if end is not None:
            await self._show_branch(end)

    async def show_entry(self, entry_id: str) -> str:
        """Show the branch that has a message, and return the id of its turn.

        Raises:
            ConversationBusy: If it is on another branch, and an answer is under way.
            TurnMissing: If no branch has it.
        """
        end = self.branches.tip_with(entry_id)
        if end is None:
            raise TurnMissing
        if entry_id not in self.branches.path:
            await self._show_branch(end)
        return next((turn.id for turn in self._finished_turns if entry_id in turn.entries), '')

    async def _show_branch(self, tip: str) -> None:
        await self._run_to_completion(self._show_branch_locked(tip))

    async def _show_branch_locked(self, end: str) -> None:
        async with self._switch_lock:
            if self.is_running:
                raise ConversationBusy
            if end not in self.branches:
                raise TurnMissing
            await self._move_head(BranchPoint(from_entry=end))
        self.changed.notify()

    async def _move_head(self, place: BranchPoint) -> None:
        """Go there, and store what is there; `_switch_lock` is held.

        A prompt is in the conversation then, even if an error is raised.
        """
        try:
            if place.from_entry in self.branches or place.entry_id not in (
                None,
                len(self.conversation.messages),
            ):
                await self._branch_at(place)
        finally:
            if place.prompt:
                self.conversation.messages.append(place.prompt)
                self._recompute_turns()
        await self._save()

    async def _branch_at(self, place: BranchPoint) -> None:
        await self._store_unsaved()
        await self._record_prompt_positions()
        self.conversation = await self.store.branch(
            self.id,
            at=place.entry_id,
            from_entry=place.from_entry,
            expected_revision=self.conversation.revision,
        )
        if record := await self.store.read_record(self.id):
            self.branches.activate(record.head_id, record.branches)
        self._recompute_turns()

    async def _store_unsaved(self) -> None:
        """Store what was said when the disk was full."""
        if len(self.branches.path) < len(self.conversation.messages):
            await self._save()

    async def _record_prompt_positions(self) -> None:
        """Keep with each prompt that waits where it was written, before anything else is shown."""
        queue, path = self.queue, self.branches.path
        tied = [with_written_after(prompt, path[-1]) for prompt in queue] if path else queue
        if tied != queue:
            self._set_queue(tied)
            await self.save_metadata()

    async def _run_to_completion(self, move: Coroutine[None, None, None]) -> None:
        """Do it all, even if the page that wants it goes: memory must know what is stored."""
        task = self._switch_task = asyncio.create_task(move)
        try:
            await asyncio.shield(task)
        except OSError as error:
            raise ChatError(error_message(error)) from error

    def _tip_of_other_branch(self, seen: str | None) -> str | None:
        """The end of the branch that has what somebody saw, unless it is shown anyway."""
        return None if seen is None or seen in self.branches.path else self.branches.tip_with(seen)

    def _index_of_prompt(self, prompt: ModelRequest) -> int:
        """How many messages stand before this one."""
        return next(place for place, message in enumerate(self.conversation.messages) if message is prompt)

    def _turn(self, turn_id: str) -> Turn:
        """The turn with this id, among those that are shown."""
        for turn in self._finished_turns:
            if turn.id == turn_id:
                return turn
        raise TurnMissing
