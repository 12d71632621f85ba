"""The content of an open conversation, and how it is stored."""

from collections.abc import Sequence
from dataclasses import replace

from pydantic_ai import BinaryContent, Conversation, ModelMessage, ModelRequest, RunUsage

from chat.conversation.content.attachments import Attachment
from chat.conversation.content.branches import Branches, BranchPoint
from chat.conversation.content.comparison import ComparedAnswers, SaidAnswer, with_compared
from chat.conversation.content.merged_metadata import merged_metadata
from chat.conversation.content.messages import is_continuation, prompt_preview, turn_id_of
from chat.conversation.content.metadata import ConversationMetadata, TurnOutcome, first_words
from chat.conversation.content.turn_list import (
    known_again,
    made_into_turns,
    open_requests,
    settled_before_end,
    turns_of,
)
from chat.conversation.content.turns import Turn
from chat.conversation.content.waiting import WaitingCalls
from chat.conversation.storage import ConversationStorage
from chat.conversation.storage_place import StoragePlace
from chat.errors import ConversationNotFound, TurnMissing


class ConversationLog:
    """The messages, metadata and branches of one conversation, in memory and in the store.

    Everything else reads it and changes it by the methods here: each leaves `turns` as they now are. What is
    changed in memory is stored by the next `save` or `save_metadata`.
    """

    def __init__(
        self,
        conversation: Conversation,
        metadata: ConversationMetadata,
        place: StoragePlace,
        branches: Branches | None = None,
        compared: ComparedAnswers | None = None,
    ) -> None:
        self.place = place
        self._conversation = conversation
        self._metadata = metadata
        self._branches = branches or Branches()
        self._compared = compared or ComparedAnswers()
        self._turns: list[Turn] = []
        self._stored_queue_ids = frozenset(map(turn_id_of, metadata.queue))
        self.stored_metadata = metadata
        """As it was stored or read last."""
        self._recompute_turns()

    @property
    def _store(self) -> ConversationStorage:
        return self.place.storage

    @property
    def id(self) -> str:
        return self._conversation.conversation_id

    @property
    def conversation(self) -> Conversation:
        """The messages of the branch that is shown, and their usage."""
        return self._conversation

    @property
    def metadata(self) -> ConversationMetadata:
        return self._metadata

    @property
    def stored_queue_ids(self) -> frozenset[str]:
        """The ids of the prompts of the queue that are stored, or whose failure to be stored was shown."""
        return self._stored_queue_ids

    @property
    def branches(self) -> Branches:
        return self._branches

    @property
    def turns(self) -> list[Turn]:
        """The turns of the branch that is shown, oldest first, without what a run is saying."""
        return self._turns

    def turn(self, turn_id: str) -> Turn:
        """Return the turn with this id.

        Raises:
            TurnMissing: If it is not shown any more.
        """
        for turn in self._turns:
            if turn.id == turn_id:
                return turn
        raise TurnMissing

    def index_of(self, prompt: ModelRequest) -> int:
        """Count the messages before this one.

        Raises:
            TurnMissing: If it is not among them.
        """
        for place, message in enumerate(self._conversation.messages):
            if message is prompt:
                return place
        raise TurnMissing

    def append(self, message: ModelMessage) -> None:
        """Add a message at the end."""
        self._conversation.messages.append(message)
        self._recompute_turns(is_at_end=True)

    def take_back(self, prompt: ModelRequest | None) -> None:
        """Take out what a run has put at the end that may not begin: this prompt, or the wish to go on.

        A conversation of which nothing is stored keeps it.
        """
        messages = self._conversation.messages
        has_unsaved = self._conversation.revision is not None and len(messages) > len(self._branches.path)
        if has_unsaved and (messages[-1] is prompt or is_continuation(messages[-1])):
            messages.pop()
            self._recompute_turns()

    def replace_with(self, stored: 'ConversationLog', *, discard_unsaved: bool) -> None:
        """Put what another process has stored in the place of all that is here.

        What was changed of the metadata and is not stored yet stays, unless that is to be discarded.
        """
        self._conversation, self._branches = stored.conversation, stored.branches
        self._compared = stored._compared  # noqa: SLF001  # of another one of this class
        self._metadata = stored.metadata if discard_unsaved else self._metadata
        self.take_stored_metadata(stored.metadata)
        self._recompute_turns()

    def take_stored_metadata(self, metadata: ConversationMetadata) -> None:
        """Take what another process has changed of the metadata."""
        self._stored_queue_ids = frozenset(map(turn_id_of, metadata.queue))
        before, self.stored_metadata = self.stored_metadata, metadata
        self.set_metadata(merged_metadata(metadata, self._metadata, before))

    def add_answer(
        self,
        messages: Sequence[ModelMessage],
        usage: RunUsage | None,
        outcome: TurnOutcome | None,
        waiting: WaitingCalls | None,
    ) -> None:
        """Add what a run has said to the last turn.

        Args:
            messages: What is worth keeping of it, which may be nothing.
            usage: Of the whole conversation, the run included; `None` if the run never began.
            outcome: How the answer ended; `None` if it ended by itself.
            waiting: What the run has ended for, if that is not the end of the answer.
        """
        self._conversation.messages.extend(messages)
        self._conversation.usage = usage or self._conversation.usage
        self._recompute_turns(is_at_end=True)
        version_id = self._turns[-1].version_id
        others = {known: each for known, each in self._metadata.endings.items() if known != version_id}
        self.set_metadata(
            replace(self._metadata, endings=others | ({version_id: outcome} if outcome else {}))
        )
        if waiting:
            self.set_waiting(version_id, waiting)

    def add_answers(self, answers: Sequence[SaidAnswer]) -> None:
        """Add what several runs have said to the last turn, as versions that stand side by side.

        The conversation goes on with the first of them that is not empty, until another is chosen.
        """
        before = self._conversation.usage
        shown, comparison = self._compared.add(self._turns[-1].prompt_entry_id, answers)
        usage = sum((answer.usage - before for answer in answers if answer.usage), before)
        self.add_answer(shown.messages, usage, shown.outcome, shown.waiting)
        others = [answer for answer in answers if answer is not shown]
        self.set_metadata(with_compared(self._metadata, others, comparison))

    def end_comparison(self) -> None:
        """Show the answers side by side no more."""
        if self._metadata.comparison:
            self.set_metadata(replace(self._metadata, comparison=None))

    def set_waiting(self, run_id: str, waiting: WaitingCalls) -> None:
        """Put this in the place of what is known of the calls for which a run has ended."""
        self.set_metadata(replace(self._metadata, waiting={**self._metadata.waiting, run_id: waiting}))

    def set_metadata(self, metadata: ConversationMetadata) -> None:
        """Put this metadata in the place of what there is."""
        before, self._metadata = self._metadata, metadata
        if made_into_turns(metadata) != made_into_turns(before):
            self._recompute_turns()

    def add_title(self, prompt: ModelRequest) -> None:
        """Call the conversation after the first words of its first prompt, unless it has a title."""
        title = self._metadata.title or first_words(prompt_preview(prompt))
        self.set_metadata(replace(self._metadata, title=title))

    def show_error(self, sentence: str) -> None:
        """Show an error under the last answer until the turns change."""
        failure = TurnOutcome(kind='failed', sentence=sentence)
        self._turns = [*self._turns[:-1], *(replace(turn, outcome=failure) for turn in self._turns[-1:])]

    async def save(self) -> None:
        """Store the metadata, then the messages; a prompt leaves the stored queue only when it is stored."""
        await self.save_metadata()
        self._conversation.deferred_tool_requests = open_requests(self._turns)
        if self._compared.are_unsaved:
            await self._compared.save(self._store, self._conversation, self._branches)
            self._conversation = await self._store.load(self.id) or self._conversation
            self._recompute_turns()
        else:
            self._branches.extend(await self._store.save(self._conversation))
            self._recompute_turns(is_at_end=True)

    async def save_unsaved(self) -> bool:
        """Store what was said when the disk was full; return whether there was anything."""
        if is_any := len(self._branches.path) < len(self._conversation.messages):
            await self.save()
        return is_any

    async def save_metadata(self) -> None:
        """Store the metadata as it is now, which leaves the conversation's place in the list as it is."""
        queue, metadata = frozenset(map(turn_id_of, self._metadata.queue)), self._metadata
        try:
            await self._store.update_metadata(self.id, metadata, since=self.stored_metadata)
            self.stored_metadata = metadata
        finally:  # what could not be stored is asked all the same: it is shown, with the failure beside it
            self._stored_queue_ids |= queue

    async def write_checkpoint(self, messages: Sequence[ModelMessage]) -> None:
        """Store what an answer has said so far, in case the process dies."""
        await self._store.write_checkpoint(self.id, messages)

    async def store_file(self, name: str, content: BinaryContent) -> Attachment:
        """Store a file of an answer that is under way, so that pages can show it.

        Raises:
            OSError: If it could not be stored.
        """
        return await self._store.store_file(name, content)

    def is_elsewhere(self, point: BranchPoint) -> bool:
        """Return whether a point is elsewhere than at the end of the branch that is shown."""
        length = len(self._conversation.messages)
        return point.from_entry in self._branches or point.entry_id not in (None, length)

    async def branch_at(self, point: BranchPoint) -> None:
        """Show what the store has up to this point; all that is shown now must be stored."""
        self._conversation = await self._store.branch(
            self.id,
            at=point.entry_id,
            from_entry=point.from_entry,
            expected_revision=self._conversation.revision,
        )
        self._branches.go_to(point)  # nothing is read: what may fail would leave one half of this undone
        self._recompute_turns()

    async def prune(self, tips: Sequence[str]) -> None:
        """Erase from the store what leads only to these tips, none of which is shown."""
        record = await self._store.read_record(self.id)
        if record is None:
            raise ConversationNotFound
        left = [tip for tip in record.branches if tip not in tips]
        self._conversation.revision = await self._store.prune(
            self.id, left, expected_revision=record.revision
        )
        self._branches.prune(left)
        self._recompute_turns()

    def _recompute_turns(self, *, is_at_end: bool = False) -> None:
        """Make the turns anew; if the change `is_at_end`, only the last ones."""
        messages = self._conversation.messages
        settled, start = settled_before_end(self._turns, messages) if is_at_end else ((), 0)
        known = self._turns[-2:] if start else ()
        data = self._metadata
        turns = turns_of(messages, data.endings, self._branches, data.waiting, before=settled, start=start)
        new = [
            replace(turn, is_excluded=True) if turn.id == data.left_out else turn
            for turn in turns[len(settled) :]
        ]
        if new and (columns := self._compared.columns(new[-1], data)):
            new[-1] = replace(new[-1], compared=tuple(map(self._with_images, columns)))
        self._turns = [*settled, *known_again(known, map(self._with_images, new))]

    def _with_images(self, turn: Turn) -> Turn:
        loaded = self._metadata.images.get(turn.first_answer_entry_id)
        return replace(turn, images={image.url: image.blob for image in loaded}) if loaded else turn
