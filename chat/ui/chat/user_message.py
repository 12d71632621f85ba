"""A question on the page: its bubble with its files, and the editor that takes its place."""

from collections.abc import Awaitable
from functools import partial

from nicegui import ui

from chat.conversation.attachments import AttachedFiles, Attachment, format_size
from chat.conversation.turns import Turn
from chat.ui.chat.answer_actions import VERSION_STEP, VersionStep
from chat.ui.chat.turn_actions import TurnActions, TurnViewer
from chat.ui.html import HtmlElement, HtmlText, local_address
from chat.ui.javascript import COMPONENTS
from chat.ui.page_events import TEXT, parse_event


class UserMessage(ui.element, component=COMPONENTS / 'user_message.js'):
    """Shows a question and its versions; what is written anew stays in the browser until it is sent."""

    def __init__(self, turn: Turn, viewer: TurnViewer) -> None:
        super().__init__()
        self.element = turn.question
        self._turn_id = turn.id
        self._shown: object = None
        self.props.update(
            turn=turn.id,
            text=turn.question,
            author=viewer.author_of(turn),
            files=bool(turn.attachments),
        )
        if viewer.actions:
            self._offer(viewer.actions)
        with self:
            show_attachments(turn.attachments)
        self.show(turn)

    def show(self, turn: Turn) -> None:
        """Bring the number of versions up to date; a question itself never changes."""
        if (shown := (turn.question_version, turn.prompt_entry_id)) != self._shown:
            self._shown = shown
            version = turn.question_version
            self.props.update(number=version.number, count=version.count, entry=turn.prompt_entry_id)

    def _offer(self, actions: TurnActions) -> None:
        """Have what can be done with it done."""

        def switch(step: VersionStep) -> Awaitable[None]:
            return actions.switch(self._turn_id, 'question', step)

        self.props['canAct'] = True
        self.on('edit', parse_event(TEXT, partial(actions.edit, self._turn_id)))
        self.on('switch', parse_event(VERSION_STEP, switch))
        self.on('delete', partial(actions.delete_version, self._turn_id, 'question'), args=[])


def show_attachments(attached: AttachedFiles) -> None:
    """Images as pictures that open large, other files by name and size; a lost file says so."""
    if not attached:
        return
    with HtmlElement('div', 'attached'):
        for attachment, content in attached.items():
            if not content.data:
                _lost(attachment)
            elif attachment.is_image:
                _picture(attachment)
            else:
                _file(attachment)


def _picture(attachment: Attachment) -> None:
    with HtmlElement(
        'a', 'attached-image', href=_address(attachment), target='_blank', data_testid='attachment'
    ):
        HtmlElement('img', src=_address(attachment), alt=attachment.name, loading='lazy', decoding='async')


def _file(attachment: Attachment) -> None:
    link = HtmlElement('a', 'attached-file', href=_address(attachment), download=attachment.name)
    link.props['data-testid'] = 'attachment'
    with link:
        ui.icon('sym_o_description').props('aria-hidden=true')
        HtmlText('span', attachment.name, 'attachment-name')
        HtmlText('span', format_size(attachment.size), 'attachment-size')


def _lost(attachment: Attachment) -> None:
    with HtmlElement('span', 'attached-file lost', data_testid='attachment'):
        ui.icon('sym_o_broken_image').props('aria-hidden=true')
        HtmlText('span', attachment.name, 'attachment-name')
        HtmlText('span', 'file is missing', 'attachment-size')


def _address(attachment: Attachment) -> str:
    return local_address(f'/files/{attachment.blob}')
