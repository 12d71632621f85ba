"""Answer the prompts of one conversation, one run after the other: store the prompt, then the answer."""

import asyncio
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from pydantic_ai import ModelRequest
from pydantic_ai.conversation_store import ConversationConflict

from chat.agent_config import AgentRoster
from chat.change_signal import ChangeSignal
from chat.conversation.answering.answer import Answer, Answering, RunDetails
from chat.conversation.answering.checkpoints import checkpointing
from chat.conversation.answering.model_asker import ModelAsker
from chat.conversation.answering.run import Run
from chat.conversation.answering.run_rights import RunRights
from chat.conversation.answering.step_prompts import StepPrompts
from chat.conversation.branch_switcher import BranchSwitcher
from chat.conversation.content.branches import BranchPoint
from chat.conversation.content.chat_settings import PreferencesStore
from chat.conversation.content.comparison import SaidAnswer, compared_models
from chat.conversation.content.messages import (
    continuation_request,
    has_tool_return,
    is_continuation,
    turn_id_of,
)
from chat.conversation.content.turns import Turn
from chat.conversation.content.usage import UsageMeter
from chat.conversation.content.waiting import Resumption
from chat.conversation.conversation_log import ConversationLog
from chat.conversation.error_messages import failed_outcome
from chat.conversation.model_source import ModelSource
from chat.conversation.prompt_queue import PromptQueue
from chat.conversation.usage_ledger import UsageLedger
from chat.documents.reader import DocumentReader

logger = logging.getLogger(__name__)


@dataclass(eq=False, kw_only=True)
class Answerer:
    """Answers one prompt of a conversation at a time, and adds what was said to the log.

    One run does so, or one of each model that is compared: the log takes them when all have ended, at once.
    Then the next prompt of the queue is asked, unless the queue is halted.
    """

    log: ConversationLog
    queue: PromptQueue
    switcher: BranchSwitcher
    agents: AgentRoster
    model_source: ModelSource
    preferences: PreferencesStore
    ledger: UsageLedger
    documents: DocumentReader
    changed: ChangeSignal
    rights: RunRights
    is_viewed: Callable[[], bool]
    """Tells whether somebody sees the answer end."""
    on_run_changed: Callable[[], None]
    """Called when a run has begun, and when nothing is answered any more and what was said is stored."""

    asker: ModelAsker = field(init=False)
    _current: Answering | None = field(default=None, init=False)

    def __post_init__(self) -> None:
        self.asker = ModelAsker(
            log=self.log,
            agents=self.agents,
            model_source=self.model_source,
            preferences=self.preferences,
            ledger=self.ledger,
        )

    @property
    def is_running(self) -> bool:
        """Whether an answer is under way."""
        return self._current is not None

    @property
    def is_prompt_stored(self) -> bool:
        """Whether one is, and its prompt stands where it is answered."""
        return bool(self._current and self._current.is_prompt_stored)

    @property
    def may_go_on(self) -> bool:
        """Whether one run is under way that may take another step, at which it can be given something."""
        return bool(self._current and self._current.may_go_on)

    @property
    def details(self) -> RunDetails | None:
        """What pages show of the answer that is under way besides what is said; `None` if there is none."""
        return self._current.details(self.model_source.redact) if self._current else None

    @property
    def turns(self) -> list[Turn]:
        """The turns of the log, with what is being said; made once for all who look."""
        now, turns = self._current, self.log.turns
        return now.turns(turns, self.model_source.redact) if now and now.is_prompt_stored else turns

    def ask(self, prompt: ModelRequest, seen: str | None = None) -> None:
        """Begin to answer a prompt, on the branch that its writer saw; see `PromptQueue.branch_point`."""
        self.log.add_title(prompt)
        self.queue.release()
        self.queue.remove_asked()  # also what a run was given whose answer another process has stored
        self.queue.note_asked(prompt)
        self.begin(self.queue.branch_point(prompt, seen), models=compared_models(prompt))

    def answer_again(self, turn: Turn, *, models: Sequence[str] = ()) -> None:
        """Begin another answer to a question, by these models at once if they are several."""
        self.begin(BranchPoint(entry_id=self.log.index_of(turn.prompt) + 1), models=models)

    def continue_last(self) -> None:
        """Begin the rest of the last answer; after the results of tools nobody has to be told to go on."""
        if not is_continuation(last := self.log.conversation.messages[-1]) and not has_tool_return(last):
            self.log.append(continuation_request())
        self.queue.release_after_failure(self.log.turns[-1])
        self.begin(BranchPoint())

    def resume(self, turn: Turn) -> None:
        """Go on with the last answer, which has waited, now that all its calls are decided.

        That is stored, as begun, before any tool runs: so each runs at most once.
        """
        resumption = turn.resumption
        self.log.set_waiting(resumption.run_id, resumption.waiting)
        if returns := resumption.returns_of_run_calls:
            self.log.append(ModelRequest(parts=returns))
        self.queue.release_after_failure(turn)
        self.begin(BranchPoint(), resumption=resumption)

    def begin(
        self, point: BranchPoint, *, models: Sequence[str] = (), resumption: Resumption | None = None
    ) -> None:
        """Begin to answer, by these models at once if any are named; a prompt at the end is shown at once."""
        self.log.end_comparison()
        prompt, sent = point.prompt, point.sent or point.prompt
        if prompt and not (self.log.is_elsewhere(point) or self.switcher.is_switching):
            self.log.append(prompt)
            point = BranchPoint()
        now = Answering(
            answers=[self._new_answer(model, len(models) <= 1) for model in models or (None,)],
            is_prompt_stored=point.is_current,
            previous_message_count=len(self.log.turns[-1].answer) if point.is_current else 0,
            resumption=resumption,
            prompt=prompt,
            sent=sent,
        )
        now.task = asyncio.create_task(self._answer(now, point), name=f'answer in {self.log.id}')
        self._current = now
        self.on_run_changed()
        self.changed.notify()

    def _new_answer(self, model: str | None, is_alone: bool) -> Answer:
        """Prepare a run; only one that is alone is given prompts of the queue."""
        meter = UsageMeter(self.log.conversation.usage, self.changed.notify_soon)
        steps = StepPrompts(lambda: self.queue.take(self.log.turns[-1].id) if is_alone else [])
        return Answer(
            run=Run(meter.record_growth, self.log.store_file, steps, self.documents), meter=meter, model=model
        )

    def stop(self) -> None:
        """End all runs, if there are any; what they have said is stored soon, and the queue waits."""
        self.queue.halt('stop')
        for place in range(len(self._current.answers) if self._current else 0):
            self.stop_one(place)

    def give_up(self) -> None:
        """End all runs, if there are any, and leave what they have said to another process."""
        if (now := self._current) and not now.is_over:
            now.is_given_up = True
            for answer in now.answers:
                answer.run.stop()

    def stop_one(self, place: int) -> None:
        """End one of the runs that answer now, counted from 0; the others go on."""
        if (now := self._current) and not now.is_over:
            now.answers[place].run.stop()

    async def wait(self) -> None:
        """Wait until the run that is under way has ended, and what it has said is stored."""
        if self._current:
            await asyncio.wait({self._current.task})

    async def close(self) -> None:
        """End all runs, also of what is sent meanwhile, and wait until what they have said is stored."""
        self.stop()
        while self._current:
            await self.wait()
            self.stop()

    async def _answer(self, now: Answering, point: BranchPoint) -> None:
        try:
            await self.switcher.until_stored()  # the end of a run is not to be taken for the end of the next
            if not await self.rights.claim(self.log):
                now.is_given_up = True
            elif now.is_given_up:  # meanwhile
                self.rights.end(self.log)
            else:
                await self._ask(now, point)
        except Exception as error:  # noqa: BLE001  # the border of a task: `failed` logs what nobody foresaw
            if now.prompt and turn_id_of(now.prompt) not in [turn.id for turn in self.log.turns]:
                self.log.append(now.prompt)  # however early it has failed
            for answer in now.answers:
                answer.outcome = self.asker.failed(answer, error)
        finally:
            await (self._leave(now) if now.is_given_up else self._end(now))

    async def _ask(self, now: Answering, point: BranchPoint) -> None:
        await self.switcher.go_to(point)  # before the model is asked: no prompt is ever lost
        now.is_begun = True
        await self.rights.show(self.log)
        if not now.is_prompt_stored:
            now.previous_message_count = len(self.log.turns[-1].answer)
            now.is_prompt_stored = True
        self.changed.notify()  # it is stored by now: see `LiveConversation.wait_until_stored`
        async with checkpointing(now, self.changed, self.log.write_checkpoint, self.rights.interval):
            await asyncio.gather(*(self._run(now, answer) for answer in now.answers))

    async def _run(self, now: Answering, answer: Answer) -> None:
        await self.asker.ask(now, answer)
        if now.are_compared and not now.is_given_up:
            answer.said = self.asker.said(answer)
            self.changed.notify()

    async def _leave(self, now: Answering) -> None:
        """Leave what was said to another process, and show what that has stored."""
        try:
            if now.is_begun:
                await self.rights.give_up(self.log, now.checkpoint)
                now.is_over = True
                said = self._take_answers(now)  # so that nobody sees less until it is read
                await self.asker.count(said)
        except OSError as error:
            logger.warning('An answer could not be left to others: %s', error)
        except Exception:  # the border of a task
            logger.exception('An answer could not be left to others')
        if not now.is_begun:
            self.log.take_back(now.prompt)  # else it would be stored with answers that could not be
        self._current = None
        self.queue.forget_asked()
        self.rights.lose(None if now.is_begun else now.sent)
        self.on_run_changed()
        self.changed.notify()

    async def _end(self, now: Answering) -> None:
        """Add what was said to the log, however it ended, and store it."""
        now.is_over = True
        if resumption := now.resumption:
            after = resumption.after_run(has_begun=now.answers[0].run.has_begun)
            self.log.set_waiting(resumption.run_id, after)
        try:
            self.rights.end(self.log)
            if now.is_prompt_stored:
                said = self._take_answers(now)
                try:
                    await self.log.save()
                    if self.queue.remove_asked():
                        await self.log.save_metadata()
                finally:
                    await self.asker.count(said)  # it was taken, also if what was said cannot be stored
            elif outcome := now.answers[0].outcome:
                self.log.show_error(outcome.sentence)
        except Exception as error:  # noqa: BLE001  # the same border; the page keeps showing what was said
            failure = failed_outcome(error, self.model_source, self.log.metadata.model)
            self.log.show_error(failure.sentence)
            if isinstance(error, ConversationConflict):
                self.rights.lose(None)  # so that what another process has stored is shown
        finally:
            self._current = None
            self._on_ended()

    def _on_ended(self) -> None:
        """Ask the next prompt if there is one, unless the answer before waits, was stopped or failed."""
        self.queue.remove_asked()
        last = self.log.turns[-1]
        if last.state == 'failed':
            self.queue.halt('failure')
        if (prompt := self.queue.next) and not last.pending:
            self.ask(prompt)
        else:
            self.on_run_changed()
            self.changed.notify()

    def _take_answers(self, now: Answering) -> Sequence[SaidAnswer]:
        """Add what was said to the log, and return it."""
        said = [answer.said or self.asker.said(answer) for answer in now.answers]
        if now.are_compared:
            self.log.add_answers(said)
        else:
            [one] = said
            if one.messages and (left_out := self.asker.left_out(now.answers[0])) is not None:
                self.log.set_metadata(replace(self.log.metadata, left_out=left_out))
            self.log.add_answer(one.messages, one.usage, one.outcome, one.waiting)
        self.log.set_metadata(replace(self.log.metadata, is_unread=not self.is_viewed()))
        return said
