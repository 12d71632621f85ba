"""What stands in the dialog: a form for a new link, the link, those who were invited, and the way to stop."""

import logging

from nicegui.events import GenericEventArguments
from pydantic import ValidationError

from chat.conversation.live import LiveConversation
from chat.errors import SharingFailed
from chat.share.address import addresses
from chat.ui.following import follow
from chat.ui.house import House
from chat.ui.markup import Tag, Text
from chat.ui.sharing.fresh_link import FreshLink
from chat.ui.sharing.invite_form import WISH, InviteForm, Wish
from chat.ui.sharing.invite_list import InviteList

log = logging.getLogger(__name__)

NOWHERE = 'This computer is in no network that can be shared on. Join one, then open this again.'

CLOSED = 'Nobody can come now. Links that are not over work again when you share again.'

CAN_BE_READ = (
    'The connection is not encrypted: others in this network could read what is sent. '
    'Share where you trust those who are in it.'
)


class ShareSheet:
    """Follows what is shared for as long as the dialog is open."""

    def __init__(self, house: House, live: LiveConversation | None) -> None:
        self._sharing = house.sharing
        self._conversation_id = live.id if live and live.turns else ''
        self._found = found = addresses()
        problem = '' if found or self._sharing.is_on else NOWHERE
        self._form = InviteForm(found, has_conversation=bool(self._conversation_id), submit=self._invite)
        self._problem = Text('p', problem, 'share-problem', role='alert')
        self._link = FreshLink()
        self._warning = Text('p', CAN_BE_READ, 'share-note')
        self._invites = InviteList(house)
        with Tag('div', 'share-foot') as self._foot:
            self._where = Text('span', '', 'share-note')
            self._stop_button = Text('button', 'Stop sharing', 'text-button danger', type='button')
            self._again_button = Text('button', 'Share again', 'text-button', type='button')
        self._stop_button.props('data-testid=share-stop').on('click', self._stop, args=[])
        self._again_button.props('data-testid=share-again').on('click', self._share_again, args=[])
        follow(self._sharing.changed, self._show)
        follow(house.presence.changed, self._invites.show)

    def _show(self) -> None:
        urls = self._sharing.urls
        self._form.show(is_on=bool(urls))
        self._invites.show()
        self._where.set_text(f'Open on {" and ".join(urls)}' if urls else CLOSED)
        self._foot.set_visibility(bool(urls or self._sharing.invites))
        self._stop_button.set_visibility(bool(urls))
        self._again_button.set_visibility(not urls and bool(self._found))
        self._warning.set_visibility(not any(url.startswith('https:') for url in urls))

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
            await self._sharing.start(self._found[0].ip)
        except SharingFailed as error:
            self._problem.set_text(str(error))

    async def _create(self, wish: Wish) -> None:
        if not self._sharing.is_on:
            await self._sharing.start(wish.address)
        issued = await self._sharing.invite(
            wish.allows, self._conversation_id, lasting=wish.lasts, name=wish.name
        )
        self._link.show(issued.invite, self._sharing.links(issued.token)[0])

    async def _stop(self) -> None:
        self._link.clear()
        try:
            await self._sharing.stop()
        except SharingFailed as error:
            self._problem.set_text(str(error))
