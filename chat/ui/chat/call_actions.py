"""What a person can have done with the tool calls of an answer."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from chat.conversation.content.waiting import AllowedScope
from chat.conversation.error_messages import error_message
from chat.conversation.live_conversation import LiveConversation
from chat.errors import ArgumentsInvalid, ChatError
from chat.ui.notifications import notify, notifying_errors


@dataclass(frozen=True, slots=True, kw_only=True)
class CallActions:
    """What one person can have done with the calls of one turn; what is refused is said on their page."""

    live: LiveConversation
    turn_id: str
    is_for_guest: bool
    """Whether the prompt of a guest has led to the calls: then every tool asks, always."""
    by: str
    """Their name, as it is kept with what they decide."""
    has_agent: Callable[[str], bool]
    """Tells whether the agent of this name is running here."""

    def place_of(self, call_id: str) -> str:
        """Return where a browser keeps what was entered for a call and not sent."""
        turn = next((turn for turn in self.live.turns if turn.id == self.turn_id), None)
        return f'call {turn.version_id} {call_id}' if turn else ''

    async def preview(self, call_id: str, arguments: Mapping[str, Any]) -> Mapping[str, Any] | None:
        """Return what a call would say about itself with these arguments; `None` if it would fail.

        Raises:
            ArgumentsInvalid: If it cannot be given them.
        """
        try:
            return await self.live.decisions.preview(self.turn_id, call_id, arguments)
        except ArgumentsInvalid:
            raise
        except (ChatError, OSError) as error:
            notify(error_message(error))
            return None

    async def approve(
        self,
        call_id: str,
        arguments: Mapping[str, Any],
        scope: AllowedScope | None,
        details: Mapping[str, Any] | None = None,
    ) -> None:
        """Have a tool run with these arguments; `details` are what `preview` has returned of them.

        Raises:
            ArgumentsInvalid: If it cannot be given them.
        """
        approve = self.live.decisions.approve
        try:
            await approve(
                self.turn_id, call_id, arguments=arguments, details=details, scope=scope, by=self.by
            )
        except ArgumentsInvalid:
            raise
        except (ChatError, OSError) as error:
            notify(error_message(error))

    async def deny(self, call_id: str, reason: str) -> None:
        with notifying_errors():
            await self.live.decisions.deny(self.turn_id, call_id, reason=reason, by=self.by)

    async def answer(self, call_id: str, value: object) -> None:
        with notifying_errors():
            await self.live.decisions.answer(self.turn_id, call_id, value, by=self.by)

    async def take_back(self, call_id: str) -> None:
        with notifying_errors():
            await self.live.decisions.take_back(self.turn_id, call_id)

    async def run_again(self, call_id: str) -> None:
        with notifying_errors():
            await self.live.decisions.run_again(self.turn_id, call_id, by=self.by)

    async def has_run(self, call_id: str) -> None:
        with notifying_errors():
            await self.live.decisions.has_run(self.turn_id, call_id, by=self.by)
