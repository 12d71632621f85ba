"""The prompts that were sent while an answer was under way, and wait for their turn."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from typing import Literal, TypeAlias

from pydantic_ai import ModelRequest

from chat.conversation.content.branches import BranchPoint
from chat.conversation.content.messages import (
    seen_by_writer,
    steered_turn,
    turn_id_of,
    with_steered_turn,
    with_written_after,
    without_queue_keys,
)
from chat.conversation.content.turns import Turn
from chat.conversation.conversation_log import ConversationLog

KeepPrompt: TypeAlias = Callable[[ModelRequest], Awaitable[None]]
"""Is given a prompt that is taken out, before the stored queue forgets it."""


class PromptQueue:
    """The prompts that wait, the next first; they are stored with the metadata of their conversation.

    They are asked one after the other as long as answers end by themselves; after a stop or a failure the
    queue is halted until somebody sends something.
    """

    def __init__(self, log: ConversationLog) -> None:
        self._log = log
        self._halted_after: Literal['stop', 'failure'] | None = None
        """Why the next prompt is not asked once this answer has ended, if it is not."""
        self._taken = set[str]()
        """The ids of the prompts that the run under way was given; the log has them once it has ended."""
        self._asked = set[str]()
        """Those of prompts that are asked now: they are shown as waiting until their turns are."""
        if self._log.metadata.queue:
            self.remove_asked()  # what a checkpoint has of them, too
        if self.prompts:
            self._halted_after = 'failure'  # the process that would have asked it has ended

    @property
    def prompts(self) -> list[ModelRequest]:
        if not (waiting := self._log.metadata.queue):
            return []
        asked = {turn.id for turn in self._log.turns} | self._taken
        asked |= {turn_id_of(prompt) for turn in self._log.turns[-1:] for prompt in turn.steering_prompts}
        return [prompt for prompt in waiting if turn_id_of(prompt) not in asked]

    @property
    def is_halted(self) -> bool:
        """Whether prompts that wait are not asked when an answer ends."""
        return self._halted_after is not None

    @property
    def next(self) -> ModelRequest | None:
        """The prompt to ask now; `None` if there is none, or if the queue is halted."""
        waiting = (prompt for prompt in self.prompts if turn_id_of(prompt) not in self._asked)
        return None if self.is_halted else next(waiting, None)

    def add(self, prompt: ModelRequest, seen: str | None, *, is_tip_open: bool) -> None:
        """Add a prompt; after a stop it goes before the prompts that the stop has halted.

        Args:
            prompt: The prompt.
            seen: The last `Turn.answer_entry_id` that its writer saw, if that is known.
            is_tip_open: Whether the writer may see what the run that is under way leaves at the end of the
                branch that is shown: only then does it follow that.
        """
        path = self._log.branches.path
        if not is_tip_open or (seen and seen not in path):
            tip = seen or next(reversed(path), '')
            prompt = with_written_after(prompt, tip) if tip else prompt
        self._store([prompt, *self.prompts] if self.is_halted else [*self.prompts, prompt])
        self.release()

    def get(self, turn_id: str) -> ModelRequest | None:
        """Return a prompt; `None` if it is not there, or asked by now."""
        waiting = [] if turn_id in self._asked else self.prompts
        return next((prompt for prompt in waiting if turn_id_of(prompt) == turn_id), None)

    def remove(self, turn_id: str) -> ModelRequest | None:
        """Take a prompt out; return `None` if it is not there, or asked by now."""
        prompt = self.get(turn_id)
        self._store([other for other in self.prompts if other is not prompt])
        return prompt

    def steer(self, turn_id: str, steered: str) -> None:
        """Have the run of a turn be given a prompt that waits; until it is, this goes before the others.

        Args:
            turn_id: The id of the prompt.
            steered: That of the turn.
        """
        prompts = self.prompts
        marked = [with_steered_turn(prompt, steered) for prompt in prompts if turn_id_of(prompt) == turn_id]
        others = [prompt for prompt in prompts if turn_id_of(prompt) != turn_id]
        before = [prompt for prompt in others if steered_turn(prompt) == steered]
        self._store([*before, *marked, *(prompt for prompt in others if steered_turn(prompt) != steered)])

    def take(self, steered: str) -> list[ModelRequest]:
        """Return the prompts for the run of this turn, which is given them now.

        They stay in the stored queue as long as the answer that has them is not stored: see `remove_asked`.
        """
        taken = [prompt for prompt in self.prompts if steered_turn(prompt) == steered]
        self._taken.update(map(turn_id_of, taken))
        return [with_steered_turn(without_queue_keys(prompt), steered) for prompt in taken]

    def note_asked(self, prompt: ModelRequest) -> None:
        """Have a prompt wait no more: it is asked now. It stays in the stored queue until it is stored."""
        self._asked.add(turn_id_of(prompt))

    def forget_asked(self) -> None:
        """Have what was asked wait again, as far as it was not stored: another process does that."""
        self._asked.clear()
        self._taken.clear()

    def branch_point(self, prompt: ModelRequest, seen: str | None) -> BranchPoint:
        """Return where a prompt is to be asked: at the end of the branch that its writer saw.

        `seen` is as in `add`; what is known of a prompt that has waited counts for more.
        """
        seen, branches = seen_by_writer(prompt) or seen, self._log.branches
        other_tip = None if seen is None or seen in branches.path else branches.tip_with(seen)
        sent = with_written_after(prompt, seen) if seen else prompt
        return BranchPoint(from_entry=other_tip, prompt=without_queue_keys(prompt), sent=sent)

    def remove_asked(self) -> bool:
        """Forget the prompts that were asked, whose turns must be stored; return whether there were any.

        What a run was given and its answer does not have waits again.
        """
        self.forget_asked()
        before = len(self._log.metadata.queue)
        self._store(self.prompts)
        return len(self._log.metadata.queue) < before

    def pin(self, tip: str = '') -> bool:
        """Store with each prompt the end of the branch that is shown, before another branch is shown.

        What is known of its writer stays. Return whether the queue is another one now.

        Args:
            tip: The end of the branch that it is to follow instead.
        """
        prompts, tip = self.prompts, tip or next(reversed(self._log.branches.path), '')
        return self._store([with_written_after(prompt, tip) for prompt in prompts] if tip else prompts)

    def forget_stored(self) -> bool:
        """Forget the prompts whose messages are stored by now; return whether there were any."""
        return self._store(self.prompts)

    def halt(self, after: Literal['stop', 'failure']) -> None:
        """Halt the queue after this answer; a stop counts for more than a failure."""
        if after == 'stop' or not self.is_halted:
            self._halted_after = after

    def release(self) -> None:
        """Ask the waiting prompts again, one after the other."""
        self._halted_after = None

    def release_after_failure(self, turn: Turn) -> None:
        """Release the queue if it was halted by the failure of this turn, which is answered again."""
        if self._halted_after == 'failure' and turn is self._log.turns[-1] and turn.state == 'failed':
            self.release()

    def _store(self, prompts: Sequence[ModelRequest]) -> bool:
        """Have these wait, after those of which no message is stored: they are not shown as waiting.

        Return whether that is another queue than before.
        """
        before = self._log.metadata.queue
        unstored = self._taken | {turn.id for turn in self._log.turns if not turn.prompt_entry_id}
        kept = [prompt for prompt in before if turn_id_of(prompt) in unstored]
        self._log.set_metadata(replace(self._log.metadata, queue=(*kept, *prompts)))
        return self._log.metadata.queue != before
