"""A conversation that is open in this process, and all that can be done with it."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Literal

from pydantic_ai import ModelRequest

from chat.conversation.answering import AnsweringConversation
from chat.conversation.attachment import NOTHING_ATTACHED, Attached
from chat.conversation.branched import Place
from chat.conversation.context import Full, first_that_fits
from chat.conversation.given import given_turns
from chat.conversation.messages import (
    gist,
    goes_on,
    id_of,
    question,
    request_to_go_on,
    reworded,
    seen_by_writer,
    without_wait,
    written_after,
)
from chat.conversation.prompt import check
from chat.conversation.title import first_words
from chat.conversation.turns import Turn
from chat.errors import ConversationBusy


@dataclass(eq=False, kw_only=True)
class LiveConversation(AnsweringConversation):
    """One conversation, shared by all who look at it, and its only writer.

    Views read `turns` and wait for `changed`; they never write. A run belongs to the conversation, not
    to the page that asked: it goes on when that page is closed, and any page can stop it.
    """

    turned: Callable[['LiveConversation'], None] = lambda _: None
    """Called when a run has begun and when it has ended."""

    _halt: Literal['stop', 'failure'] | None = field(default=None, init=False)
    """Why the next prompt of the queue is not asked once this answer has ended, if it is not."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self._halt = 'failure' if self.queue else None  # the process that would have asked it has ended

    @property
    def is_halted(self) -> bool:
        """Whether the queue waits until somebody sends something, and not just for an answer."""
        return bool(self.queue) and (self._halt is not None or not self.is_running)

    def send(
        self,
        text: str,
        attached: Attached = NOTHING_ATTACHED,
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
            seen: The last `Turn.end` that the person saw. If another branch is shown by now, the prompt
                goes to the end of the one that they saw; what has been added to that meanwhile stays.
            by: The name of the guest who sends it, if it is not the owner.

        Raises:
            PromptEmpty, PromptTooLong, AttachmentRefused: See `check`.
        """
        check(text, attached)
        prompt = question(text, turn_id, attached, by=by)
        if not self.knows(turn_id := id_of(prompt)):
            self._sent.add(turn_id)
            self._add(prompt, seen)

    def send_now(self, turn_id: str) -> None:
        """Have a prompt of the queue be the next, and end the answer that is under way for it."""
        if prompt := self._take(turn_id):
            self._interrupt()
            self._add(prompt)

    def edit(self, turn_id: str, text: str) -> None:
        """Ask a question in other words; as it was, with all that followed, it stays as another version.

        Raises:
            ConversationBusy: If an answer is under way.
            TurnMissing: If this turn is not shown any more.
            PromptEmpty, PromptTooLong: As for `send`.
        """
        self._refuse_while_busy()
        turn = self._turn(turn_id)
        check(text, turn.attached)
        self._begin(Place(at=self._place_of(turn.prompt), asked=reworded(turn.prompt, text)))

    def retry(self, turn_id: str | None = None, *, model: str | None = None) -> None:
        """Answer a question again, the last one if not another; what was said to it stays as another version.

        Args:
            turn_id: The turn of the question.
            model: Who answers it this time, if not the model of the conversation.

        Raises:
            ConversationBusy: If an answer is under way.
            TurnMissing: If this turn is not shown any more.
        """
        self._refuse_while_busy()
        if self._settled:
            turn = self._turn(turn_id) if turn_id else self._settled[-1]
            self._mend(turn)
            self._refused.clear()  # the model may read them by now
            self._begin(Place(at=self._place_of(turn.prompt) + 1), model=model)

    def go_on(self) -> None:
        """Have the last answer continued where it was stopped or broke off.

        Raises:
            ConversationBusy: If it is not over yet.
        """
        self._refuse_while_busy()
        if self._settled and self._settled[-1].can_go_on:
            self._continue()

    @property
    def can_leave_out(self) -> bool:
        """Whether there is an older turn that the model could be given no more."""
        turns = given_turns(self._settled, self.details.left_out)
        return len(turns) > 1 or (bool(turns) and bool(turns[-1].text.strip()))

    async def leave_out_older(self) -> None:
        """Have the model be given older turns no more, so that there is room; then go on where it was full.

        About three quarters of what the model holds are filled where that is known; else half of the turns
        stay. If the model does not take that either, it is asked with half as many, and so on.

        Raises:
            ConversationBusy: If an answer is under way.
        """
        self._refuse_while_busy()
        turns = given_turns(self._settled, self.details.left_out)
        if not self.can_leave_out:
            return
        last = turns[-1]
        full = last.ending.full if last.ending else None
        is_begun = bool(last.text.strip())
        first = first_that_fits([(turn.prompt, *turn.answer) for turn in turns], full or Full())
        first = min(first, len(turns) if is_begun else len(turns) - 1)
        self._draw_line(turns[first - 1].id)
        if full and not is_begun:
            self._begin(Place(at=self._place_of(last.prompt) + 1))
        elif full and first < len(turns):
            self._continue()
        else:
            await self.keep_details()

    async def give_all(self) -> None:
        """Have the model be given all turns again."""
        self._refuse_while_busy()
        self._draw_line('')
        await self.keep_details()

    def _draw_line(self, left_out: str) -> None:
        self.details = replace(self.details, left_out=left_out)
        self._settle()
        self.changed.notify()

    def _continue(self) -> None:
        if not goes_on(self.conversation.messages[-1]):
            self.conversation.messages.append(request_to_go_on())
            self._settle()
        self._mend(self._settled[-1])
        self._begin(Place())

    def _add(self, prompt: ModelRequest, seen: str | None = None) -> None:
        """Ask a prompt, or queue it; what comes after a stop goes before those that the stop has halted."""
        if not self.is_running:
            self._ask(prompt, seen)
            return
        prompt = self._tied(prompt, seen)
        self._set_queue([prompt, *self.queue] if self._halt else [*self.queue, prompt])
        self._halt = None
        self.changed.notify()

    def _tied(self, prompt: ModelRequest, seen: str | None) -> ModelRequest:
        """A prompt for the queue; its writer may see what the run that is under way leaves."""
        if self._is_placed and (not seen or seen in self.branches.path):
            return prompt
        end = seen or next(reversed(self.branches.path), '')
        return written_after(prompt, end) if end else prompt

    def _ask(self, prompt: ModelRequest, seen: str | None = None) -> None:
        seen, prompt = seen_by_writer(prompt) or seen, without_wait(prompt)
        self._halt = None
        self.details = replace(self.details, title=self.details.title or first_words(gist(prompt)))
        elsewhere = self._elsewhere(seen)
        if elsewhere or self._moving.locked():
            self._begin(Place(from_entry=elsewhere, asked=prompt))
        else:
            self.conversation.messages.append(prompt)
            self._settle()
            self._begin(Place())

    def _mend(self, turn: Turn) -> None:
        """Have what waits for a turn that has failed go on once that is answered."""
        if self._halt == 'failure' and turn is self._settled[-1] and turn.state == 'failed':
            self._halt = None

    def _interrupt(self) -> None:
        """End the run, if there is one; the queue waits."""
        self._halt = 'stop'
        super()._interrupt()

    def _ended(self) -> None:
        """Ask the next prompt if there is one, unless the answer before was stopped or failed."""
        self._set_queue(self.queue)  # without the prompt that was asked: it is stored by now
        if not self._halt and self._settled[-1].state == 'failed':
            self._halt = 'failure'
        if self.queue and not self._halt:
            self._ask(self.queue[0])
        else:
            super()._ended()

    def _turned(self) -> None:
        self.turned(self)

    def _refuse_while_busy(self) -> None:
        if self.is_running or self._moving.locked():  # what is shown may be another branch in a moment
            raise ConversationBusy
