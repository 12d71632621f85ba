"""The run that answers in a conversation: how it begins, and what becomes of it."""

import asyncio
from dataclasses import dataclass, field, replace

from pydantic_ai import Agent
from pydantic_ai.exceptions import RunCancelled
from pydantic_ai.models import Model

from chat.conversation.asked import Asked
from chat.conversation.branched import Place
from chat.conversation.checkpoint import kept_safe
from chat.conversation.context import filled_by
from chat.conversation.details import Ending
from chat.conversation.failure import EMPTY_ANSWER, ONLY_THOUGHTS, failed
from chat.conversation.given import given, last_left_out
from chat.conversation.manner import manner_of
from chat.conversation.messages import answers
from chat.conversation.models import Models
from chat.conversation.pdf import PdfTexts
from chat.conversation.preferences import LivePreferences
from chat.conversation.prunable import PrunableConversation
from chat.conversation.run import Run
from chat.conversation.spending import Meter
from chat.conversation.turns import Turn
from chat.conversation.waiting import until_ready


@dataclass(eq=False, kw_only=True)
class AnsweringConversation(PrunableConversation):
    """A conversation in which at most one answer is under way."""

    agent: Agent[None, str]
    models: Models
    preferences: LivePreferences
    lookers: set[object] = field(default_factory=set[object], init=False)
    """The pages in view that show this conversation; see `looking`."""

    _run: Run | None = field(default=None, init=False)
    _meter: Meter = field(init=False)
    """Of the run."""

    _answering: asyncio.Task[None] | None = field(default=None, init=False)
    _is_placed: bool = field(default=False, init=False)
    """Whether the run has its place; until then the page stays as it was."""

    _said_before: int = field(default=0, init=False)
    """Messages of the last answer that were there before the run that adds to it."""

    _answered_by: str | None = field(default=None, init=False)
    """The model that answers this time, if it is not that of the conversation."""

    _refused: dict[str, frozenset[str]] = field(default_factory=dict[str, frozenset[str]], init=False)
    """By the name of a model, the files that it has not taken; see `Asked.without`."""

    _texts: PdfTexts = field(default_factory=PdfTexts, init=False)

    @property
    def is_running(self) -> bool:
        return self._answering is not None

    @property
    def turns(self) -> list[Turn]:
        """Every turn that is shown, oldest first; one that has not changed is the same object as before."""
        if not self.is_running or not self._is_placed:
            return self._settled
        said = self._run.messages if self._run else []
        notice = self.models.hide(self._run.notice) if self._run and self._run.notice else ''
        growing = self._settled[-1].growing(said, said_before=self._said_before, notice=notice)
        return [*self._settled[:-1], growing]

    async def stop(self) -> None:
        """End the run, if there is one, and wait until what it has said is stored."""
        self._interrupt()
        if self._answering:
            await asyncio.wait({self._answering})

    def _interrupt(self) -> None:
        if self._run:
            self._run.stop()

    def _begin(self, place: Place, *, model: str | None = None) -> None:
        """Begin to answer; `model` does so this time, else the one of the conversation."""
        self._meter = Meter(self.conversation.usage, self.changed.notify_soon)
        self._run = Run(self._meter.hear)
        self._answered_by = model
        self._is_placed = place.is_here
        if place.is_here:
            self._said_before = len(self._settled[-1].answer)
        self._answering = asyncio.create_task(
            self._answer(self._run, place, model), name=f'answer in {self.id}'
        )
        self._turned()
        self.changed.notify()

    async def _answer(self, run: Run, place: Place, model: str | None) -> None:
        ending: Ending | None = Ending(kind='stopped')
        try:
            await self._take_place(place)  # before the model is asked: no prompt is ever lost
            async with kept_safe(run, self.changed, self.store, self.id):
                asked = self._asked(model)
                await until_ready(
                    lambda: run.answer(self.agent, asked, self._connect(model), self._texts), run
                )
            ending = None
        except RunCancelled:
            pass  # a person stopped it
        except Exception as error:  # noqa: BLE001  # the border of a task: `failed` logs what nobody foresaw
            name = model or self.details.model
            ending = failed(error, self.models, name, filled_by(run.said, run.window))
        finally:
            await self._end(run, ending)

    def _asked(self, model: str | None) -> Asked:
        """What the model is asked: all that it is to be given, without the files that it has refused."""
        messages = given(self.conversation.messages, self._settled, self.details.left_out)
        return Asked(
            conversation=replace(self.conversation, messages=messages),
            manner=manner_of(self.details, self.preferences.now),
            without=self._refused.get(model or self.details.model or '', frozenset()),
            may_shorten=bool(self.details.left_out),
        )

    async def _take_place(self, place: Place) -> None:
        async with self._moving:
            await self._go_to(place)
            if not self._is_placed:
                self._said_before = len(self._settled[-1].answer)
                self._is_placed = True
                self.changed.notify()

    async def _connect(self, name: str | None) -> Model:
        """This model, or that of the conversation; the first answer fixes which one that is."""
        name = name or self.details.model or await self.models.default()
        self.details = replace(self.details, model=self.details.model or name)
        self._meter.model = name
        return await self.models.connection(name)

    async def _end(self, run: Run, ending: Ending | None) -> None:
        """Take what the run has said into the conversation, however it ended, and store it."""
        self._run = None
        try:
            if self._is_placed:
                self._keep(run, ending)
                await self._store()
            elif ending:
                self._show_trouble(ending.sentence)
        except Exception as error:  # noqa: BLE001  # the same border; the page keeps showing what was said
            self._show_trouble(failed(error, self.models, self.details.model).sentence)
        finally:
            self._answering = None
            self._ended()

    def _keep(self, run: Run, ending: Ending | None) -> None:
        said = run.said
        if run.asked and said:
            self._learn(run.asked)
        if not any(answers(message) for message in said):
            ending = ending or Ending(kind='failed', sentence=EMPTY_ANSWER)
            if said and ending.sentence == EMPTY_ANSWER:
                ending = replace(ending, sentence=ONLY_THOUGHTS)
        self.conversation.messages.extend(self._meter.marked(said, run.usage))
        self.conversation.usage = run.usage or self.conversation.usage
        self._note(ending)
        self.details = replace(self.details, is_unread=not self.lookers)

    def _learn(self, asked: Asked) -> None:
        """Remember what the model has not taken."""
        self._refused[self._answered_by or self.details.model or ''] = asked.without
        left_out = last_left_out(asked.conversation.messages, self._settled)
        if left_out is not None:
            self.details = replace(self.details, left_out=left_out)

    def _turned(self) -> None:
        """A run has begun or ended."""

    def _ended(self) -> None:
        """Nothing is answered any more, and what was said is stored."""
        self._turned()
        self.changed.notify()
