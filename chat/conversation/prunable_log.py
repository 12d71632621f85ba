"""How a version of a question or an answer is erased, with all that only it has."""

from dataclasses import dataclass, replace

from chat.conversation.branched_log import BranchedLog, BranchPoint
from chat.conversation.branches import TurnHalf
from chat.conversation.messages import prompt_preview
from chat.conversation.title_generation import first_words
from chat.conversation.turns import Turn
from chat.errors import ConversationBusy, ConversationNotFound, TurnMissing


@dataclass(eq=False, kw_only=True)
class PrunableLog(BranchedLog):
    """A conversation whose branches can be erased, but for the one that is left to be shown."""

    async def delete_version(self, turn_id: str, side: TurnHalf, seen: str = '') -> None:
        """Erase the version of a question or answer that is shown, with all that followed it; show another.

        Args:
            turn_id: The turn of the question.
            side: Whether it or its answer is meant.
            seen: The `Turn.answer_entry_id` of the answer that the person saw; no other one is erased.

        Raises:
            ConversationBusy: If an answer is under way.
            TurnMissing: If this is not shown any more, or is the only version.
        """
        await self._run_to_completion(self._delete_version_locked(turn_id, side, seen))

    async def _delete_version_locked(self, turn_id: str, side: TurnHalf, seen: str) -> None:
        async with self._switch_lock:
            if self.is_running:
                raise ConversationBusy
            turn = self._turn(turn_id)
            if side == 'answer' and turn.answer_entry_id != seen:
                raise TurnMissing
            try:
                await self._store_unsaved()
                await self._delete(turn, side)
            finally:
                self.changed.notify()

    async def _delete(self, turn: Turn, side: TurnHalf) -> None:
        branches, question_id = self.branches, self._turn(turn.id).prompt_entry_id
        other = branches.sibling_tip(question_id, side, -1) or branches.sibling_tip(question_id, side, 1)
        if other is None:
            raise TurnMissing
        gone, before = branches.tips(question_id, side), self._finished_turns
        await self._move_head(BranchPoint(from_entry=other))
        await self._prune(gone)
        self._forget_erased_turns(before)
        await self.save_metadata()

    async def _prune(self, gone: list[str]) -> None:
        """Erase what leads only to these ends, none of which is shown."""
        record = await self.store.read_record(self.id)
        if record is None:
            raise ConversationNotFound
        left = [end for end in record.branches if end not in gone]
        self.conversation.revision = await self.store.prune(self.id, left, expected_revision=record.revision)
        self.branches.prune(left)
        self._recompute_turns()

    def _forget_erased_turns(self, before: list[Turn]) -> None:
        """Keep no ending, and no title that nobody gave, of turns that were shown before and are erased."""
        erased = {turn.version_id for turn in before} - {turn.version_id for turn in self._finished_turns}
        outcomes = {known: outcome for known, outcome in self.metadata.endings.items() if known not in erased}
        self.metadata = replace(self.metadata, endings=outcomes)
        if before[0].id != self._finished_turns[0].id and not self.metadata.has_own_title:
            self.metadata = replace(
                self.metadata, title=first_words(prompt_preview(self._finished_turns[0].prompt))
            )
