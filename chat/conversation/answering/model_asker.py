"""Ask one model to answer, as the settings of the conversation say, and note how that ended and its cost."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from pydantic_ai.exceptions import RunCancelled
from pydantic_ai.models import Model

from chat.agent_config import AgentConfig, AgentRoster
from chat.conversation.answering.answer import Answer, Answering
from chat.conversation.answering.model_input import last_excluded_turn, run_input
from chat.conversation.content.chat_settings import PreferencesStore
from chat.conversation.content.comparison import SaidAnswer
from chat.conversation.content.context_window import fills_context
from chat.conversation.content.metadata import TurnOutcome
from chat.conversation.conversation_log import ConversationLog
from chat.conversation.error_messages import failed_outcome
from chat.conversation.model_source import ModelSource, ask_until_ready
from chat.conversation.usage_ledger import UsageLedger
from chat.errors import AgentMissing


@dataclass(eq=False, kw_only=True)
class ModelAsker:
    """Has models answer the last prompt of a conversation; it adds nothing to the log but settings."""

    log: ConversationLog
    agents: AgentRoster
    model_source: ModelSource
    preferences: PreferencesStore
    ledger: UsageLedger
    _refused_files: dict[str, frozenset[str]] = field(default_factory=dict[str, frozenset[str]], init=False)
    """By the name of a model, the files that it has not taken; see `RunInput.excluded_files`."""

    def forget_refused_files(self) -> None:
        """Give models all files again: they may be able to read them by now."""
        self._refused_files.clear()

    async def ask(self, now: Answering, answer: Answer) -> None:
        """Have one model answer, and note how that ended."""
        run = answer.run
        try:
            await self.ledger.check_day(0 if now.resumption else self.preferences.current.limit_day)
            agent, preferences = self._agent(now, answer), self.preferences
            asked = run_input(
                self.log,
                preferences.current,
                agent=agent.ref,
                resumption=now.resumption,
                excluded_files=self._refused_files.get(self._name_of_model(answer) or '', frozenset()),
                folder=preferences.folder_of(self.log.metadata),
            )
            await ask_until_ready(lambda: run.answer(agent, asked, self._connect(now, answer)), run)
            answer.outcome = None
        except RunCancelled:
            pass  # a person stopped it
        except Exception as error:  # noqa: BLE001  # the border of a task: `failed_outcome` logs what nobody foresaw
            answer.outcome = self.failed(answer, error)

    def failed(self, answer: Answer, error: Exception) -> TurnOutcome:
        """Return how an answer has ended that ends with this error."""
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

    async def _connect(self, now: Answering, answer: Answer) -> Model:
        """Connect the model that answers; the first answer fixes it, unless the folder does."""
        name = self._name_of_model(answer) or await self.model_source.default_model()
        if not now.are_compared:
            self.log.set_metadata(self.preferences.with_own_model(self.log.metadata, name))
        answer.meter.model = name
        return await self.model_source.connection(name)

    def said(self, answer: Answer) -> SaidAnswer:
        """Return what is to be kept of an answer that has ended."""
        if (asked := answer.run.asked) and answer.run.kept_messages:
            self._refused_files[self._name_of_model(answer) or ''] = asked.excluded_files
        return answer.kept()

    async def count(self, said: Sequence[SaidAnswer]) -> None:
        """Add what answers have taken to the ledger."""
        for each in said:
            if each.taken:
                await self.ledger.add(each.model, each.taken)

    def left_out(self, answer: Answer) -> str | None:
        """Return the id of the last turn for which the model had no room; `None` if it was not asked."""
        asked = answer.run.asked
        return last_excluded_turn(asked.conversation.messages, self.log.turns) if asked else None

    def _name_of_model(self, answer: Answer) -> str | None:
        """Return the name of the model that answers; `None` as long as a conversation has no model yet."""
        return answer.model or self.preferences.model_of(self.log.metadata)
