"""A conversation that is open in this process, and all that can be done with it."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Literal

from pydantic_ai import ModelRequest

from chat.conversation.answering import AnsweringConversation
from chat.conversation.attachments import NO_ATTACHMENTS, AttachedFiles
from chat.conversation.branched_log import BranchPoint
from chat.conversation.context_window import ContextOverflow, first_fitting_turn
from chat.conversation.messages import (
    continuation_request,
    is_continuation,
    prompt_message,
    prompt_preview,
    seen_by_writer,
    turn_id_of,
    with_new_text,
    with_written_after,
    without_written_after,
)
from chat.conversation.model_history import turns_in_history
from chat.conversation.prompt_rules import validate_prompt
from chat.conversation.title_generation import first_words
from chat.conversation.turns import Turn
from chat.errors import ConversationBusy


@dataclass(eq=False, kw_only=True)
class LiveConversation(AnsweringConversation):
    """One conversation, shared by all who look at it, and its only writer.

    Views read `turns` and wait for `changed`; they never write. A run belongs to the conversation, not
    to the page that asked: it goes on when that page is closed, and any page can stop it.
    """

    on_run_changed: Callable[['LiveConversation'], None] = lambda _: None
    """Called when a run has begun and when it has ended."""

    _halted_after: Literal['stop', 'failure'] | None = field(default=None, init=False)
    """Why the next prompt of the queue is not asked once this answer has ended, if it is not."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self._halted_after = (
            'failure' if self.queue else None
        )  # the process that would have asked it has ended

    @property
    def is_halted(self) -> bool:
        """Whether the queue waits until somebody sends something, and not just for an answer."""
        return bool(self.queue) and (self._halted_after is not None or not self.is_running)

    def send(
        self,
        text: str,
        attached: AttachedFiles = NO_ATTACHMENTS,
        *,
        turn_id: str | None = None,
        seen: str | None = None,
        by: str = '',
    ) -> None:
        """Add a prompt and begin to answer it, or put it into the queue if an answer is under way.

        Args:
            text: What a person wrote.
            attached: The files with it.
            turn_id: Is sent once: who cannot know whether it was, may send it again.
            seen: The last `Turn.answer_entry_id` that the person saw. If another branch is shown by now, it
                goes to the end of the one that they saw; what has been added to that meanwhile stays.
            by: The name of the guest who sends it, if it is not the owner.

        Raises:
            PromptEmpty, PromptTooLong, AttachmentRefused: See `check`.
        """
        validate_prompt(text, attached)
        prompt = prompt_message(text, turn_id, attached, author=by)
        if not self.has_prompt(turn_id := turn_id_of(prompt)):
            self._sent_ids.add(turn_id)
            self._add_prompt(prompt, seen)

    async def until_stored(self, turn_id: str) -> None:
        """Return when a prompt that was sent is stored, or is shown with the reason why it is not.

        Raises:
            OSError: If the queue, in which it may be, could not be stored.
        """
        await self.save_metadata()
        while self.is_running and not self._is_stored(turn_id):
            await self.changed.wait()

    def _is_stored(self, turn_id: str) -> bool:
        """Whether a prompt is stored, once the details are; they are stored with the first message."""
        for turn in self._finished_turns:
            if turn.id == turn_id:
                return bool(turn.prompt_entry_id)
        return self._is_prompt_stored and bool(self.branches.path)

    def send_now(self, turn_id: str) -> None:
        """Have a prompt of the queue be the next, and end the answer that is under way for it."""
        if prompt := self._remove_queued(turn_id):
            self._interrupt_run()
            self._add_prompt(prompt)

    def edit(self, turn_id: str, text: str) -> None:
        """Ask a question in other words; as it was, with all that followed, it stays as another version.

        Raises:
            ConversationBusy: If an answer is under way.
            TurnMissing: If this turn is not shown any more.
            PromptEmpty, PromptTooLong: As for `send`.
        """
        self._raise_if_busy()
        turn = self._turn(turn_id)
        validate_prompt(text, turn.attachments)
        self._begin_run(
            BranchPoint(entry_id=self._index_of_prompt(turn.prompt), prompt=with_new_text(turn.prompt, text))
        )

    def regenerate(self, turn_id: str | None = None, *, model: str | None = None) -> None:
        """Answer a question again, the last one if not another; what was said to it stays as another version.

        Args:
            turn_id: The turn of the question.
            model: Who answers it this time, if not the model of the conversation.

        Raises:
            ConversationBusy: If an answer is under way.
            TurnMissing: If this turn is not shown any more.
        """
        self._raise_if_busy()
        if self._finished_turns:
            turn = self._turn(turn_id) if turn_id else self._finished_turns[-1]
            self._replace_failed_turn(turn)
            self._refused_files.clear()  # the model may read them by now
            self._begin_run(BranchPoint(entry_id=self._index_of_prompt(turn.prompt) + 1), model=model)

    def continue_answer(self) -> None:
        """Have the last answer continued where it was stopped or broke off.

        Raises:
            ConversationBusy: If it is not over yet.
        """
        self._raise_if_busy()
        if self._finished_turns and self._finished_turns[-1].can_continue:
            self._continue_answer()

    @property
    def can_exclude_older(self) -> bool:
        """Whether there is an older turn that the model could be given no more."""
        turns = turns_in_history(self._finished_turns, self.metadata.left_out)
        return len(turns) > 1 or (bool(turns) and bool(turns[-1].text.strip()))

    async def exclude_older(self) -> None:
        """Have the model be given older turns no more, so that there is room; then go on where it was full.

        About three quarters of what the model holds are filled where that is known; else half of the turns
        stay. If the model does not take that either, it is asked with half as many, and so on.

        Raises:
            ConversationBusy: If an answer is under way.
        """
        self._raise_if_busy()
        turns = turns_in_history(self._finished_turns, self.metadata.left_out)
        if not self.can_exclude_older:
            return
        last = turns[-1]
        full = last.outcome.full if last.outcome else None
        is_begun = bool(last.text.strip())
        first = first_fitting_turn([(turn.prompt, *turn.answer) for turn in turns], full or ContextOverflow())
        first = min(first, len(turns) if is_begun else len(turns) - 1)
        self._set_history_start(turns[first - 1].id)
        if full and not is_begun:
            self._begin_run(BranchPoint(entry_id=self._index_of_prompt(last.prompt) + 1))
        elif full and first < len(turns):
            self._continue_answer()
        else:
            await self.save_metadata()

    async def include_all(self) -> None:
        """Have the model be given all turns again."""
        self._raise_if_busy()
        self._set_history_start('')
        await self.save_metadata()

    def _set_history_start(self, left_out: str) -> None:
        self.metadata = replace(self.metadata, left_out=left_out)
        self._recompute_turns()
        self.changed.notify()

    def _continue_answer(self) -> None:
        if not is_continuation(self.conversation.messages[-1]):
            self.conversation.messages.append(continuation_request())
            self._recompute_turns()
        self._replace_failed_turn(self._finished_turns[-1])
        self._begin_run(BranchPoint())

    def _add_prompt(self, prompt: ModelRequest, seen: str | None = None) -> None:
        """Ask a prompt, or queue it; what comes after a stop goes before those that the stop has halted."""
        if not self.is_running:
            self._answer_prompt(prompt, seen)
            return
        prompt = self._queued_prompt(prompt, seen)
        self._set_queue([prompt, *self.queue] if self._halted_after else [*self.queue, prompt])
        self._halted_after = None
        self.changed.notify()

    def _queued_prompt(self, prompt: ModelRequest, seen: str | None) -> ModelRequest:
        """A prompt for the queue; its writer may see what the run that is under way leaves."""
        if self._is_prompt_stored and (not seen or seen in self.branches.path):
            return prompt
        end = seen or next(reversed(self.branches.path), '')
        return with_written_after(prompt, end) if end else prompt

    def _answer_prompt(self, prompt: ModelRequest, seen: str | None = None) -> None:
        seen, prompt = seen_by_writer(prompt) or seen, without_written_after(prompt)
        self._halted_after = None
        self.metadata = replace(
            self.metadata, title=self.metadata.title or first_words(prompt_preview(prompt))
        )
        elsewhere = self._tip_of_other_branch(seen)
        if elsewhere or self._switch_lock.locked():
            self._begin_run(BranchPoint(from_entry=elsewhere, prompt=prompt))
        else:
            self.conversation.messages.append(prompt)
            self._recompute_turns()
            self._begin_run(BranchPoint())

    def _replace_failed_turn(self, turn: Turn) -> None:
        """Have what waits for a turn that has failed go on once that is answered."""
        if self._halted_after == 'failure' and turn is self._finished_turns[-1] and turn.state == 'failed':
            self._halted_after = None

    def _interrupt_run(self) -> None:
        """End the run, if there is one; the queue waits."""
        self._halted_after = 'stop'
        super()._interrupt_run()

    def _on_run_ended(self) -> None:
        """Ask the next prompt if there is one, unless the answer before was stopped or failed."""
        self._set_queue(self.queue)  # without the prompt that was asked: it is stored by now
        if not self._halted_after and self._finished_turns[-1].state == 'failed':
            self._halted_after = 'failure'
        if self.queue and not self._halted_after:
            self._answer_prompt(self.queue[0])
        else:
            super()._on_run_ended()

    def _on_run_changed(self) -> None:
        self.on_run_changed(self)

    def _raise_if_busy(self) -> None:
        if self.is_running or self._switch_lock.locked():  # what is shown may be another branch in a moment
            raise ConversationBusy
