"""The run that answers in a conversation: how it begins, and what becomes of it."""

import asyncio
from dataclasses import dataclass, field, replace

from pydantic_ai.exceptions import RunCancelled
from pydantic_ai.models import Model

from chat.agent_config import AgentConfig
from chat.conversation.branched_log import BranchPoint
from chat.conversation.chat_settings import effective_settings
from chat.conversation.checkpoints import checkpointing
from chat.conversation.context_window import fills_context
from chat.conversation.failures import EMPTY_ANSWER, ONLY_THOUGHTS, failed_outcome
from chat.conversation.messages import is_answer
from chat.conversation.metadata import TurnOutcome
from chat.conversation.model_history import last_excluded_turn, model_history
from chat.conversation.model_retry import ask_until_ready
from chat.conversation.model_source import ModelSource
from chat.conversation.pdf_text import PdfTextCache
from chat.conversation.preferences import PreferencesStore
from chat.conversation.prunable_log import PrunableLog
from chat.conversation.run import Run
from chat.conversation.run_input import RunInput
from chat.conversation.turns import Turn
from chat.conversation.usage import UsageMeter


@dataclass(eq=False, kw_only=True)
class AnsweringConversation(PrunableLog):
    """A conversation in which at most one answer is under way."""

    agent_config: AgentConfig
    model_source: ModelSource
    preferences: PreferencesStore
    viewers: set[object] = field(default_factory=set[object], init=False)
    """The pages in view that show this conversation; see `looking`."""

    _run: Run | None = field(default=None, init=False)
    _meter: UsageMeter = field(init=False)
    """Of the run."""

    _answer_task: asyncio.Task[None] | None = field(default=None, init=False)
    _is_prompt_stored: bool = field(default=False, init=False)
    """Whether the run has its place; until then the page stays as it was."""

    _previous_message_count: int = field(default=0, init=False)
    """Messages of the last answer that were there before the run that adds to it."""

    _answered_by: str | None = field(default=None, init=False)
    """The model that answers this time, if it is not that of the conversation."""

    _refused_files: dict[str, frozenset[str]] = field(default_factory=dict[str, frozenset[str]], init=False)
    """By the name of a model, the files that it has not taken; see `RunInput.excluded_files`."""

    _pdf_texts: PdfTextCache = field(default_factory=PdfTextCache, init=False)

    @property
    def is_running(self) -> bool:
        return self._answer_task is not None

    @property
    def turns(self) -> list[Turn]:
        """Every turn that is shown, oldest first; one that has not changed is the same object as before."""
        if not self.is_running or not self._is_prompt_stored:
            return self._finished_turns
        said = self._run.messages if self._run else []
        notice = self.model_source.redact(self._run.notice) if self._run and self._run.notice else ''
        growing = self._finished_turns[-1].while_running(
            said, previous_message_count=self._previous_message_count, notice=notice
        )
        return [*self._finished_turns[:-1], growing]

    async def stop(self) -> None:
        """End the run, if there is one, and wait until what it has said is stored."""
        self._interrupt_run()
        if self._answer_task:
            await asyncio.wait({self._answer_task})

    def _interrupt_run(self) -> None:
        if self._run:
            self._run.stop()

    def _begin_run(self, place: BranchPoint, *, model: str | None = None) -> None:
        """Begin to answer; `model` does so this time, else the one of the conversation."""
        self._meter = UsageMeter(self.conversation.usage, self.changed.notify_soon)
        self._run = Run(self._meter.record_growth)
        self._answered_by = model
        self._is_prompt_stored = place.is_current
        if place.is_current:
            self._previous_message_count = len(self._finished_turns[-1].answer)
        self._answer_task = asyncio.create_task(
            self._answer(self._run, place, model), name=f'answer in {self.id}'
        )
        self._on_run_changed()
        self.changed.notify()

    async def _answer(self, run: Run, place: BranchPoint, model: str | None) -> None:
        outcome: TurnOutcome | None = TurnOutcome(kind='stopped')
        try:
            await self._store_prompt(place)  # before the model is asked: no prompt is ever lost
            async with checkpointing(run, self.changed, self.store, self.id):
                asked = self._run_input(model)
                await ask_until_ready(
                    lambda: run.answer(self.agent_config, asked, self._connect(model), self._pdf_texts), run
                )
            outcome = None
        except RunCancelled:
            pass  # a person stopped it
        except Exception as error:  # noqa: BLE001  # the border of a task: `failed_outcome` logs what nobody foresaw
            name = model or self.metadata.model
            outcome = failed_outcome(
                error, self.model_source, name, fills_context(run.kept_messages, run.window)
            )
        finally:
            await self._end_run(run, outcome)

    def _run_input(self, model: str | None) -> RunInput:
        """What the model is asked: all that it is to be given, without the files that it has refused."""
        messages = model_history(self.conversation.messages, self._finished_turns, self.metadata.left_out)
        return RunInput(
            conversation=replace(self.conversation, messages=messages),
            settings=effective_settings(self.metadata, self.preferences.current),
            excluded_files=self._refused_files.get(model or self.metadata.model or '', frozenset()),
            may_shorten=bool(self.metadata.left_out),
        )

    async def _store_prompt(self, place: BranchPoint) -> None:
        async with self._switch_lock:
            await self._move_head(place)
            if not self._is_prompt_stored:
                self._previous_message_count = len(self._finished_turns[-1].answer)
                self._is_prompt_stored = True
                self.changed.notify()

    async def _connect(self, name: str | None) -> Model:
        """This model, or that of the conversation; the first answer fixes which one that is."""
        name = name or self.metadata.model or await self.model_source.default_model()
        self.metadata = replace(self.metadata, model=self.metadata.model or name)
        self._meter.model = name
        return await self.model_source.connection(name)

    async def _end_run(self, run: Run, outcome: TurnOutcome | None) -> None:
        """Take what the run has said into the conversation, however it ended, and store it."""
        self._run = None
        try:
            if self._is_prompt_stored:
                self._store_answer(run, outcome)
                await self._save()
            elif outcome:
                self._show_error(outcome.sentence)
        except Exception as error:  # noqa: BLE001  # the same border; the page keeps showing what was said
            self._show_error(failed_outcome(error, self.model_source, self.metadata.model).sentence)
        finally:
            self._answer_task = None
            self._on_run_ended()

    def _store_answer(self, run: Run, outcome: TurnOutcome | None) -> None:
        said = run.kept_messages
        if run.asked and said:
            self._remember_refused_files(run.asked)
        if not any(is_answer(message) for message in said):
            outcome = outcome or TurnOutcome(kind='failed', sentence=EMPTY_ANSWER)
            if said and outcome.sentence == EMPTY_ANSWER:
                outcome = replace(outcome, sentence=ONLY_THOUGHTS)
        self.conversation.messages.extend(self._meter.with_usage(said, run.usage))
        self.conversation.usage = run.usage or self.conversation.usage
        self._record_outcome(outcome)
        self.metadata = replace(self.metadata, is_unread=not self.viewers)

    def _remember_refused_files(self, asked: RunInput) -> None:
        """Remember what the model has not taken."""
        self._refused_files[self._answered_by or self.metadata.model or ''] = asked.excluded_files
        left_out = last_excluded_turn(asked.conversation.messages, self._finished_turns)
        if left_out is not None:
            self.metadata = replace(self.metadata, left_out=left_out)

    def _on_run_changed(self) -> None:
        """A run has begun or ended."""

    def _on_run_ended(self) -> None:
        """Nothing is answered any more, and what was said is stored."""
        self._on_run_changed()
        self.changed.notify()
