"""Those who were invited: what they may do, until when, who is here, and the way to send them away."""

from datetime import datetime
from functools import partial

from chat.conversation.storage import ConversationCatalog
from chat.errors import SharingFailed
from chat.sharing.invites import Invite
from chat.sharing.presence import Presence
from chat.sharing.sharing import Sharing
from chat.ui.formatting import title_of
from chat.ui.html import HtmlElement, HtmlText
from chat.ui.notifications import notify

PERMISSION_PHRASES = {'read': 'Can view', 'write': 'Can chat in', 'everything': 'Full access'}


class InviteList(HtmlElement):
    """One row for each invite that is not over."""

    def __init__(self, sharing: Sharing, presence: Presence, catalog: ConversationCatalog) -> None:
        super().__init__('ul', 'invites', aria_label='Invited')
        self._sharing = sharing
        self._presence = presence
        self._catalog = catalog
        self._shown: object = None

    def show(self) -> None:
        """Bring it up to date."""
        rows = [(invite, *self._words(invite)) for invite in self._sharing.invites]
        if rows == self._shown:
            return
        self._shown = rows
        self.clear()
        with self:
            for invite, may, here in rows:
                self._row(invite, may, here)

    def _row(self, invite: Invite, may: str, here: str) -> None:
        with HtmlElement('li', 'invite', data_testid='invite'):
            with HtmlElement('div', 'invite-words'):
                with HtmlElement('span', 'invite-name'):
                    HtmlText('span', invite.label)
                    if here:
                        HtmlText('span', here, 'here')
                HtmlText('span', may, 'share-note')
            end = HtmlText('button', 'End', 'text-button', type='button', data_testid='invite-end')
            end.props['aria-label'] = f'End the link of {invite.label}'
            end.on('click', partial(self._end, invite.id), args=[])

    def _words(self, invite: Invite) -> tuple[str, str]:
        """What they may do, and how many of them are here."""
        summary = self._catalog.get(invite.conversation_id) if invite.allows != 'everything' else None
        what = f' “{title_of(summary)}”' if summary else ''
        count = sum(map(self._presence.is_online, invite.sessions))
        words = [
            f'{PERMISSION_PHRASES[invite.allows]}{what}',
            expiry_text(invite.ends_at),
            *(['paused'] if invite.is_paused else []),
        ]
        return ' · '.join(words), f'{count} here' if count else ''

    async def _end(self, invite_id: str) -> None:
        try:
            await self._sharing.revoke(invite_id)
        except SharingFailed as error:
            notify(str(error))


def expiry_text(moment: datetime | None) -> str:
    """When something ends, where this computer is: `expires 19:45`, `expires Wed 19:45`."""
    if moment is None:
        return 'expires when you stop sharing'
    local = moment.astimezone()
    is_today = local.date() == datetime.now().astimezone().date()
    return f'expires {local:%H:%M}' if is_today else f'expires {local:%a %H:%M}'
