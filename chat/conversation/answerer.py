"""Answer the prompts of one conversation, one run after the other: store the prompt, then the answer."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from pydantic_ai import ModelRequest
from pydantic_ai.exceptions import RunCancelled
from pydantic_ai.models import Model

from chat.agent_config import AgentConfig, AgentRoster
from chat.change_signal import ChangeSignal
from chat.conversation.answer import Answer, Answering
from chat.conversation.branch_switcher import BranchSwitcher
from chat.conversation.branches import BranchPoint
from chat.conversation.chat_settings import PreferencesStore
from chat.conversation.checkpoints import checkpointing
from chat.conversation.comparison import SaidAnswer, compared_models
from chat.conversation.context_window import fills_context
from chat.conversation.conversation_log import ConversationLog
from chat.conversation.error_messages import failed_outcome
from chat.conversation.messages import continuation_request, has_tool_return, is_continuation
from chat.conversation.metadata import TurnOutcome
from chat.conversation.model_input import last_excluded_turn, run_input
from chat.conversation.model_source import ModelSource, ask_until_ready
from chat.conversation.prompt_queue import PromptQueue
from chat.conversation.run import Run
from chat.conversation.run_rights import RunRights
from chat.conversation.step_prompts import StepPrompts
from chat.conversation.turns import Turn
from chat.conversation.usage import UsageMeter, usage_in
from chat.conversation.usage_ledger import UsageLedger
from chat.conversation.waiting import Resumption
from chat.documents.reader import DocumentReader
from chat.errors import AgentMissing


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

    _current: Answering | None = field(default=None, init=False)
    _refused_files: dict[str, frozenset[str]] = field(default_factory=dict[str, frozenset[str]], init=False)
    """By the name of a model, the files that it has not taken; see `RunInput.excluded_files`."""

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
    def turns(self) -> list[Turn]:
        """The turns of the log, with what is being said; made once for all who look."""
        now, turns = self._current, self.log.turns
        return now.turns(turns, self.model_source.redact) if now and now.is_prompt_stored else turns

    def ask(self, prompt: ModelRequest, seen: str | None = None) -> None:
        """Begin to answer a prompt, on the branch that its writer saw; see `PromptQueue.branch_point`."""
        self.log.add_title(prompt)
        self.queue.release()
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
        prompt = point.prompt
        if prompt and not (self.log.is_elsewhere(point) or self.switcher.is_switching):
            self.log.append(prompt)
            point = BranchPoint()
        now = Answering(
            answers=[self._new_answer(model, len(models) <= 1) for model in models or (None,)],
            is_prompt_stored=point.is_current,
            previous_message_count=len(self.log.turns[-1].answer) if point.is_current else 0,
            resumption=resumption,
            prompt=prompt,
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

    def stop_one(self, place: int) -> None:
        """End one of the runs that answer now, counted from 0; the others go on."""
        if (now := self._current) and not now.is_over:
            now.answers[place].run.stop()

    async def wait(self) -> None:
        """Wait until the run that is under way has ended, and what it has said is stored."""
        if self._current:
            await asyncio.wait({self._current.task})

    def forget_refused_files(self) -> None:
        """Give models all files again: they may be able to read them by now."""
        self._refused_files.clear()

    async def _answer(self, now: Answering, point: BranchPoint) -> None:
        if not await self.rights.claim(self.log):
            self._current = None
            self.rights.lose(now.prompt)
            self.on_run_changed()
            return self.changed.notify()
        try:
            await self.switcher.go_to(point)  # before the model is asked: no prompt is ever lost
            await self.rights.show(self.log)
            if not now.is_prompt_stored:
                now.previous_message_count = len(self.log.turns[-1].answer)
                now.is_prompt_stored = True
            self.changed.notify()  # it is stored by now: see `LiveConversation.wait_until_stored`
            async with checkpointing(now, self.changed, self.log.write_checkpoint, self.rights.interval):
                await asyncio.gather(*(self._run(now, answer) for answer in now.answers))
        except Exception as error:  # noqa: BLE001  # the border of a task: `failed_outcome` logs what nobody foresaw
            for answer in now.answers:
                answer.outcome = self._failed(answer, error)
        finally:
            await self._end(now)

    async def _run(self, now: Answering, answer: Answer) -> None:
        """Have one model answer, and note how that ended."""
        run = answer.run
        try:
            self.ledger.check_day(0 if now.resumption else self.preferences.current.limit_day)
            agent, preferences = self._agent(now, answer), self.preferences
            asked = run_input(
                self.log,
                preferences.current,
                agent=agent.ref,
                resumption=now.resumption,
                excluded_files=self._refused_files.get(self._name_of_model(answer) or '', frozenset()),
                folder=preferences.folder_of(self.log.metadata),
            )
            await ask_until_ready(lambda: run.answer(agent, asked, self._connect(answer)), run)
            answer.outcome = None
        except RunCancelled:
            pass  # a person stopped it
        except Exception as error:  # noqa: BLE001  # as above; the others go on
            answer.outcome = self._failed(answer, error)
        if now.are_compared:
            answer.said = self._said(answer)
            self.changed.notify()

    def _failed(self, answer: Answer, error: Exception) -> TurnOutcome:
        full = fills_context(answer.run.kept_messages, answer.run.window)
        name, is_private = self._name_of_model(answer), self.log.place.is_temporary
        return failed_outcome(error, self.model_source, name, full, is_private=is_private)

    def _agent(self, now: Answering, answer: Answer) -> AgentConfig:
        """Return the agent of the conversation, or that which has waited; the first answer fixes the former.

        Raises:
            AgentMissing: If it does not run here, and anything but a denial needs it.
        """
        metadata, resumption = self.log.metadata, now.resumption
        wanted = resumption.waiting.agent if resumption else metadata.agent
        agent = self.agents.find(wanted)
        if agent is None and resumption and resumption.is_only_denied:
            agent = self.agents.find(metadata.agent)
        if agent is None:
            raise AgentMissing(wanted)
        if resumption is None:
            self.log.set_metadata(replace(metadata, agent=agent.ref))
        answer.agent = agent.ref
        return agent

    async def _connect(self, answer: Answer) -> Model:
        """Connect the model that answers; the first answer fixes it, unless the folder does."""
        name = self._name_of_model(answer) or await self.model_source.default_model()
        if self._current and not self._current.are_compared:
            self.log.set_metadata(self.preferences.with_own_model(self.log.metadata, name))
        answer.meter.model = name
        return await self.model_source.connection(name)

    async def _end(self, now: Answering) -> None:
        """Add what was said to the log, however it ended, and store it."""
        now.is_over = True
        if resumption := now.resumption:
            after = resumption.after_run(has_begun=now.answers[0].run.has_begun)
            self.log.set_waiting(resumption.run_id, after)
        try:
            if now.is_prompt_stored:
                said = self._take_answers(now)
                self.rights.end(self.log)
                await self.log.save()
                if self.queue.remove_asked():
                    await self.log.save_metadata()
                for each in said:
                    if usage := usage_in(each.messages):
                        await self.ledger.add(each.model, usage)
            elif outcome := now.answers[0].outcome:
                self.log.show_error(outcome.sentence)
        except Exception as error:  # noqa: BLE001  # the same border; the page keeps showing what was said
            failure = failed_outcome(error, self.model_source, self.log.metadata.model)
            self.log.show_error(failure.sentence)
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
        said = [answer.said or self._said(answer) for answer in now.answers]
        if now.are_compared:
            self.log.add_answers(said)
        else:
            [one] = said
            if (asked := now.answers[0].run.asked) and one.messages:  # it may have had no room for some turns
                left_out = last_excluded_turn(asked.conversation.messages, self.log.turns)
                if left_out is not None:
                    self.log.set_metadata(replace(self.log.metadata, left_out=left_out))
            self.log.add_answer(one.messages, one.usage, one.outcome, one.waiting)
        self.log.set_metadata(replace(self.log.metadata, is_unread=not self.is_viewed()))
        return said

    def _said(self, answer: Answer) -> SaidAnswer:
        """Return what is to be kept of an answer that has ended."""
        if (asked := answer.run.asked) and answer.run.kept_messages:
            self._refused_files[self._name_of_model(answer) or ''] = asked.excluded_files
        return answer.kept()

    def _name_of_model(self, answer: Answer) -> str | None:
        """Return the name of the model that answers; `None` as long as a conversation has no model yet."""
        return answer.model or self.preferences.model_of(self.log.metadata)
