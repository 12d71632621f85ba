"""What stands in the dialog: a form for a new link, the link, those who were invited, and the way to stop."""

from chat.conversation.storage import ConversationCatalog
from chat.errors import SharingFailed
from chat.sharing.lan_addresses import lan_addresses
from chat.sharing.presence import Presence
from chat.sharing.sharing import Sharing
from chat.ui.follow import follow
from chat.ui.html import HtmlElement, HtmlText
from chat.ui.share_dialog.invite_form import InviteForm, InviteRequest
from chat.ui.share_dialog.invite_list import InviteList
from chat.ui.share_dialog.new_link import NewLink
from chat.ui.share_dialog.stop_question import StopQuestion

NO_NETWORK_MESSAGE = "This computer isn't connected to a network. Connect to one, then open this again."

OFF_MESSAGE = 'Sharing is off. All links have ended.'
OFF_LINKS_KEPT_MESSAGE = 'Sharing is off. Links that you kept work again the next time you share.'
OFF_LINKS_LASTING_MESSAGE = 'Sharing is off. Links that have not expired work again as soon as you share.'

SHARE_AGAIN_LABEL = 'Share again'
RESUME_LABEL = 'Turn on kept links'
"""While sharing is on: a link that is made turns none of those on."""

UNENCRYPTED_WARNING = (
    'The connection is not encrypted: others on this network could read what is sent. '
    'Share only on networks that you trust.'
)


class ShareForm:
    """Follows what is shared for as long as the dialog is open."""

    def __init__(
        self, sharing: Sharing, presence: Presence, catalog: ConversationCatalog, conversation_id: str
    ) -> None:
        """Without a `conversation_id`, only a device of the owner can be let in."""
        self._sharing = sharing
        self._conversation_id = conversation_id
        self._found = found = lan_addresses()
        problem = '' if found or self._sharing.is_on else NO_NETWORK_MESSAGE
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
        follow(self._sharing.changed, self._show)
        follow(presence.changed, self._invites.show)

    def _show(self) -> None:
        urls, invites = self._sharing.urls, self._sharing.invites
        self._form.show(is_on=bool(urls))
        self._invites.show()
        self._where.set_text(f'Open on {" and ".join(urls)}' if urls else self._off_message)
        self._foot.set_visibility(bool(urls or invites or self._sharing.was_stopped))
        self._stop_button.set_visibility(bool(urls))
        self._again_button.set_text(RESUME_LABEL if urls else SHARE_AGAIN_LABEL)
        self._again_button.set_visibility(self._sharing.has_paused if urls else bool(self._found))
        self._warning.set_visibility(not any(url.startswith('https:') for url in urls))

    @property
    def _off_message(self) -> str:
        """What has become of the links while nothing is shared."""
        if self._sharing.has_paused:
            return OFF_LINKS_KEPT_MESSAGE
        return OFF_LINKS_LASTING_MESSAGE if self._sharing.invites else OFF_MESSAGE

    async def _invite(self, wish: InviteRequest) -> None:
        if not self._conversation_id and wish.allows != 'everything':
            return
        if not self._sharing.is_on and wish.address not in {each.ip for each in self._found}:
            self._problem.set_text(NO_NETWORK_MESSAGE)
            return
        try:
            await self._create(wish)
        except SharingFailed as error:
            self._problem.set_text(str(error))
        else:
            self._problem.set_text('')

    async def _share_again(self) -> None:
        try:
            if not self._sharing.is_on:
                await self._sharing.start(self._found[0].ip)
            await self._sharing.resume()
        except SharingFailed as error:
            self._problem.set_text(str(error))

    async def _create(self, wish: InviteRequest) -> None:
        if not self._sharing.is_on:
            await self._sharing.start(wish.address)
        issued = await self._sharing.invite(
            wish.allows, self._conversation_id, lasting=wish.lifetime, name=wish.name
        )
        self._link.show(issued.invite, self._sharing.links(issued.token)[0])

    async def _stop(self, keeps_links: bool) -> None:
        self._link.clear()
        try:
            await self._sharing.stop(keeps_links=keeps_links)
        except SharingFailed as error:
            self._problem.set_text(str(error))
