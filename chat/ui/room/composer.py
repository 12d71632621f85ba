"""The box in which a prompt is written."""

import logging
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass
from typing import Annotated, Protocol, TypeVar

from nicegui import ui
from nicegui.events import GenericEventArguments
from pydantic import Field, TypeAdapter, ValidationError

from chat.agent.models import ModelChoices
from chat.conversation.attachment import KINDS, LARGEST, LARGEST_TEXT, MOST, Attachment
from chat.conversation.live import LiveConversation
from chat.conversation.preferences import SendKey
from chat.conversation.prompt import LONGEST_PROMPT
from chat.store.files.unsent import NEW, NOTHING, Unsent
from chat.ui.room.unread_files import warning

log = logging.getLogger(__name__)

Told = TypeVar('Told')

FewAttachments = Annotated[tuple[Attachment, ...], Field(max_length=10 * MOST, fail_fast=True)]
"""As a page sends them, and more: a box may hold those of prompts that were given back.

A frame has room for hundreds of thousands, and each would be stored or have an error of its own.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """A prompt that a page sends; it has made the id, and sends it again until that is confirmed."""

    id: str
    conversation: str
    text: str = ''
    attachments: FewAttachments = ()
    seen: str = ''
    """The `Turn.end` of the last answer on the page, if it was stored by then."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """What stands in the box of a page, which counts its versions."""

    version: int
    text: str
    attachments: FewAttachments = ()


class UnsentBox(Protocol):
    """Where what stands in the box outlasts its page."""

    def find(self, place: str) -> Unsent: ...

    async def put(self, place: str, unsent: Unsent) -> None: ...


LIMITS = {'kinds': KINDS, 'most': MOST, 'largest': LARGEST, 'largestText': LARGEST_TEXT}
"""Of attachments, as the page knows them: it says before an upload what the server would say after it."""

_SENT = TypeAdapter(Sent)
_RECALLED = TypeAdapter(Annotated[list[Sent], Field(fail_fast=True)])
_WRITTEN = TypeAdapter(Written)


class Composer(ui.element, component='composer.js'):
    """A text box with its send and stop button.

    What is written belongs to the browser, which tells it when the keys rest: typing costs the server
    nothing. Enter is decided there too, since only the browser knows whether a character is still being
    composed.
    """

    def __init__(
        self,
        live: LiveConversation,
        unsent: UnsentBox,
        models: ModelChoices,
        *,
        send: Callable[[Sent], Awaitable[None]],
        recall: Callable[[list[Sent]], Awaitable[None]],
    ) -> None:
        """`recall` is asked what has become of prompts that an earlier page sent and heard nothing of."""
        super().__init__()
        self.mark('composer')
        self._live = live
        self._unsent = unsent
        self._shown = self._unsent.find(self._place)
        self._first_place = self._place
        self._models = models
        self._warned: object = None
        self.props['conversation'] = live.id
        self.props['place'] = self._place
        self.props['unsent'] = asdict(self._shown)
        self.props['longest'] = LONGEST_PROMPT
        self.props['limits'] = LIMITS
        self.props['running'] = False
        self.props['send-key'] = 'enter'
        self.props['warning'] = ''
        self.on('send', lambda event: _told(_SENT, event, send))
        self.on('recall', lambda event: _told(_RECALLED, event, recall))
        self.on('write', lambda event: _told(_WRITTEN, event, self._keep))
        self.on('stop', live.stop, args=[])

    def show(self) -> None:
        """Offer to stop while an answer is under way, and warn of what the model cannot read."""
        if self.is_deleted:
            return
        if self.props['running'] != self._live.is_running:
            self.props['running'] = self._live.is_running
        if self._warned != (warned := (self._live.details.model, self._shown.attachments)):
            self._warned = warned
            with self:
                ui.timer(0, self._warn, once=True)

    def show_unsent(self) -> None:
        """Show what was written for this conversation on another page; two new conversations are two."""
        unsent = self._unsent.find(self._place)
        if unsent != self._shown and self._place != NEW:
            self._shown = unsent
            self._call('show', asdict(unsent))
            self.show()

    def show_send_key(self, key: SendKey) -> None:
        """Have this key send; on a phone, Enter is always a new line."""
        self.props['send-key'] = key

    def accept(self, prompt_id: str) -> None:
        """Tell the page that a prompt was sent."""
        self._call('accept', prompt_id)

    def refuse(self, prompt_id: str, sentence: str) -> None:
        """Have the page put a prompt that was not sent back into the box, and say why."""
        self._call('refuse', prompt_id, sentence)

    async def give_back(self, prompt: Unsent) -> None:
        """Put a prompt that is to be edited before what stands in the box."""
        here = self._unsent.find(self._place)
        self._shown = Unsent(
            text=f'{prompt.text}\n{here.text}' if here.text.strip() else prompt.text,
            attachments=(*prompt.attachments, *here.attachments),
        )
        await self._store(self._place, self._shown)  # should the page be gone by now
        self._call('giveBack', asdict(prompt))

    def _call(self, method: str, argument: object, *more: object) -> None:
        """Have the page do something, unless it shows another box by now."""
        if not self.is_deleted:
            self.run_method(method, argument, *more)

    async def _warn(self) -> None:
        sentence = await warning(self._models, self._live.details.model, self._shown.attachments)
        if self.props['warning'] != sentence:
            self.props['warning'] = sentence

    @property
    def _place(self) -> str:
        return self._live.id if self._live.turns else NEW

    async def _keep(self, written: Written) -> None:
        self._shown = Unsent(text=written.text, attachments=written.attachments)
        self.show()
        if await self._store(self._place, self._shown):
            self._call('heard', written.version)
        if self._place != self._first_place:
            await self._store(self._first_place, NOTHING)

    async def _store(self, place: str, unsent: Unsent) -> bool:
        try:
            await self._unsent.put(place, unsent)
        except OSError as error:  # the browser keeps it, and will try again
            log.warning('What stands in a prompt box could not be stored: %s', error)
            return False
        return True


async def _told(
    kind: TypeAdapter[Told], event: GenericEventArguments, act: Callable[[Told], Awaitable[None]]
) -> None:
    """Do it with what a page has said, unless that makes no sense."""
    try:
        told = kind.validate_python(event.args)
    except ValidationError:
        log.warning('A page said something about its prompt box that makes no sense')
        return
    await act(told)
