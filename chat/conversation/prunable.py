"""How a version of a question or an answer is erased, with all that only it has."""

from dataclasses import dataclass, replace

from chat.conversation.branched import BranchedConversation, Place
from chat.conversation.branches import Side
from chat.conversation.messages import gist
from chat.conversation.title import first_words
from chat.conversation.turns import Turn
from chat.errors import ConversationBusy, ConversationNotFound, TurnMissing


@dataclass(eq=False, kw_only=True)
class PrunableConversation(BranchedConversation):
    """A conversation whose branches can be erased, but for the one that is left to be shown."""

    async def delete_version(self, turn_id: str, side: Side, seen: str = '') -> None:
        """Erase the version of a question or answer that is shown, with all that followed it; show another.

        Args:
            turn_id: The turn of the question.
            side: Whether it or its answer is meant.
            seen: The `Turn.end` of the answer that the person saw; no other one is erased.

        Raises:
            ConversationBusy: If an answer is under way.
            TurnMissing: If this is not shown any more, or is the only version.
        """
        await self._finish(self._delete_alone(turn_id, side, seen))

    async def _delete_alone(self, turn_id: str, side: Side, seen: str) -> None:
        async with self._moving:
            if self.is_running:
                raise ConversationBusy
            turn = self._turn(turn_id)
            if side == 'answer' and turn.end != seen:
                raise TurnMissing
            try:
                await self._store_what_is_not()
                await self._delete(turn, side)
            finally:
                self.changed.notify()

    async def _delete(self, turn: Turn, side: Side) -> None:
        branches, question_id = self.branches, self._turn(turn.id).start
        other = branches.beside(question_id, side, -1) or branches.beside(question_id, side, 1)
        if other is None:
            raise TurnMissing
        gone, before = branches.ends(question_id, side), self._settled
        await self._go_to(Place(from_entry=other))
        await self._prune(gone)
        self._forget(before)
        await self.keep_details()

    async def _prune(self, gone: list[str]) -> None:
        """Erase what leads only to these ends, none of which is shown."""
        record = await self.store.read_record(self.id)
        if record is None:
            raise ConversationNotFound
        left = [end for end in record.branches if end not in gone]
        self.conversation.revision = await self.store.prune(self.id, left, expected_revision=record.revision)
        self.branches.prune(left)
        self._settle()

    def _forget(self, before: list[Turn]) -> None:
        """Keep no ending, and no title that nobody gave, of turns that were shown before and are erased."""
        erased = {turn.version_id for turn in before} - {turn.version_id for turn in self._settled}
        endings = {known: ending for known, ending in self.details.endings.items() if known not in erased}
        self.details = replace(self.details, endings=endings)
        if before[0].id != self._settled[0].id and not self.details.has_own_title:
            self.details = replace(self.details, title=first_words(gist(self._settled[0].prompt)))
