"""The prompts that wait for the answer before them, as chips above the box."""

from collections.abc import Awaitable, Callable
from functools import partial

from pydantic_ai import ModelRequest

from chat.conversation.live_conversation import LiveConversation
from chat.conversation.messages import attachments_of, author_of, prompt_preview, turn_id_of
from chat.ui.html import HtmlElement, HtmlText, Icon, IconButton
from chat.ui.notifications import notifying_errors

PAUSED = 'Paused'
PRESS_TO_SEND = f'{PAUSED} – press ↑ to send'  # noqa: RUF001
QUEUED = 'Queued – sent after this answer'  # noqa: RUF001
GOES_ALONG = 'Queued – sent at the next step of this answer'  # noqa: RUF001
AT_NEXT_STEP = 'next step'
"""Said of a prompt that the agent gets as soon as it asks its model again."""

MAX_SHOWN_LENGTH = 200
"""Characters of a prompt that its chip holds; the style sheet shows what fits."""


class PromptQueueView(HtmlElement):
    """One chip per prompt: send it now, edit it, remove it."""

    def __init__(
        self, live: LiveConversation, *, edit: Callable[[str], Awaitable[None]] | None = None
    ) -> None:
        """Without `edit` one can only look."""
        super().__init__('div', 'queue', role='list', aria_label='Queued messages')
        self._live = live
        self._edit = edit
        self._shown: object = None

    def show(self) -> None:
        """Bring the page up to date with the queue as it is now."""
        queue, is_halted = self._live.shown_queue, self._live.is_halted
        steering = [
            (self._live.steering.is_possible(each), self._live.steering.is_marked(each)) for each in queue
        ]
        if (shown := (queue, is_halted, self._live.is_running, steering)) == self._shown:
            return
        self._shown = shown
        if self.default_slot.children:  # else an empty queue would be sent again
            self.clear()
        with self:
            if queue:
                HtmlText('p', self._note(is_halted=is_halted), 'queue-note', data_testid='queue-note')
            for prompt in queue:
                self._chip(prompt)

    def _note(self, *, is_halted: bool) -> str:
        """Return what the prompts wait for; who can only look has no button to press."""
        if not is_halted:
            return GOES_ALONG if all(map(self._live.steering.is_marked, self._live.shown_queue)) else QUEUED
        return PRESS_TO_SEND if self._edit else PAUSED

    def _chip(self, prompt: ModelRequest) -> None:
        with HtmlElement('div', 'queued', role='listitem'):
            if author := author_of(prompt):
                HtmlText('span', author, 'queued-author')
            HtmlText(
                'span',
                ' '.join(prompt_preview(prompt)[:MAX_SHOWN_LENGTH].split()),
                'queued-text',
                data_testid='queued',
            )
            if files := attachments_of(prompt):
                Icon('attach_file', f'{len(files)} files')
            if self._live.steering.is_marked(prompt):
                HtmlText('span', AT_NEXT_STEP, 'queued-when', data_testid='at-next-step')
            if self._edit:
                if self._live.steering.is_possible(prompt):
                    steer = self._button('send', 'Send now, at the next step', 'send-now')
                    steer.on('click', partial(self._steer, turn_id_of(prompt)), args=[])
                self._buttons(turn_id_of(prompt), self._edit)

    async def _steer(self, turn_id: str) -> None:
        with notifying_errors():
            await self._live.steering.steer(turn_id)

    def _buttons(self, turn_id: str, edit: Callable[[str], Awaitable[None]]) -> None:
        label = 'Stop the answer and send' if self._live.is_running else 'Send now'
        send, change, remove = (
            self._button('arrow_upward', label, 'queued-send'),
            self._button('edit', 'Edit', 'queued-edit', data_action='edit'),
            self._button('close', 'Remove', 'queued-remove'),
        )
        send.on('click', partial(self._live.send_now, turn_id), args=[])
        change.on('click', partial(edit, turn_id), args=[])
        remove.on('click', partial(self._live.remove_from_queue, turn_id), args=[])

    def _button(self, icon: str, label: str, testid: str, **attributes: str) -> IconButton:
        return IconButton(icon, label, data_testid=testid, **attributes)
