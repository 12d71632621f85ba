"""Answer the prompts of one conversation, one run after the other: store the prompt, then the answer."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from pydantic_ai import ModelRequest
from pydantic_ai.exceptions import RunCancelled
from pydantic_ai.models import Model

from chat.agent_config import AgentConfig, AgentRoster
from chat.change_signal import ChangeSignal
from chat.conversation.branch_switcher import BranchSwitcher
from chat.conversation.chat_settings import PreferencesStore
from chat.conversation.checkpoints import checkpointing
from chat.conversation.context_window import fills_context
from chat.conversation.conversation_log import BranchPoint, ConversationLog
from chat.conversation.error_messages import EMPTY_ANSWER, ONLY_THOUGHTS, failed_outcome
from chat.conversation.growing_turn import GrowingTurn
from chat.conversation.messages import continuation_request, has_tool_return, is_answer, is_continuation
from chat.conversation.metadata import TurnOutcome
from chat.conversation.model_input import RunInput, last_excluded_turn, run_input
from chat.conversation.model_source import ModelSource, ask_until_ready
from chat.conversation.prompt_queue import PromptQueue
from chat.conversation.run import Run
from chat.conversation.run_rights import RunRights
from chat.conversation.step_prompts import StepPrompts
from chat.conversation.turns import Turn
from chat.conversation.usage import USAGE_KEY, UsageMeter
from chat.conversation.usage_ledger import UsageLedger
from chat.conversation.waiting import Resumption
from chat.documents.reader import DocumentReader
from chat.errors import AgentMissing


@dataclass(eq=False, kw_only=True)
class _Answer:
    """The answer that is under way."""

    run: Run
    meter: UsageMeter
    model: str | None
    """Who answers this time, if it is not the model of the conversation."""
    is_prompt_stored: bool
    """Whether the run has its place; until then the page stays as it was."""
    prompt: ModelRequest | None = None
    """What is asked, if that is new."""
    growing: GrowingTurn = field(default_factory=GrowingTurn)
    resumption: Resumption | None = None
    agent: str = ''
    """The name of the agent that answers, once that is known."""
    is_over: bool = False
    """Whether the log has what the run has said."""
    task: asyncio.Task[None] = field(init=False)


@dataclass(eq=False, kw_only=True)
class Answerer:
    """Answers in one conversation, with at most one run at a time, and adds the answer to the log.

    When an answer has ended, the next prompt of the queue is asked, unless the queue is halted.
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

    _current: _Answer | None = field(default=None, init=False)
    _refused_files: dict[str, frozenset[str]] = field(default_factory=dict[str, frozenset[str]], init=False)
    """By the name of a model, the files that it has not taken; see `RunInput.excluded_files`."""

    @property
    def is_running(self) -> bool:
        """Whether an answer is under way."""
        return self._current is not None

    @property
    def is_prompt_stored(self) -> bool:
        """Whether one is, and its prompt stands where it is answered."""
        return self._current is not None and self._current.is_prompt_stored

    @property
    def may_go_on(self) -> bool:
        """Whether a run is under way that may take another step, at which it can be given something."""
        return self._current is not None and self._current.run.steps.has_tools

    @property
    def turns(self) -> list[Turn]:
        """The turns of the log, with what is being said; made once for all who look."""
        answer = self._current
        if answer is None or not answer.is_prompt_stored:
            return self.log.turns
        redact = self.model_source.redact
        return answer.growing.turns(self.log.turns, answer.run, redact, is_over=answer.is_over)

    def ask(self, prompt: ModelRequest, seen: str | None = None) -> None:
        """Begin to answer a prompt, on the branch that its writer saw; see `PromptQueue.branch_point`."""
        self.log.add_title(prompt)
        self.queue.release()
        self.begin(self.queue.branch_point(prompt, seen))

    def answer_again(self, turn: Turn, *, model: str | None = None) -> None:
        """Begin another answer to a question."""
        self.begin(BranchPoint(entry_id=self.log.index_of(turn.prompt) + 1), model=model)

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
        self, point: BranchPoint, *, model: str | None = None, resumption: Resumption | None = None
    ) -> None:
        """Begin to answer; `model` does so this time, else the one of the conversation.

        A prompt that comes at the end of what is shown is shown at once.
        """
        prompt = point.prompt
        if prompt and not (self.log.is_elsewhere(point) or self.switcher.is_switching):
            self.log.append(prompt)
            point = BranchPoint()
        meter = UsageMeter(self.log.conversation.usage, self.changed.notify_soon)
        steps = StepPrompts(lambda: self.queue.take(self.log.turns[-1].id))
        answer = _Answer(
            run=Run(meter.record_growth, self.log.store_file, steps, self.documents),
            meter=meter,
            model=model,
            is_prompt_stored=point.is_current,
            prompt=prompt,
            growing=GrowingTurn(len(self.log.turns[-1].answer) if point.is_current else 0),
            resumption=resumption,
        )
        answer.task = asyncio.create_task(self._answer(answer, point), name=f'answer in {self.log.id}')
        self._current = answer
        self.on_run_changed()
        self.changed.notify()

    def stop(self) -> None:
        """End the run, if there is one; what it has said is stored soon, and the queue waits."""
        self.queue.halt('stop')
        if self._current and not self._current.is_over:
            self._current.run.stop()

    async def wait(self) -> None:
        """Wait until the run that is under way has ended, and what it has said is stored."""
        if self._current:
            await asyncio.wait({self._current.task})

    def forget_refused_files(self) -> None:
        """Give models all files again: they may be able to read them by now."""
        self._refused_files.clear()

    async def _answer(self, answer: _Answer, point: BranchPoint) -> None:
        run = answer.run
        outcome: TurnOutcome | None = TurnOutcome(kind='stopped')
        if not await self._is_claimed():
            return self._lose(answer)
        try:
            await self.switcher.go_to(point)  # before the model is asked: no prompt is ever lost
            await self.rights.show(self.log)
            if not answer.is_prompt_stored:
                answer.growing.previous_message_count = len(self.log.turns[-1].answer)
                answer.is_prompt_stored = True
            self.changed.notify()  # it is stored by now: see `LiveConversation.wait_until_stored`
            interval = self.rights.checkpoint_interval
            async with checkpointing(run, self.changed, self.log.write_checkpoint, interval):
                self.ledger.check_day(0 if answer.resumption else self.preferences.current.limit_day)
                agent = self._agent(answer)
                asked = run_input(
                    self.log,
                    self.preferences.current,
                    agent=agent.ref,
                    resumption=answer.resumption,
                    excluded_files=self._refused_files.get(self._name_of_model(answer) or '', frozenset()),
                    folder=self.preferences.folder_of(self.log.metadata),
                )
                await ask_until_ready(lambda: run.answer(agent, asked, self._connect(answer)), run)
            outcome = None
        except RunCancelled:
            pass  # a person stopped it
        except Exception as error:  # noqa: BLE001  # the border of a task: `failed_outcome` logs what nobody foresaw
            full = fills_context(run.kept_messages, run.window)
            name, is_private = self._name_of_model(answer), self.log.place.is_temporary
            outcome = failed_outcome(error, self.model_source, name, full, is_private=is_private)
        finally:
            await self._end(answer, outcome)

    async def _is_claimed(self) -> bool:
        try:
            return await self.rights.claim(self.log)
        except OSError:  # what is to be stored next fails as well, which is told then
            return True

    def _lose(self, answer: _Answer) -> None:
        self._current = None
        self.rights.lose(answer.prompt)
        self.on_run_changed()
        self.changed.notify()

    def _agent(self, answer: _Answer) -> AgentConfig:
        """Return the agent of the conversation, or that which has waited; the first answer fixes the former.

        Raises:
            AgentMissing: If it does not run here, and anything but a denial needs it.
        """
        metadata, resumption = self.log.metadata, answer.resumption
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

    async def _connect(self, answer: _Answer) -> Model:
        """Connect the model that answers; the first answer fixes it, unless the folder does."""
        name = self._name_of_model(answer) or await self.model_source.default_model()
        self.log.set_metadata(self.preferences.with_own_model(self.log.metadata, name))
        answer.meter.model = name
        return await self.model_source.connection(name)

    async def _end(self, answer: _Answer, outcome: TurnOutcome | None) -> None:
        """Add what the run has said to the log, however it ended, and store it."""
        answer.is_over = True
        if resumption := answer.resumption:
            self.log.set_waiting(resumption.run_id, resumption.after_run(has_begun=answer.run.has_begun))
        try:
            if answer.is_prompt_stored:
                usage = self._take_answer(answer, outcome)
                self.rights.end(self.log)
                await self.log.save()
                if self.queue.remove_asked():
                    await self.log.save_metadata()
                if usage:
                    await self.ledger.add(answer.meter.model, usage)
            elif outcome:
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

    def _take_answer(self, answer: _Answer, outcome: TurnOutcome | None) -> Mapping[str, float | None]:
        """Add what was said to the log, and return what it has taken."""
        run, said = answer.run, answer.run.kept_messages
        if run.asked and said:
            self._remember_refused(run.asked, answer)
        if not any(is_answer(message) for message in said):
            outcome = outcome or TurnOutcome(kind='failed', sentence=EMPTY_ANSWER)
            if said and outcome.sentence == EMPTY_ANSWER:
                outcome = replace(outcome, sentence=ONLY_THOUGHTS)
        waiting = None if outcome else run.waiting(answer.agent)
        measured = answer.meter.with_usage(said, run.usage, run.window)
        self.log.add_answer(measured, run.usage, outcome, waiting)
        self.log.set_metadata(replace(self.log.metadata, is_unread=not self.is_viewed()))
        return (measured[-1].metadata or {}).get(USAGE_KEY, {}) if measured else {}

    def _remember_refused(self, asked: RunInput, answer: _Answer) -> None:
        """Remember what the model has not taken: files, and turns for which it has no room."""
        self._refused_files[self._name_of_model(answer) or ''] = asked.excluded_files
        left_out = last_excluded_turn(asked.conversation.messages, self.log.turns)
        if left_out is not None:
            self.log.set_metadata(replace(self.log.metadata, left_out=left_out))

    def _name_of_model(self, answer: _Answer) -> str | None:
        """Return the name of the model that answers; `None` as long as a conversation has no model yet."""
        return answer.model or self.preferences.model_of(self.log.metadata)
