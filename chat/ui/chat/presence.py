"""Who is at a conversation and by what name, who of them is writing, and whether this page is in view."""

from typing import Annotated

from nicegui import ui
from pydantic import StrictStr, StringConstraints, TypeAdapter

from chat.conversation.live_conversation import LiveConversation
from chat.nicegui_compat import DeletionHook
from chat.sharing.access import Visitor
from chat.sharing.invites import MAX_GUEST_NAME_LENGTH
from chat.sharing.presence import Presence
from chat.sharing.sharing import Sharing
from chat.ui.fields import InputField
from chat.ui.follow_changes import follow
from chat.ui.formatting import join_few_names, title_outside
from chat.ui.html import CLOSE_DIALOG_SCRIPT, HtmlElement, HtmlText
from chat.ui.javascript import COMPONENTS
from chat.ui.notifications import notify_on_error
from chat.ui.page_events import FLAG, parse_event
from chat.ui.page_messages import send_props

READ_ONLY_MESSAGE = 'View only. New messages appear as they are written.'

GUEST_NAME = TypeAdapter(Annotated[StrictStr, StringConstraints(max_length=MAX_GUEST_NAME_LENGTH)])

OPEN_NAME_DIALOG_SCRIPT = """(event) => {
    const dialog = event.target.closest(".guest-name").querySelector("dialog");
    dialog.showModal();
    dialog.querySelector("input").select();
}"""
SUBMIT_NAME_SCRIPT = """(event) => {
    event.preventDefault();
    emit(event.target.elements.name.value);
    event.target.closest("dialog").close();
}"""


class ViewerList(HtmlElement, DeletionHook):
    """Names the others, and on a phone counts them; nothing is seen of it while nobody else is here."""

    def __init__(self, live: LiveConversation, presence: Presence, me: Visitor) -> None:
        super().__init__('span', 'presence', data_testid='presence', role='status')
        self._live = live
        self._presence = presence
        self._me = me
        self._page = ui.context.client
        self._shown: list[str] | None = None
        presence.join(self, me, live.id)
        with self:
            self._names = HtmlText('span', '', 'presence-names')
            follow(presence.changed, self._show)

    @property
    def visitor(self) -> Visitor:
        """Who is on this page, by their name of now."""
        return self._presence.visitor_on(self) or self._me

    @property
    def is_connected(self) -> bool:
        """Whether the browser is there."""
        return self._page.has_socket_connection and not self.is_deleted

    def _show(self) -> None:
        others = self._presence.other_names(self._live.id, self.visitor)
        if others == self._shown:
            return
        self._shown = others
        self._names.set_text(join_few_names(others))
        self.props['title'] = f'{join_few_names(others)} {"is" if len(others) == 1 else "are"} here'
        self.props['data-count'] = str(len(others))
        self.set_visibility(bool(others))

    def on_delete(self) -> None:
        self._presence.leave(self)


class GuestName(HtmlElement):
    """Says what a guest is called, and lets them change that; all their pages follow."""

    def __init__(self, viewers: ViewerList, presence: Presence, sharing: Sharing, *, can_send: bool) -> None:
        super().__init__('div', 'guest-name')
        self._viewers = viewers
        self._sharing = sharing
        self._can_send = can_send
        self._shown = ''
        with self:
            with HtmlElement('p', 'fine-print'):
                self._sentence = HtmlText('span', '')
                button = HtmlText(
                    'button', 'Change name', 'text-button', type='button', data_testid='guest-rename'
                )
                button.on('click', js_handler=OPEN_NAME_DIALOG_SCRIPT)
            with HtmlElement('dialog', 'dialog', aria_label='Your name'), HtmlElement('form') as form:
                self._build_form()
            form.on('submit', parse_event(GUEST_NAME, self._rename), js_handler=SUBMIT_NAME_SCRIPT)
            follow(presence.changed, self._show)

    def _build_form(self) -> None:
        HtmlText('h2', 'Your name')
        HtmlText('p', 'Everybody in this chat sees it beside your messages from now on.')
        self._field = InputField(
            'field',
            required='',
            maxlength=str(MAX_GUEST_NAME_LENGTH),
            autocomplete='nickname',
            aria_label='Your name',
            data_testid='guest-name-box',
        )
        self._field.props['name'] = 'name'
        with HtmlElement('div', 'dialog-row'):
            cancel = HtmlText('button', 'Cancel', 'text-button', type='button')
            cancel.on('click', js_handler=CLOSE_DIALOG_SCRIPT)
            HtmlText('button', 'Save', 'text-button primary', type='submit', data_testid='guest-name-save')

    def _show(self) -> None:
        name = self._viewers.visitor.name
        if name != self._shown:
            self._shown = name
            self._field.show(name)
            self._sentence.set_text(f"You're chatting as {name}." if self._can_send else READ_ONLY_MESSAGE)

    async def _rename(self, name: str) -> None:
        await notify_on_error(self._sharing.rename_guest(self._viewers.visitor.session_id, name))


class TypingIndicator(ui.element, component=COMPONENTS / 'typing_indicator.js'):
    """Tells of keys only while somebody else looks; alone, typing costs the server nothing."""

    def __init__(
        self, live: LiveConversation, presence: Presence, viewers: ViewerList, *, can_type: bool
    ) -> None:
        """Who cannot type here only sees who does."""
        super().__init__()
        self._live = live
        self._presence = presence
        self._viewers = viewers
        self._shown: object = None
        if can_type:
            self.on('typing', lambda: presence.typing(viewers), args=[])
            self.on('idle', lambda: presence.stopped_typing(viewers), args=[])
        with self:
            follow(presence.changed, self._show)

    def _show(self) -> None:
        here, me = self._live.id, self._viewers.visitor
        names = self._presence.typing_names(here, me)
        shown = (tuple(names), bool(self._presence.other_names(here, me)))
        if shown != self._shown:
            self._shown = shown
            text = f'{join_few_names(names)} {"is" if len(names) == 1 else "are"} typing …' if names else ''
            self.props.update(text=text, watched=shown[1])


class PageVisibility(DeletionHook, component=COMPONENTS / 'page_visibility.js'):
    """Tells the conversation that its page is in view, and when it is not any more. Nothing of it is seen.

    The browser may announce an answer that has ended meanwhile; not one that a guest has asked for.
    """

    def __init__(self, live: LiveConversation) -> None:
        super().__init__()
        self._live = live
        self.mark('watching')
        self.on('page-visibility', parse_event(FLAG, self._on_visibility))

    def show(self) -> None:
        """Bring up to date what an announcement depends on."""
        last = self._live.turns[-1] if self._live.turns else None
        is_own = last is not None and last.is_running and not last.author
        send_props(self, running=is_own, title=title_outside(self._live))

    async def _on_visibility(self, is_visible: bool) -> None:
        if is_visible and not self.is_deleted:
            await self._live.add_viewer(self)
        else:
            self._live.remove_viewer(self)

    def on_delete(self) -> None:
        self._live.remove_viewer(self)
