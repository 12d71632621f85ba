"""A conversation that is open in this process, and the run that is answering in it."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from pydantic_ai import Agent, ModelRequest, RunCancelled
from pydantic_ai.models import Model

from chat.conversation.attachment import NOTHING_ATTACHED, Attached
from chat.conversation.checkpoint import kept_safe
from chat.conversation.details import Ending
from chat.conversation.failure import EMPTY_ANSWER, explain
from chat.conversation.kept import KeptConversation
from chat.conversation.manner import manner_of
from chat.conversation.messages import answers, gist, goes_on, id_of, question, request_to_go_on
from chat.conversation.preferences import LivePreferences
from chat.conversation.prompt import check
from chat.conversation.run import Models, Run
from chat.conversation.title import first_words
from chat.conversation.turns import Turn
from chat.errors import ConversationBusy


@dataclass(eq=False, kw_only=True)
class LiveConversation(KeptConversation):
    """One conversation, shared by all who look at it, and its only writer.

    Views read `turns` and wait for `changed`; they never write. A run belongs to the conversation, not
    to the page that asked: it goes on when that page is closed, and any page can stop it.
    """

    agent: Agent[None, str]
    models: Models
    preferences: LivePreferences
    turned: Callable[['LiveConversation'], None] = lambda _: None
    """Called when a run has begun and when it has ended."""

    lookers: set[object] = field(default_factory=set[object], init=False)
    """The pages in view that show this conversation; see `looking`."""

    _run: Run | None = field(default=None, init=False)
    _answering: asyncio.Task[None] | None = field(default=None, init=False)
    _said_before: int = field(default=0, init=False)
    """Messages of the last answer that were there before the run that adds to it."""

    _asks_next: bool = field(default=True, init=False)
    """Whether the next prompt of the queue is asked once this answer has ended without a failure."""

    @property
    def is_running(self) -> bool:
        return self._answering is not None

    @property
    def turns(self) -> list[Turn]:
        """Every turn so far, oldest first; one that has not changed is the same object as before."""
        if not self.is_running:
            return self._settled
        said = self._run.messages if self._run else []
        return [*self._settled[:-1], self._settled[-1].growing(said, said_before=self._said_before)]

    def send(self, text: str, attached: Attached = NOTHING_ATTACHED, *, turn_id: str | None = None) -> None:
        """Add a prompt and begin to answer it, or put it into the queue if an answer is under way.

        A `turn_id` is sent once: who cannot know whether it was, may send it again.

        Raises:
            PromptEmpty, PromptTooLong, AttachmentRefused: See `check`.
        """
        check(text, attached)
        prompt = question(text, turn_id, attached)
        if not self.knows(turn_id := id_of(prompt)):
            self._sent.add(turn_id)
            self._add(prompt)

    def send_now(self, turn_id: str) -> None:
        """Have a prompt of the queue be the next, and end the answer that is under way for it."""
        if prompt := self._take(turn_id):
            self._interrupt()
            self._add(prompt)

    def retry(self) -> None:
        """Answer the last question again; what was said to it so far stays in the store as a branch.

        Raises:
            ConversationBusy: If it is still being answered.
        """
        if self.is_running:
            raise ConversationBusy
        if self._settled:
            self._begin(again=True)

    def go_on(self) -> None:
        """Have the last answer continued where it was stopped or broke off.

        Raises:
            ConversationBusy: If it is not over yet.
        """
        if self.is_running:
            raise ConversationBusy
        if self._settled and self._settled[-1].can_go_on:
            if not goes_on(self.conversation.messages[-1]):
                self.conversation.messages.append(request_to_go_on())
                self._settle()
            self._begin(again=False)

    async def stop(self) -> None:
        """End the run, if there is one, and wait until what it has said is stored; the queue waits."""
        self._interrupt()
        if self._answering:
            await asyncio.wait({self._answering})

    def _add(self, prompt: ModelRequest) -> None:
        """Ask a prompt, or queue it; what comes after a stop goes before those that the stop has halted."""
        if not self.is_running:
            self._ask(prompt)
            return
        self._set_queue([*self.queue, prompt] if self._asks_next else [prompt, *self.queue])
        self._asks_next = True
        self.changed.notify()

    def _ask(self, prompt: ModelRequest) -> None:
        self.conversation.messages.append(prompt)
        self.details = replace(self.details, title=self.details.title or first_words(gist(prompt)))
        self._settle()
        self._begin(again=False)

    def _interrupt(self) -> None:
        self._asks_next = False
        if self._run:
            self._run.stop()

    def _begin(self, *, again: bool) -> None:
        self._run = Run(self.changed.notify)
        self._asks_next = True
        self._said_before = 0 if again else len(self._settled[-1].answer)
        answering = self._answer(self._run, again=again)
        self._answering = asyncio.create_task(answering, name=f'answer in {self.id}')
        self.turned(self)
        self.changed.notify()

    async def _answer(self, run: Run, *, again: bool) -> None:
        ending: Ending | None = Ending(kind='stopped')
        try:
            await self._store()  # before the model is asked: no prompt is ever lost
            if again:
                await self._leave_answer()
            async with kept_safe(run, self.changed, self.store, self.id):
                manner = manner_of(self.details, self.preferences.now)
                await run.answer(self.agent, self.conversation, self._connect(), manner)
            ending = None
        except RunCancelled:
            pass  # a person stopped it
        except Exception as error:  # noqa: BLE001  # the border of a task: `explain` logs what nobody foresaw
            ending = Ending(kind='failed', sentence=explain(error))
        finally:
            await self._end(run, ending)

    async def _connect(self) -> Model:
        """The model of this conversation; the first answer fixes which one that is."""
        name = self.details.model or await self.models.default()
        self.details = replace(self.details, model=self.details.model or name)
        return await self.models.connection(name)

    async def _end(self, run: Run, ending: Ending | None) -> None:
        """Take what the run has said into the conversation, however it ended, and store it."""
        said = run.said
        if not any(answers(message) for message in said):
            ending = ending or Ending(kind='failed', sentence=EMPTY_ANSWER)
            said = said if ending.kind == 'stopped' else []  # thoughts that led to nothing
        self.conversation.messages.extend(said)
        self.conversation.usage = run.usage or self.conversation.usage
        self._run = None
        self._set_queue(self.queue)  # without the prompt that was asked: it is stored by now
        self._note(ending)
        self.details = replace(self.details, is_unread=not self.lookers)
        try:
            await self._store()
        except Exception as error:  # noqa: BLE001  # the same border; the page keeps showing what was said
            self._note(Ending(kind='failed', sentence=explain(error)))
        finally:
            self._answering = None
            self._go_on_with_queue()

    def _go_on_with_queue(self) -> None:
        """Ask the next prompt if there is one, unless the answer before was stopped or failed."""
        if self.queue and self._asks_next and self._settled[-1].state != 'failed':
            self._ask(self.queue[0])
        else:
            self.turned(self)
            self.changed.notify()
