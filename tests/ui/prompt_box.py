"""The prompt box of a simulated page, and what its browser says of it."""

import re
from typing import Any, cast
from uuid import uuid4

from nicegui.testing import User

from chat.ui.chat.composer import Composer

CALL = re.compile(
    r'return runMethod\(\d+, "(confirmDraft|showDraft)", \[(?:(\d+)|.*"text": ?"([^"]*)".*)\]\)'
)


def send(person: User, prompt: str, conversation: str = '') -> None:
    """Write a prompt and press Enter; it may have been written in another conversation, before."""
    sent = {
        'id': str(uuid4()),
        'conversation': conversation or _props(person)['conversation'],
        'text': prompt,
    }
    person.find(kind=Composer).trigger('send', sent)


def write(person: User, text: str, version: int) -> None:
    """Have this stand in the box, as a browser tells when the keys rest; each text is another version."""
    person.find(kind=Composer).trigger('draft', {'version': version, 'text': text})


def told(person: User) -> list[str]:
    """What a page was told of its box, the oldest first: what was stored, and what to show."""
    assert person.client
    outbox = person.client.outbox
    sent = [message for _, _, message in outbox.message_history]
    calls = (
        CALL.search(str(data)) for _, kind, data in (*sent, *outbox.messages) if kind == 'run_javascript'
    )
    return [' '.join(filter(None, call.groups())) for call in calls if call]


def text_in_box(person: User) -> str:
    """What a page that was just opened has in its box."""
    return _props(person)['draft']['text']


def _props(person: User) -> dict[str, Any]:
    [composer] = person.find(kind=Composer).elements
    return cast('dict[str, Any]', composer.props)  # NiceGUI does not say what a prop is
