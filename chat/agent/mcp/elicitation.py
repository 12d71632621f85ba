"""Questions of servers to a person: forms and addresses that are open, in memory only."""

import asyncio
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal
from uuid import uuid4

from chat.change_signal import ChangeSignal

Action = Literal['accept', 'decline', 'cancel']
Answer = tuple[Action, dict[str, Any] | None]

CANCELLED: Answer = ('cancel', None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What a server asks."""

    text: str
    url: str = ''
    """What a person is to open; '' for a form."""
    schema: Mapping[str, Any] | None = None
    """Of the form."""


@dataclass(eq=False)
class Call:
    """A call of a tool that is under way; its clock stands still while a person is asked."""

    conversation_id: str
    owner: str = ''
    """Whose conversation it is, in a team."""
    clock: asyncio.Timeout | None = None
    _open: int = field(default=0, init=False)
    _left: float = field(default=0.0, init=False)

    def pause(self) -> None:
        """Stop the clock."""
        self._open += 1
        when = self.clock.when() if self.clock else None
        if self._open == 1 and self.clock and when is not None:
            self._left = when - asyncio.get_running_loop().time()
            self.clock.reschedule(None)

    def resume(self) -> None:
        """Let it run on."""
        self._open -= 1
        if not self._open and self.clock and self._left:
            self.clock.reschedule(asyncio.get_running_loop().time() + self._left)


@dataclass(eq=False, kw_only=True)
class Elicitation:
    """A question that is open."""

    id: str
    server: str
    request: Request
    conversation_id: str | None
    """Where it belongs; `None` if it may belong to several conversations, all of one owner."""
    owner: str
    calls: set[Call]
    """The calls for one of which it was asked, as far as they are under way."""
    answer: asyncio.Future[Answer]


class ElicitationBoard:
    """All open questions. Pages read `of` and wait for `changed`; the first answer counts."""

    def __init__(self) -> None:
        self.changed = ChangeSignal()
        self._open: dict[str, Elicitation] = {}

    def of(self, conversation_id: str, owner: str = '') -> list[Elicitation]:
        """Return the questions for the page of a conversation: its own, and those of nobody knows which."""
        return [
            one
            for one in self._open.values()
            if one.owner == owner and one.conversation_id in (conversation_id, None)
        ]

    async def ask(self, server: str, calls: Collection[Call], request: Request) -> Answer:
        """Ask a person, and wait for the answer or for the end of the calls."""
        owners = {call.owner for call in calls}
        if len(owners) != 1:
            return CANCELLED  # there is nobody whom it would mean anything to, or nobody knows whom
        conversations = {call.conversation_id for call in calls}
        one = Elicitation(
            id=str(uuid4()),
            server=server,
            request=request,
            conversation_id=conversations.pop() if len(conversations) == 1 else None,
            owner=owners.pop(),
            calls=set(calls),
            answer=asyncio.get_running_loop().create_future(),
        )
        asked = list(calls)
        for call in asked:
            call.pause()
        self._open[one.id] = one
        self.changed.notify()
        try:
            return await one.answer
        finally:
            self._open.pop(one.id, None)
            for call in asked:
                if call in one.calls:
                    call.resume()
            self.changed.notify()

    def accept(self, elicitation_id: str, content: dict[str, Any] | None = None) -> None:
        """Answer with what stands in the form, which fits its schema; a question that is closed stays so."""
        if one := self._open.get(elicitation_id):
            self._settle(one, ('accept', content))

    def decline(self, elicitation_id: str) -> None:
        """Answer that the person does not want to."""
        if one := self._open.get(elicitation_id):
            self._settle(one, ('decline', None))

    def end_call(self, call: Call) -> None:
        """Close the questions that belong to no call any more."""
        for one in list(self._open.values()):
            one.calls.discard(call)
            if not one.calls:
                self._settle(one, CANCELLED)

    def _settle(self, one: Elicitation, answer: Answer) -> None:
        self._open.pop(one.id, None)
        if not one.answer.done():
            one.answer.set_result(answer)
        self.changed.notify()
