"""What people decide about the tool calls of one conversation: each once, and the last one goes on."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from pydantic_ai import ToolCallPart

from chat.change_signal import ChangeSignal
from chat.conversation.answering.answerer import Answerer
from chat.conversation.answering.schema_check import arguments_in, sentences_for
from chat.conversation.branch_switcher import BranchSwitcher
from chat.conversation.content.turns import Turn
from chat.conversation.content.waiting import (
    AllowedScope,
    AllowedTool,
    Decision,
    WaitingCalls,
)
from chat.conversation.conversation_log import ConversationLog
from chat.conversation.error_messages import error_message
from chat.errors import AgentMissing, ArgumentsInvalid, ChatError, ConversationBusy, DecisionMade
from chat.file_difference import difference_in


class Decisions:
    """Takes decisions about calls that wait at the end of the branch that is shown.

    A decision counts when it is stored; the first one wins, and it can be taken back until the last call of
    its turn is decided. Then the run goes on: what it was given is stored as begun before any tool runs.
    Everything raises `ConversationBusy` while an answer is under way or the branch is changing, `TurnMissing`
    if the turn is not shown, and `DecisionMade` if there is nothing to decide any more.
    """

    def __init__(
        self, log: ConversationLog, answerer: Answerer, switcher: BranchSwitcher, changed: ChangeSignal
    ) -> None:
        self._log = log
        self._answerer = answerer
        self._switcher = switcher
        self._changed = changed

    async def approve(
        self,
        turn_id: str,
        call_id: str,
        *,
        arguments: Mapping[str, Any] | None = None,
        details: Mapping[str, Any] | None = None,
        scope: AllowedScope | None = None,
        by: str,
    ) -> None:
        """Have a tool run.

        Args:
            turn_id: The turn of the call.
            call_id: The call.
            arguments: What the tool is given; `None` for what the model wrote.
            details: What `preview` has told of these arguments, if they are not those of the model.
            scope: Where it needs no approval from now on; the calls of it that wait here are approved, too,
                unless a guest has asked. It means nothing for a call with a difference: each is looked at.
            by: The name of who decides.

        Raises:
            ArgumentsInvalid: If the tool cannot be given these.
            AgentMissing: If the agent that asks does not run here.
        """
        turn, waiting, call = self._waiting_call(turn_id, call_id, 'approval')
        if self._answerer.agents.find(waiting.agent) is None:
            raise AgentMissing(waiting.agent)
        edited = _edited(call, arguments, waiting.schemas.get(call.tool_name))
        scope = None if difference_in(waiting.requests.metadata.get(call_id)) else scope
        told = None if edited is None else details
        now = datetime.now(UTC)
        decision = Decision(kind='approved', arguments=edited, details=told, scope=scope, by=by, at=now)
        decisions = {call_id: decision}
        if scope and not turn.author:
            others = _approved_alike(waiting, call) - waiting.decisions.keys() - {call_id}
            decisions |= {other: replace(decision, arguments=None, details=None) for other in others}
        await self._put(turn, waiting, decisions)
        if scope:
            await self._allow(AllowedTool(agent=waiting.agent, tool=call.tool_name), scope)

    async def preview(
        self, turn_id: str, call_id: str, arguments: Mapping[str, Any]
    ) -> Mapping[str, Any] | None:
        """Return what a call would say about itself with other arguments; `None` if it would say nothing.

        Raises:
            ArgumentsInvalid: If the tool cannot be given these.
            ChatError: If the call would fail with them.
        """
        _, waiting, call = self._waiting_call(turn_id, call_id, 'approval')
        _edited(call, arguments, waiting.schemas.get(call.tool_name))
        agent = self._answerer.agents.find(waiting.agent)
        return await agent.preview(call.tool_name, arguments, self._log.metadata.tools) if agent else None

    async def deny(self, turn_id: str, call_id: str, *, reason: str = '', by: str) -> None:
        """Have a tool not run, or a question not answered; the model is told why."""
        turn, waiting, _ = self._waiting_call(turn_id, call_id)
        kind = 'denied' if waiting.kind(call_id) == 'approval' else 'failed'
        decision = Decision(kind=kind, reason=reason.strip(), by=by, at=datetime.now(UTC))
        await self._put(turn, waiting, {call_id: decision})

    async def answer(self, turn_id: str, call_id: str, value: object, *, by: str) -> None:
        """Answer a question, or give the result of a call that something else was to run."""
        turn, waiting, _ = self._waiting_call(turn_id, call_id)
        if waiting.kind(call_id) == 'approval':
            raise DecisionMade
        decision = Decision(kind='answered', value=value, by=by, at=datetime.now(UTC))
        await self._put(turn, waiting, {call_id: decision})

    async def run_again(self, turn_id: str, call_id: str, *, by: str) -> None:
        """Give a run the same decision again, though a tool may have run with it."""
        turn, waiting, begun = self._unsure_call(turn_id, call_id)
        decision = replace(begun, by=by, at=datetime.now(UTC), begun=False, earlier=begun)
        await self._put(turn, waiting, {call_id: decision})

    async def has_run(self, turn_id: str, call_id: str, *, by: str) -> None:
        """Leave it at what a tool may have done; the model is told so."""
        turn, waiting, begun = self._unsure_call(turn_id, call_id)
        decision = Decision(kind='ran', by=by, at=datetime.now(UTC), earlier=begun)
        await self._put(turn, waiting, {call_id: decision})

    async def take_back(self, turn_id: str, call_id: str) -> None:
        """Have a call wait again that is decided, as long as others of its turn are not."""
        turn = self._turn(turn_id)
        waiting = turn.waiting.get(turn.version_id)
        decision = waiting.decisions.get(call_id) if waiting and turn.pending else None
        if waiting is None or decision is None or decision.begun:
            raise DecisionMade
        earlier = {call_id: decision.earlier} if decision.earlier else {}
        self._log.set_waiting(turn.version_id, waiting.without_decision(call_id).with_decisions(earlier))
        await self._save(turn.version_id, waiting)

    def resume(self, turn_id: str) -> None:
        """Go on with what was decided, if that could not be begun before."""
        turn = self._turn(turn_id)
        if not turn.can_resume:
            raise DecisionMade
        self._answerer.resume(turn)

    async def allow(self, tool: AllowedTool, *, is_allowed: bool) -> None:
        """Have a tool need no approval in this conversation, or need it again."""
        rest = tuple(each for each in self._log.metadata.allowed if each != tool)
        allowed = (*rest, tool) if is_allowed else rest
        self._log.set_metadata(replace(self._log.metadata, allowed=allowed))
        self._changed.notify()
        await self._log.save_metadata()

    async def _allow(self, tool: AllowedTool, scope: AllowedScope) -> None:
        if scope == 'chat':
            await self.allow(tool, is_allowed=True)
        else:
            await self._answerer.preferences.update(lambda preferences: preferences.with_allowed_tool(tool))

    def _turn(self, turn_id: str) -> Turn:
        if self._answerer.is_running or self._switcher.is_switching:
            raise ConversationBusy
        turn = self._log.turn(turn_id)
        if not turn.is_last:
            raise DecisionMade
        return turn

    def _waiting_call(
        self, turn_id: str, call_id: str, kind: str = ''
    ) -> tuple[Turn, WaitingCalls, ToolCallPart]:
        turn = self._turn(turn_id)
        call = next((call for call in turn.undecided if call.tool_call_id == call_id), None)
        waiting = turn.waiting.get(turn.version_id)
        if call is None or waiting is None or call_id in waiting.decisions:
            raise DecisionMade
        if kind and waiting.kind(call_id) != kind:
            raise DecisionMade
        return turn, waiting, call

    def _unsure_call(self, turn_id: str, call_id: str) -> tuple[Turn, WaitingCalls, Decision]:
        turn = self._turn(turn_id)
        waiting = turn.waiting.get(turn.version_id)
        decision = waiting.decisions.get(call_id) if waiting else None
        is_open = any(call.tool_call_id == call_id for call in turn.undecided)
        if waiting is None or decision is None or not (decision.begun and is_open):
            raise DecisionMade
        return turn, waiting, decision

    async def _put(self, turn: Turn, before: WaitingCalls, decisions: Mapping[str, Decision]) -> None:
        """Store decisions; with the last one of the turn, the run goes on, which stores it."""
        self._log.set_waiting(turn.version_id, before.with_decisions(decisions))
        decided = self._log.turn(turn.id)
        if decided.undecided:
            await self._save(turn.version_id, before)
        else:
            self._answerer.resume(decided)

    async def _save(self, run_id: str, before: WaitingCalls) -> None:
        """Store what is decided; what cannot be stored is not decided."""
        decided = self._log.metadata.waiting[run_id]
        try:
            await self._log.save_metadata()
        except OSError as error:
            if self._log.metadata.waiting.get(run_id) == decided:
                self._log.set_waiting(run_id, before)
            raise ChatError(error_message(error)) from error
        finally:
            self._changed.notify()


def _approved_alike(waiting: WaitingCalls, call: ToolCallPart) -> set[str]:
    """Return the ids of the calls of the same tool, without those with a difference: each is looked at."""
    alike = {other.tool_call_id for other in waiting.requests.approvals if other.tool_name == call.tool_name}
    return {other for other in alike if not difference_in(waiting.requests.metadata.get(other))}


def _edited(
    call: ToolCallPart, arguments: Mapping[str, Any] | None, schema: Mapping[str, Any] | None
) -> dict[str, Any] | None:
    """Return the arguments if they are others than those of the model.

    Raises:
        ArgumentsInvalid: If they do not fit the schema.
    """
    if arguments is None or arguments == arguments_in(call):
        return None
    if schema and (sentences := sentences_for(arguments, schema)):
        raise ArgumentsInvalid(sentences)
    return {**arguments}
