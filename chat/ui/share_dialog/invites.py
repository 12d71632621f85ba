"""Invites in the dialog: the form that makes one, and the list of those that are not over."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Annotated, Literal

from pydantic import StringConstraints, TypeAdapter

from chat.conversation.storage import ConversationCatalog
from chat.errors import SharingFailed
from chat.sharing.invites import MAX_GUEST_NAME_LENGTH, Invite
from chat.sharing.lan_addresses import LanAddress
from chat.sharing.presence import Presence
from chat.sharing.sharing import Sharing
from chat.ui.formatting import title_of
from chat.ui.html import HtmlElement, HtmlText
from chat.ui.local_text import LocalText
from chat.ui.notifications import notify
from chat.ui.page_events import parse_event

DEVICE_PERMISSION: Mapping[str, str] = {'everything': 'My own device (full access)'}
PERMISSION_LABELS: Mapping[str, str] = {'read': 'Can view', 'write': 'Can chat', **DEVICE_PERMISSION}
"""Whom a link is for, in words."""

LIFETIMES: Mapping[str, timedelta | None] = {
    '1 hour': timedelta(hours=1),
    '1 day': timedelta(days=1),
    'When I stop sharing': None,
}

SUBMIT_FORM_SCRIPT = (
    '(event) => { event.preventDefault(); emit(Object.fromEntries(new FormData(event.target))) }'
)
"""In the browser: sends what is chosen, all at once."""

EMPTY_CHAT_MESSAGE = 'Send a message first to share this chat. You can connect your own device now.'
DEFAULT_GUEST_NAME, DEFAULT_DEVICE_NAME = 'Guest', 'My device'
"""What somebody is called who is given no name."""

SUGGEST_NAME_SCRIPT = f"""(event) => {{
    const {{ allows, name }} = event.currentTarget.elements;
    name.placeholder = allows.value === 'everything' ? '{DEFAULT_DEVICE_NAME}' : '{DEFAULT_GUEST_NAME}';
}}"""


PERMISSION_PHRASES = {'read': 'Can view', 'write': 'Can chat in', 'everything': 'Full access'}


@dataclass(frozen=True, slots=True, kw_only=True)
class InviteRequest:
    """What a person has chosen."""

    allows: Literal['read', 'write', 'everything']
    time: Literal['1 hour', '1 day', 'When I stop sharing']
    name: Annotated[str, StringConstraints(strip_whitespace=True, max_length=MAX_GUEST_NAME_LENGTH)] = ''
    address: str = ''

    @property
    def lifetime(self) -> timedelta | None:
        return LIFETIMES[self.time]


INVITE_REQUEST = TypeAdapter(InviteRequest)
"""Reads what is asked for from what a page says."""


class InviteForm(HtmlElement):
    """Asks for all of it at once."""

    def __init__(
        self,
        found: Sequence[LanAddress],
        *,
        has_conversation: bool,
        submit: Callable[[InviteRequest], Awaitable[None]],
    ) -> None:
        """`found` are the addresses to choose from; without a conversation only a device can be let in."""
        super().__init__('form', 'invite-form')
        with self:
            if not has_conversation:
                HtmlText('p', EMPTY_CHAT_MESSAGE, 'share-note')
            with FormRow('Invite'):
                RadioGroup('allows', PERMISSION_LABELS if has_conversation else DEVICE_PERMISSION)
            with FormRow('Expires after'):
                RadioGroup('time', {time: time for time in LIFETIMES})
            with FormRow('Name', tag='label'):
                form_field(
                    'input',
                    'name',
                    maxlength=str(MAX_GUEST_NAME_LENGTH),
                    autocomplete='off',
                    placeholder=DEFAULT_GUEST_NAME if has_conversation else DEFAULT_DEVICE_NAME,
                )
            with FormRow('Network', tag='label') as self._network, form_field('select', 'address'):
                for each in found:
                    HtmlText('option', f'{each.ip} ({each.adapter})', value=each.ip)
            HtmlText(
                'button', 'Create link', 'text-button primary', type='submit', data_testid='share-create'
            )
        self.on('submit', parse_event(INVITE_REQUEST, submit), js_handler=SUBMIT_FORM_SCRIPT)
        self.on('change', js_handler=SUGGEST_NAME_SCRIPT)

    def show(self, *, is_on: bool) -> None:
        """Ask for the address only as long as that is open."""
        self._network.set_visibility(not is_on)


class FormRow(HtmlElement):
    """A word, and what is chosen beside it."""

    def __init__(self, label: str, *, tag: str = 'div') -> None:
        super().__init__(tag, 'share-row')
        with self:
            HtmlText('span', label, 'share-label')


class RadioGroup(HtmlElement):
    """One of a few, side by side; the first is chosen at first."""

    def __init__(self, name: str, words: Mapping[str, str]) -> None:
        """`words` are what stands on each, by value."""
        super().__init__('div', 'segments', role='radiogroup')
        with self:
            for place, (value, label) in enumerate(words.items()):
                with HtmlElement('label', 'segment'):
                    radio = HtmlElement('input', type='radio', value=value)
                    radio.props.update(name=name, checked=place == 0)
                    HtmlText('span', label)


def form_field(tag: str, name: str, **attributes: str) -> HtmlElement:
    """Build a native field of the form."""
    element = HtmlElement(tag, 'field', **attributes)
    element.props['name'] = name
    return element


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
            with HtmlElement('div', 'invite-text'):
                with HtmlElement('span', 'invite-name'):
                    HtmlText('span', invite.label)
                    if here:
                        HtmlText('span', here, 'here')
                with HtmlElement('span', 'share-note'):
                    HtmlText('span', may)
                    LocalText('span', expiry_text(invite.ends_at))
            end = HtmlText('button', 'End', 'text-button', type='button', data_testid='invite-end')
            end.props['aria-label'] = f'End the link of {invite.label}'
            end.on('click', partial(self._end, invite.id), args=[])

    def _words(self, invite: Invite) -> tuple[str, str]:
        """Return what they may do, and how many of them are here."""
        summary = self._catalog.get(invite.conversation_id) if invite.allows != 'everything' else None
        what = f' “{title_of(summary)}”' if summary else ''
        count = sum(map(self._presence.is_online, invite.sessions))
        words = [
            f'{PERMISSION_PHRASES[invite.allows]}{what}',
            *(['paused'] if invite.is_paused else []),
            '',
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
