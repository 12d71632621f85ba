"""The prompts that wait for the answer before them, as chips above the box."""

from collections.abc import Awaitable, Callable
from functools import partial

from nicegui import ui
from nicegui.element import Element
from pydantic_ai import ModelRequest

from chat.conversation.content.messages import attachments_of, author_of, prompt_preview, turn_id_of
from chat.conversation.live_conversation import LiveConversation
from chat.ui.html import HtmlElement, HtmlText, Icon, IconButton
from chat.ui.javascript import COMPONENTS
from chat.ui.notifications import notifying_errors
from chat.ui.page_messages import send_props

PAUSED = 'Paused'
PRESS_TO_SEND = f'{PAUSED} – press ↑ to send'  # noqa: RUF001
QUEUED = 'Queued – sent after this answer'  # noqa: RUF001
GOES_ALONG = 'Queued – sent at the next step of this answer'  # noqa: RUF001
AT_NEXT_STEP = 'next step'
"""Said of a prompt that the agent gets as soon as it asks its model again."""

MAX_SHOWN_LENGTH = 200
"""Characters of a prompt that its chip holds; the style sheet shows what fits."""


class PromptQueueView(ui.element, component=COMPONENTS / 'prompt_queue.js'):
    """One chip per prompt: send it now, edit it, remove it."""

    def __init__(self, live: LiveConversation, *, edit: Callable[[str], Awaitable[None]] | None) -> None:
        """Without `edit` one can only look."""
        super().__init__()
        self._live = live
        self._edit = edit
        self._shown: object = None
        self._note: HtmlText | None = None
        self._chips: dict[str, QueuedPrompt] = {}
        """By the ids of the prompts."""

    def show(self) -> None:
        """Bring the page up to date with the queue as it is now; a chip stays as long as its prompt waits."""
        queue, is_halted = self._live.shown_queue, self._live.is_halted
        steering = [
            (self._live.steering.is_possible(each), self._live.steering.is_marked(each)) for each in queue
        ]
        if (shown := (queue, is_halted, self._live.is_running, steering)) == self._shown:
            return
        self._shown = shown
        self._show_note(self._note_text(is_halted=is_halted) if queue else '')
        for turn_id in self._chips.keys() - set(map(turn_id_of, queue)):
            self._chips.pop(turn_id).delete()
        for place, prompt in enumerate(queue, start=1):
            self._show_chip(prompt, place)

    def _show_note(self, text: str) -> None:
        if not text and self._note:
            self._note.delete()
            self._note = None
        elif self._note:
            self._note.set_text(text)
        elif text:
            with self:
                self._note = HtmlText('p', text, 'queue-note', data_testid='queue-note')

    def _note_text(self, *, is_halted: bool) -> str:
        """Return what the prompts wait for; who can only look has no button to press."""
        if not is_halted:
            return GOES_ALONG if all(map(self._live.steering.is_marked, self._live.shown_queue)) else QUEUED
        return PRESS_TO_SEND if self._edit else PAUSED

    def _show_chip(self, prompt: ModelRequest, place: int) -> None:
        chip = self._chips.get(turn_id_of(prompt))
        if not chip:
            with self:
                chip = self._chips[turn_id_of(prompt)] = QueuedPrompt(self._live, prompt, self._edit)
        if self.default_slot.children.index(chip) != place:
            chip.move(target_index=place)
        chip.show(prompt)


class QueuedPrompt(HtmlElement):
    """The chip of one prompt; what is written in it never changes."""

    def __init__(
        self, live: LiveConversation, prompt: ModelRequest, edit: Callable[[str], Awaitable[None]] | None
    ) -> None:
        super().__init__('div', 'queued', role='listitem')
        self._live = live
        self._turn_id = turn_id_of(prompt)
        self._when: Element | None = None
        self._steer_button: Element | None = None
        with self:
            self._build_text(prompt)
            self._after_text = len(self.default_slot.children)
            self._send_button = self._build_buttons(edit) if edit else None

    def show(self, prompt: ModelRequest) -> None:
        """Bring up to date when it is sent, and what can be done with it."""
        steering = self._live.steering
        self._when = self._optional(self._when, self._build_when, wanted=steering.is_marked(prompt))
        if self._send_button:
            send_props(self._send_button, **{'title': self._send_label, 'aria-label': self._send_label})
            self._steer_button = self._optional(
                self._steer_button, self._build_steer_button, wanted=steering.is_possible(prompt)
            )

    @property
    def _send_label(self) -> str:
        return 'Stop the answer and send' if self._live.is_running else 'Send now'

    def _optional(
        self, shown: Element | None, build: Callable[[], Element], *, wanted: bool
    ) -> Element | None:
        """Return what stands after the text if it is wanted: what is shown, or what is built for it."""
        if (shown is not None) == wanted:
            return shown
        if shown is not None:
            shown.delete()
            return None
        with self:
            element = build()
        element.move(target_index=self._after_text)
        return element

    def _build_text(self, prompt: ModelRequest) -> None:
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

    def _build_when(self) -> Element:
        return HtmlText('span', AT_NEXT_STEP, 'queued-when', data_testid='at-next-step')

    def _build_steer_button(self) -> Element:
        button = IconButton('send', 'Send now, at the next step', data_testid='send-now')
        return button.on('click', self._steer, args=[])

    async def _steer(self) -> None:
        with notifying_errors():
            await self._live.steering.steer(self._turn_id)

    def _build_buttons(self, edit: Callable[[str], Awaitable[None]]) -> IconButton:
        """Build them, and return the one whose name depends on whether an answer is under way."""
        send, change, remove = (
            IconButton('arrow_upward', self._send_label, data_testid='queued-send'),
            IconButton('edit', 'Edit', data_testid='queued-edit', data_action='edit'),
            IconButton('close', 'Remove', data_testid='queued-remove'),
        )
        send.on('click', partial(self._live.send_now, self._turn_id), args=[])
        change.on('click', partial(edit, self._turn_id), args=[])
        remove.on('click', partial(self._live.remove_from_queue, self._turn_id), args=[])
        return send
