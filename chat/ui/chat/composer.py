"""The box in which a prompt is written."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from typing import Annotated

from nicegui import ui
from pydantic import Field, TypeAdapter

from chat.agent.model_catalog import ModelCatalog
from chat.conversation.content.attachments import (
    MAX_ATTACHMENT_BYTES,
    MAX_ATTACHMENTS,
    TOO_LARGE_MESSAGE,
    UNSUPPORTED_MESSAGE,
    Attachment,
    format_size,
)
from chat.conversation.content.chat_settings import SendKey
from chat.conversation.content.library import SavedPrompt
from chat.conversation.content.messages import MAX_PROMPT_LENGTH, TOO_LONG_MESSAGE, TOO_MANY_FILES_MESSAGE
from chat.conversation.live_conversation import LiveConversation
from chat.conversation.storage import EMPTY_DRAFT, NEW_CONVERSATION, Draft, DraftStorage
from chat.ui.chat.attached_files import draft_for_page, unsupported_files_warning
from chat.ui.javascript import COMPONENTS
from chat.ui.page_events import parse_event
from chat.ui.page_messages import send_props
from chat.ui.page_tasks import start_when_connected

log = logging.getLogger(__name__)

FewAttachments = Annotated[tuple[Attachment, ...], Field(max_length=10 * MAX_ATTACHMENTS, fail_fast=True)]
"""As a page sends them, and more: a box may hold those of prompts that were given back.

A frame has room for hundreds of thousands, and each would be stored or have an error of its own.
"""

PROMPT_LIMITS = {
    'maxLength': MAX_PROMPT_LENGTH,
    'tooLong': TOO_LONG_MESSAGE.format(length='{length}', limit=f'{MAX_PROMPT_LENGTH:,}'),
    'maxFiles': MAX_ATTACHMENTS,
    'tooMany': TOO_MANY_FILES_MESSAGE,
    'maxBytes': MAX_ATTACHMENT_BYTES,
    'tooLarge': TOO_LARGE_MESSAGE.format(
        name='{name}', size='{size}', kind='files', limit=format_size(MAX_ATTACHMENT_BYTES)
    ),
    'unsupported': UNSUPPORTED_MESSAGE,
}
"""What the page can refuse before anything is sent in vain, in the words in which the server would."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SentPrompt:
    """A prompt that a page sends; it has made the id, and sends it again until that is confirmed."""

    id: str
    conversation: str
    text: str = ''
    attachments: FewAttachments = ()
    seen: str = ''
    """The `Turn.answer_entry_id` of the last answer on the page, if it was stored by then."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftUpdate:
    """What stands in the box of a page, which counts its versions."""

    version: int
    text: str
    attachments: FewAttachments = ()


_SENT_PROMPT = TypeAdapter(SentPrompt)
_SENT_PROMPTS = TypeAdapter(Annotated[list[SentPrompt], Field(fail_fast=True)])
_DRAFT_UPDATE = TypeAdapter(DraftUpdate)


class Composer(ui.element, component=COMPONENTS / 'composer.js'):
    """A text box with its send and stop button.

    What is written belongs to the browser, which tells it when the keys rest: typing costs the server
    nothing. Enter is decided there too, since only the browser knows whether a character is still being
    composed.
    """

    def __init__(
        self,
        live: LiveConversation,
        drafts: DraftStorage,
        models: ModelCatalog,
        *,
        model: Callable[[], str | None],
        send: Callable[[SentPrompt], Awaitable[None]],
        reconcile: Callable[[list[SentPrompt]], Awaitable[None]],
    ) -> None:
        """`reconcile` is asked what has become of prompts that an earlier page sent and heard nothing of."""
        super().__init__()
        self.mark('composer')
        self._live, self._drafts = live, drafts
        self._shown = self._drafts.get(self._draft_key)
        self._known_key = self._draft_key
        self._left_for_new = self._shown
        """What this page has left where all new chats have their draft."""
        self._models, self._model = models, model
        self._warned: object = None
        self._moving = asyncio.Lock()
        self._saving = 0
        """How many drafts of this page are being stored: until it hears of them, it takes no others."""
        self.props.update(conversation=live.id, draftKey=self._draft_key, draft=draft_for_page(self._shown))
        self.props.update(limits=PROMPT_LIMITS, running=False, sendKey='enter', warning='')
        self.props['temporary'] = live.place.is_temporary
        self.on('send', parse_event(_SENT_PROMPT, send))
        self.on('reconcile', parse_event(_SENT_PROMPTS, reconcile))
        self.on('draft', parse_event(_DRAFT_UPDATE, self._save_draft))
        self.on('stop', live.stop, args=[])

    def show(self) -> None:
        """Offer to stop while an answer is under way, and warn of what the model cannot read."""
        if self.is_deleted:
            return
        send_props(self, running=self._live.is_running)
        self._show_place()
        warned = (self._model(), self._shown.attachments)
        if self._warned != warned and (self._shown.attachments or self.props['warning']):
            self._warned = warned
            start_when_connected(self._show_warning, self)

    def _show_place(self) -> None:
        """Keep what stands in the box where its chat is: a temporary one in memory."""
        if (is_temporary := self._live.place.is_temporary) != self.props['temporary']:
            send_props(self, temporary=is_temporary)
            start_when_connected(self.move_draft, self)

    def show_draft(self) -> None:
        """Show what was written for this conversation on another page; two new conversations are two."""
        draft = self._drafts.get(self._draft_key)
        if (
            not self._saving
            and draft != self._shown
            and NEW_CONVERSATION != self._draft_key == self._known_key
        ):
            self._shown = draft
            self._call('showDraft', draft_for_page(draft))
            self.show()

    def show_send_key(self, key: SendKey) -> None:
        """Have this key send; on a phone, Enter is always a new line."""
        send_props(self, sendKey=key)

    def show_prompts(self, prompts: Iterable[SavedPrompt]) -> None:
        """Offer these when somebody types a slash."""
        send_props(self, prompts=[[prompt.name or 'Unnamed', prompt.text] for prompt in prompts])

    def accept(self, prompt_id: str) -> None:
        """Tell the page that a prompt was sent."""
        self._call('confirmPrompt', prompt_id)

    def refuse(self, prompt_id: str, sentence: str) -> None:
        """Have the page put a prompt that was not sent back into the box, and say why."""
        self._call('refusePrompt', prompt_id, sentence)

    async def return_to_box(self, prompt: Draft) -> None:
        """Put a prompt that is to be edited before what stands in the box."""
        here = self._drafts.get(self._draft_key)
        self._shown = Draft(
            text=f'{prompt.text}\n{here.text}' if here.text.strip() else prompt.text,
            attachments=(*prompt.attachments, *here.attachments),
        )
        await self._store(self._draft_key, self._shown)  # should the page be gone by now
        self._call('returnToBox', draft_for_page(prompt))

    def _call(self, method: str, argument: object, *more: object) -> None:
        """Have the page do something, unless it shows another box by now."""
        if not self.is_deleted:
            self.run_method(method, argument, *more)

    async def _show_warning(self) -> None:
        sentence = await unsupported_files_warning(self._models, self._model(), self._shown.attachments)
        send_props(self, warning=sentence)

    @property
    def _draft_key(self) -> str:
        return self._live.id if self._live.turns or self._live.place.is_temporary else NEW_CONVERSATION

    async def _save_draft(self, written: DraftUpdate) -> None:
        draft = self._shown = Draft(text=written.text, attachments=written.attachments)
        self.show()
        self._saving += 1
        try:
            async with self._moving:  # what is confirmed is nowhere else any more
                if await self._store(self._draft_key, draft):  # an older one may be shown by now
                    self._call('confirmDraft', written.version)
        finally:
            self._saving -= 1
        await self.move_draft()
        self.show_draft()

    async def move_draft(self) -> None:
        """Keep what stands in the box of a chat that has begun for that chat, no longer for a new one."""
        before, self._known_key = self._known_key, self._draft_key
        if before != self._known_key:
            async with self._moving:
                await self._store(self._known_key, self._shown)
                if before != NEW_CONVERSATION or self._drafts.get(before) == self._left_for_new:
                    await self._store(before, EMPTY_DRAFT)  # else it is of another new chat
            with self.props.suspend_updates():
                self.props['draftKey'] = self._known_key
            self._call('moveDraft', self._known_key)

    async def _store(self, place: str, draft: Draft) -> bool:
        if place == NEW_CONVERSATION:
            self._left_for_new = draft
        try:
            await self._drafts.put(place, draft)
        except OSError as error:  # the browser keeps it, and will try again
            log.warning('A draft could not be stored: %s', error)
            return False
        return True
