"""The form that makes a link: what it allows, for how long, whom it is for, and on which address."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, Literal

from nicegui.events import GenericEventArguments
from pydantic import StringConstraints, TypeAdapter

from chat.share.address import LanAddress
from chat.ui.markup import Tag, Text

LONGEST_NAME = 40

DEVICE: Mapping[str, str] = {'everything': 'My own device (full access)'}
ALLOWED: Mapping[str, str] = {'read': 'Can view', 'write': 'Can chat', **DEVICE}
"""Whom a link is for, in words."""

TIMES: Mapping[str, timedelta | None] = {
    '1 hour': timedelta(hours=1),
    '1 day': timedelta(days=1),
    'When I stop sharing': None,
}

TAKE = '(event) => { event.preventDefault(); emit(Object.fromEntries(new FormData(event.target))) }'
"""In the browser: sends what is chosen, all at once."""

NOTHING_YET = 'Send a message first to share this chat. You can connect your own device now.'
GUEST, OWN = 'Guest', 'My device'
"""What somebody is called who is given no name."""

SUGGEST = f"""(event) => {{
    const {{ allows, name }} = event.currentTarget.elements;
    name.placeholder = allows.value === 'everything' ? '{OWN}' : '{GUEST}';
}}"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What a person has chosen."""

    allows: Literal['read', 'write', 'everything']
    time: Literal['1 hour', '1 day', 'When I stop sharing']
    name: Annotated[str, StringConstraints(strip_whitespace=True, max_length=LONGEST_NAME)] = ''
    address: str = ''

    @property
    def lasts(self) -> timedelta | None:
        return TIMES[self.time]


WISH = TypeAdapter(Wish)
"""Reads a wish from what a page says."""


class InviteForm(Tag):
    """Asks for all of it at once."""

    def __init__(
        self,
        found: Sequence[LanAddress],
        *,
        has_conversation: bool,
        submit: Callable[[GenericEventArguments], Awaitable[None]],
    ) -> None:
        """`found` are the addresses to choose from; without a conversation only a device can be let in."""
        super().__init__('form', 'invite-form')
        with self:
            if not has_conversation:
                Text('p', NOTHING_YET, 'share-note')
            with Row('Invite'):
                Radios('allows', ALLOWED if has_conversation else DEVICE)
            with Row('Expires after'):
                Radios('time', {time: time for time in TIMES})
            with Row('Name', tag='label'):
                field(
                    'input',
                    'name',
                    maxlength=str(LONGEST_NAME),
                    autocomplete='off',
                    placeholder=GUEST if has_conversation else OWN,
                )
            with Row('Network', tag='label') as self._network, field('select', 'address'):
                for each in found:
                    Text('option', f'{each.ip} ({each.adapter})', value=each.ip)
            Text('button', 'Create a link', 'text-button primary', type='submit', data_testid='share-create')
        self.on('submit', submit, js_handler=TAKE)
        self.on('change', js_handler=SUGGEST)

    def show(self, *, is_on: bool) -> None:
        """Ask for the address only as long as that is open."""
        self._network.set_visibility(not is_on)


class Row(Tag):
    """A word, and what is chosen beside it."""

    def __init__(self, label: str, *, tag: str = 'div') -> None:
        super().__init__(tag, 'share-row')
        with self:
            Text('span', label, 'share-label')


class Radios(Tag):
    """One of a few, side by side; the first is chosen at first."""

    def __init__(self, name: str, words: Mapping[str, str]) -> None:
        """`words` are what stands on each, by value."""
        super().__init__('div', 'segments', role='radiogroup')
        with self:
            for place, (value, label) in enumerate(words.items()):
                with Tag('label', 'segment'):
                    radio = Tag('input', type='radio', value=value)
                    radio.props.update(name=name, checked=place == 0)
                    Text('span', label)


def field(tag: str, name: str, **attributes: str) -> Tag:
    """A native field of the form."""
    element = Tag(tag, 'field', **attributes)
    element.props['name'] = name
    return element
