"""What stands in the dialog: a form for a new link, the link, those who were invited, and the way to stop."""

import logging

from nicegui.events import GenericEventArguments
from pydantic import ValidationError

from chat.conversation.live import LiveConversation
from chat.errors import SharingFailed
from chat.share.address import lan_addresses
from chat.ui.following import follow
from chat.ui.house import House
from chat.ui.markup import Tag, Text
from chat.ui.sharing.fresh_link import FreshLink
from chat.ui.sharing.invite_form import WISH, InviteForm, Wish
from chat.ui.sharing.invite_list import InviteList
from chat.ui.sharing.stop_question import StopQuestion

log = logging.getLogger(__name__)

NOWHERE = 'This computer is in no network that can be shared on. Join one, then open this again.'

OFF = 'Sharing is off. All links have ended.'
KEPT = 'Sharing is off. Links that you kept work again the next time you share.'
ALIVE = 'Sharing is off. Links that have not expired work as soon as you share.'

ON_AGAIN = 'Share again'
RESUME = 'Turn kept links on'
"""While sharing is on: a link that is made turns none of those on."""

CAN_BE_READ = (
    'The connection is not encrypted: others in this network could read what is sent. '
    'Share where you trust those who are in it.'
)


class ShareSheet:
    """Follows what is shared for as long as the dialog is open."""

    def __init__(self, house: House, live: LiveConversation | None) -> None:
        self._sharing = house.sharing
        self._conversation_id = live.id if live and live.turns else ''
        self._found = found = lan_addresses()
        problem = '' if found or self._sharing.is_on else NOWHERE
        self._form = InviteForm(found, has_conversation=bool(self._conversation_id), submit=self._invite)
        self._problem = Text('p', problem, 'share-problem', role='alert')
        self._link = FreshLink()
        self._warning = Text('p', CAN_BE_READ, 'share-note')
        self._invites = InviteList(house)
        with Tag('div', 'share-foot') as self._foot:
            self._where = Text('span', '', 'share-note')
            self._stop_button = Text('button', 'Stop sharing', 'text-button danger', type='button')
            self._again_button = Text('button', ON_AGAIN, 'text-button', type='button')
        question = StopQuestion(self._stop)
        self._stop_button.props('data-testid=share-stop').on('click', question.ask, args=[])
        self._again_button.props('data-testid=share-again').on('click', self._share_again, args=[])
        follow(self._sharing.changed, self._show)
        follow(house.presence.changed, self._invites.show)

    def _show(self) -> None:
        urls, invites = self._sharing.urls, self._sharing.invites
        self._form.show(is_on=bool(urls))
        self._invites.show()
        self._where.set_text(f'Open on {" and ".join(urls)}' if urls else self._off)
        self._foot.set_visibility(bool(urls or invites or self._sharing.was_stopped))
        self._stop_button.set_visibility(bool(urls))
        self._again_button.set_text(RESUME if urls else ON_AGAIN)
        self._again_button.set_visibility(self._sharing.has_paused if urls else bool(self._found))
        self._warning.set_visibility(not any(url.startswith('https:') for url in urls))

    @property
    def _off(self) -> str:
        """What has become of the links while nothing is shared."""
        if self._sharing.has_paused:
            return KEPT
        return ALIVE if self._sharing.invites else OFF

    async def _invite(self, event: GenericEventArguments) -> None:
        try:
            wish = WISH.validate_python(event.args)
        except ValidationError:
            return log.warning('A page asked for an invite that makes no sense')
        if not self._conversation_id and wish.allows != 'everything':
            return None
        if not self._sharing.is_on and wish.address not in {each.ip for each in self._found}:
            self._problem.set_text(NOWHERE)
            return None
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

    async def _create(self, wish: Wish) -> None:
        if not self._sharing.is_on:
            await self._sharing.start(wish.address)
        issued = await self._sharing.invite(
            wish.allows, self._conversation_id, lasting=wish.lasts, name=wish.name
        )
        self._link.show(issued.invite, self._sharing.links(issued.token)[0])

    async def _stop(self, keeps_links: bool) -> None:
        self._link.clear()
        try:
            await self._sharing.stop(keeps_links=keeps_links)
        except SharingFailed as error:
            self._problem.set_text(str(error))
