"""A conversation that is open in this process, and the run that is answering in it."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from pydantic_ai import Agent, Conversation, RunCancelled
from pydantic_ai.models import Model

from chat.conversation.change import Change
from chat.conversation.checkpoint import kept_safe
from chat.conversation.details import Details, Ending
from chat.conversation.failure import EMPTY_ANSWER, explain
from chat.conversation.manner import manner_of
from chat.conversation.messages import answers, begins_turn, goes_on, question, request_to_go_on
from chat.conversation.preferences import LivePreferences
from chat.conversation.prompt import check
from chat.conversation.run import Models, Run
from chat.conversation.store import Store
from chat.conversation.title import first_words
from chat.conversation.turns import Turn, turns_of
from chat.errors import ConversationBusy


@dataclass(eq=False, kw_only=True)
class LiveConversation:
    """One conversation, shared by all who look at it, and its only writer.

    Views read `turns` and wait for `changed`; they never write. A run belongs to the conversation, not
    to the page that asked: it goes on when that page is closed, and any page can stop it.
    """

    conversation: Conversation
    details: Details
    agent: Agent[None, str]
    models: Models
    store: Store
    preferences: LivePreferences
    turned: Callable[['LiveConversation'], None] = lambda _: None
    """Called when a run has begun and when it has ended."""
    changed: Change = field(default_factory=Change)

    lookers: set[object] = field(default_factory=set[object], init=False)
    """The pages in view that show this conversation; see `looking`."""

    _run: Run | None = field(default=None, init=False)
    _answering: asyncio.Task[None] | None = field(default=None, init=False)
    _settled: list[Turn] = field(default_factory=list[Turn], init=False)
    """The turns of `conversation.messages`, made anew by `_settle` after each write."""

    _said_before: int = field(default=0, init=False)
    """Messages of the last answer that were there before the run that adds to it."""

    def __post_init__(self) -> None:
        self._settle()

    @property
    def id(self) -> str:
        return self.conversation.conversation_id

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

    def send(self, prompt: str) -> None:
        """Add a prompt and begin to answer it.

        Raises:
            ConversationBusy: If the prompt before is still being answered.
            PromptEmpty: If there is no visible character in the prompt.
            PromptTooLong: If it has more than `LONGEST_PROMPT` characters.
        """
        check(prompt)
        if self.is_running:
            raise ConversationBusy
        self.conversation.messages.append(question(prompt))
        self.details = replace(self.details, title=self.details.title or first_words(prompt))
        self._settle()
        self._begin(again=False)

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
        """End the run, if there is one, and wait until what it has said is stored."""
        if self._run:
            self._run.stop()
        if self._answering:
            await asyncio.wait({self._answering})

    async def amend(self, change: Callable[[Details], Details]) -> None:
        """Change what is kept besides the messages, which leaves its place in the list as it is."""
        if (details := change(self.details)) != self.details:
            self.details = details
            self.changed.notify()
            await self.store.write_details(self.id, details)

    def _begin(self, *, again: bool) -> None:
        self._run = Run(self.changed.notify)
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

    async def _leave_answer(self) -> None:
        """Go back to the last question."""
        messages = self.conversation.messages
        at = 1 + max(place for place, message in enumerate(messages) if begins_turn(message))
        revision = self.conversation.revision
        if at < len(messages) and revision is not None:
            self.conversation = await self.store.branch(self.id, at=at, expected_revision=revision)
            self._settle()

    async def _end(self, run: Run, ending: Ending | None) -> None:
        """Take what the run has said into the conversation, however it ended, and store it."""
        said = run.said
        if not any(answers(message) for message in said):
            ending = ending or Ending(kind='failed', sentence=EMPTY_ANSWER)
            said = said if ending.kind == 'stopped' else []  # thoughts that led to nothing
        self.conversation.messages.extend(said)
        self.conversation.usage = run.usage or self.conversation.usage
        self._run = None
        self._note(ending)
        self.details = replace(self.details, is_unread=not self.lookers)
        try:
            await self._store()
        except Exception as error:  # noqa: BLE001  # the same border; the page keeps showing what was said
            self._note(Ending(kind='failed', sentence=explain(error)))
        finally:
            self._answering = None
            self.turned(self)
            self.changed.notify()

    async def _store(self) -> None:
        await self.store.write_details(self.id, self.details)
        await self.store.save(self.conversation)

    def _note(self, ending: Ending | None) -> None:
        """Keep how the last turn ended; `None` if it ended by itself."""
        turn_id = self._settled[-1].id
        others = {turn: known for turn, known in self.details.endings.items() if turn != turn_id}
        self.details = replace(self.details, endings=others | ({turn_id: ending} if ending else {}))
        self._settle()

    def _settle(self) -> None:
        self._settled = turns_of(self.conversation.messages, self.details.endings)
