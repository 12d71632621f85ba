"""The dialog by which the owner shares: a form, the new link, who was invited, and the way to stop."""

from collections.abc import Awaitable, Callable

from nicegui import ui

from chat.agent_config import FOLDER_OPTION
from chat.conversation.conversation_registry import ConversationRegistry
from chat.conversation.live_conversation import LiveConversation
from chat.conversation.storage import ConversationCatalog
from chat.errors import SharingFailed
from chat.sharing.invites import Invite
from chat.sharing.lan_addresses import lan_addresses
from chat.sharing.presence import Presence
from chat.sharing.qr_code import qr_svg
from chat.sharing.sharing import Sharing
from chat.ui.conversation_actions import current_conversation_id
from chat.ui.follow_changes import follow
from chat.ui.html import HtmlElement, HtmlText, IconButton
from chat.ui.page_events import FLAG, parse_event
from chat.ui.share_dialog.invites import InviteForm, InviteList, InviteRequest

NO_NETWORK_MESSAGE = "This computer isn't connected to a network. Connect to one, then open this again."

OFF_MESSAGE = 'Sharing is off. All links have ended.'

OFF_LINKS_KEPT_MESSAGE = 'Sharing is off. Links that you kept work again the next time you share.'

OFF_LINKS_LASTING_MESSAGE = 'Sharing is off. Links that have not expired work again as soon as you share.'

SHARE_AGAIN_LABEL = 'Share again'

LEFT_NETWORK_MESSAGE = (
    'This computer has left the network on which it shared. Create a link to share on the one that it is in.'
)

RESUME_LABEL = 'Turn on kept links'
"""While sharing is on: a link that is made turns none of those on."""

UNENCRYPTED_WARNING = (
    'The connection is not encrypted: others on this network could read what is sent. '
    'Share only on networks that you trust.'
)

FOLDER_NOTE = (
    "Guests' questions do not reach the folder of this chat. "
    'What was read of it for you is part of the chat, so they see what answers say of it.'
)

TEMPORARY_NOTE = "A temporary chat can't be shared. Keep it first. Your own devices see it while it is there."

GUEST_LINK_MESSAGE = (
    "Scan the code or pass on the link. This link is shown only once. If it's lost, create a new one."
)

DEVICE_LINK_MESSAGE = (
    'Scan the code with your device. Works for one browser, with full access. This link is shown only once.'
)

QUESTION_TITLE = 'Stop sharing?'

ENDS_MESSAGE = 'Everyone is disconnected and all links end, including those of your own devices.'

KEEP_LINKS_LABEL = 'Keep the links for next time'

SUBMIT_STOP_SCRIPT = """(event) => {
  event.preventDefault()
  const isWanted = event.submitter?.value === 'yes'
  const keeps = event.target.elements.keep.checked
  event.target.closest('dialog').close()
  if (isWanted) emit(keeps)
}"""
"""In the browser: closes the question, and tells what was chosen if it was answered with yes."""


class ShareDialog(HtmlElement):
    """One for a page; links stand in it only until it is closed."""

    def __init__(
        self,
        registry: ConversationRegistry,
        sharing: Sharing,
        presence: Presence,
        catalog: ConversationCatalog,
    ) -> None:
        super().__init__(
            'dialog', 'dialog share-dialog', data_testid='share-dialog', aria_labelledby='share-title'
        )
        self._registry = registry
        self._sharing = sharing
        self._presence = presence
        self._catalog = catalog
        self.on('close', self.clear, args=[])

    def open(self) -> None:
        """Show it, for the conversation that the page shows, if it shows one."""
        self.clear()
        live = self._registry.get(current_conversation_id())
        is_temporary = bool(live and live.place.is_temporary)
        conversation_id = live.id if live and live.turns and not is_temporary else ''
        close = f'() => getHtmlElement({self.id}).close()'
        with self:
            with HtmlElement('div', 'share-head'):
                HtmlText('h2', 'Share on this network', id='share-title')
                IconButton('close', 'Close').on('click', js_handler=close)
            if is_temporary:
                HtmlText('p', TEMPORARY_NOTE, 'share-note', data_testid='share-temporary')
            if conversation_id and live and _has_folder(live):
                HtmlText('p', FOLDER_NOTE, 'share-note share-folder', data_testid='share-folder')
            ShareForm(self._sharing, self._presence, self._catalog, conversation_id)
        ui.run_javascript(f'const it = getHtmlElement({self.id}); if (!it.open) it.showModal()')


def _has_folder(live: LiveConversation) -> bool:
    return any(options.get(FOLDER_OPTION) for options in live.metadata.tools.values())


class ShareForm:
    """Follows what is shared for as long as the dialog is open."""

    def __init__(
        self, sharing: Sharing, presence: Presence, catalog: ConversationCatalog, conversation_id: str
    ) -> None:
        """Without a `conversation_id`, only a device of the owner can be let in."""
        self._sharing = sharing
        self._conversation_id = conversation_id
        self._found = found = lan_addresses()
        problem = '' if found else NO_NETWORK_MESSAGE
        self._form = InviteForm(found, has_conversation=bool(self._conversation_id), submit=self._invite)
        self._problem = HtmlText('p', problem, 'share-problem', role='alert')
        self._link = NewLink()
        self._warning = HtmlText('p', UNENCRYPTED_WARNING, 'share-note')
        self._invites = InviteList(sharing, presence, catalog)
        with HtmlElement('div', 'share-foot') as self._foot:
            self._where = HtmlText('span', '', 'share-note')
            self._stop_button = HtmlText('button', 'Stop sharing', 'text-button danger', type='button')
            self._again_button = HtmlText('button', SHARE_AGAIN_LABEL, 'text-button', type='button')
        question = StopQuestion(self._stop)
        self._stop_button.props('data-testid=share-stop').on('click', question.ask, args=[])
        self._again_button.props('data-testid=share-again').on('click', self._share_again, args=[])
        with self._foot:
            follow(self._sharing.changed, self._show)
            follow(presence.changed, self._invites.show)

    def _show(self) -> None:
        urls, invites, is_reachable = self._sharing.urls, self._sharing.invites, self._is_reachable
        self._form.show(is_on=is_reachable)
        self._invites.show()
        self._where.set_text(f'Open on {" and ".join(urls)}' if is_reachable else self._off_message)
        self._foot.set_visibility(bool(urls or invites or self._sharing.was_stopped))
        self._stop_button.set_visibility(bool(urls))
        self._again_button.set_text(RESUME_LABEL if is_reachable else SHARE_AGAIN_LABEL)
        self._again_button.set_visibility(self._sharing.has_paused if is_reachable else bool(self._found))
        self._warning.set_visibility(not any(url.startswith('https:') for url in urls))

    @property
    def _is_reachable(self) -> bool:
        """Whether it is shared on an address that this computer still has."""
        here = {each.ip for each in self._found}
        return self._sharing.is_on and not here.isdisjoint(self._sharing.addresses)

    @property
    def _off_message(self) -> str:
        """What has become of the links while nobody can come."""
        if self._sharing.is_on:
            return LEFT_NETWORK_MESSAGE
        if self._sharing.has_paused:
            return OFF_LINKS_KEPT_MESSAGE
        return OFF_LINKS_LASTING_MESSAGE if self._sharing.invites else OFF_MESSAGE

    async def _invite(self, request: InviteRequest) -> None:
        if not self._conversation_id and request.allows != 'everything':
            return
        if not self._is_reachable and request.address not in {each.ip for each in self._found}:
            self._problem.set_text(NO_NETWORK_MESSAGE)
            return
        try:
            await self._create(request)
        except SharingFailed as error:
            self._problem.set_text(str(error))
        else:
            self._problem.set_text('')

    async def _share_again(self) -> None:
        try:
            if not self._is_reachable:
                await self._sharing.start(self._found[0].ip)
            await self._sharing.resume()
        except SharingFailed as error:
            self._problem.set_text(str(error))

    async def _create(self, request: InviteRequest) -> None:
        if not self._is_reachable:
            await self._sharing.start(request.address)
        issued = await self._sharing.invite(
            request.allows, self._conversation_id, lasting=request.lifetime, name=request.name
        )
        self._link.show(issued.invite, self._sharing.links(issued.token)[0])

    async def _stop(self, keeps_links: bool) -> None:
        self._link.clear()
        try:
            await self._sharing.stop(keeps_links=keeps_links)
        except SharingFailed as error:
            self._problem.set_text(str(error))


class NewLink(HtmlElement):
    """Empty until there is a link."""

    def __init__(self) -> None:
        super().__init__('div', 'new-link', aria_live='polite')

    def show(self, invite: Invite, link: str) -> None:
        """Show the link of a new invite, in the place of the one before."""
        self.clear()
        with self:
            code = ui.html(qr_svg(link), sanitize=False).classes('qr-code')
            code.props('data-testid=share-qr role=img aria-label="The link as a QR code"')
            with HtmlElement('div', 'new-link-text'):
                HtmlText(
                    'p',
                    DEVICE_LINK_MESSAGE if invite.allows == 'everything' else GUEST_LINK_MESSAGE,
                    'share-note',
                )
                address = HtmlText('code', link, data_testid='share-link')
                HtmlText(
                    'button',
                    'Copy link',
                    'text-button',
                    type='button',
                    data_testid='share-copy',
                    data_copies=address.html_id,
                )


class StopQuestion(HtmlElement):
    """Stands in the dialog of sharing; the links are kept only if that is switched on, each time anew."""

    def __init__(self, stop: Callable[[bool], Awaitable[None]]) -> None:
        """`stop` is told whether the links are to be kept."""
        super().__init__('dialog', 'dialog', role='alertdialog', aria_labelledby='stop-title')
        with self:
            HtmlText('h2', QUESTION_TITLE, id='stop-title')
            HtmlText('p', ENDS_MESSAGE)
            with HtmlElement('form') as form:
                with HtmlElement('label', 'keep-links'):
                    HtmlText('span', KEEP_LINKS_LABEL)
                    keep = HtmlElement(
                        'input', 'switch', type='checkbox', role='switch', data_testid='links-keep'
                    )
                    keep.props['name'] = 'keep'
                with HtmlElement('div', 'dialog-row'):
                    HtmlText('button', 'Cancel', 'text-button', type='submit', value='')
                    HtmlText(
                        'button', 'Stop sharing', 'text-button danger', value='yes', data_testid='confirm'
                    )

        form.on('submit', parse_event(FLAG, stop), js_handler=SUBMIT_STOP_SCRIPT)
        self._form = form

    def ask(self) -> None:
        """Show it, with the links not kept."""
        ui.run_javascript(f'getHtmlElement({self._form.id}).reset(); getHtmlElement({self.id}).showModal()')
