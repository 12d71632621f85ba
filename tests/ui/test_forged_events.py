"""Events that no page of ours sends: whoever makes them up puts nothing into the log."""

import json
import logging
from collections.abc import Iterator

import pytest
from nicegui import Client
from nicegui.testing import User

from chat.conversation.conversation_registry import ConversationRegistry
from chat.sharing.access import Guest, Owner, Visitor
from chat.storage import Storage
from tests.support.scripted import wait_until_answered
from tests.ui.handlers import handled_to_the_end

ONE_THING: list[object] = [None, [], {}, '', 'x', 7, -1, 1.5, True, [[]], [None], ['rename'], ['delete', {}]]

MORE_THINGS: list[object] = [
    {'id': 1},
    [{'text': None}],
    {'serial': 'x'},
    {'provider': 1, 'key': []},
    [1, 'x'],
]

FORGED: list[list[object]] = [[], ['models'], ['switch', 'x'], ['delete', {}], ['x'] * 9]
SINGLE: list[list[object]] = [[one] for one in (*ONE_THING, *MORE_THINGS)]
"""What each event carries: nothing, one thing or several."""

SAY_NOTHING = {'click', 'stop', 'typing', 'idle', 'more', 'close', 'before-show'}
"""Events that are acted on whatever they carry: to send them would do what they are for."""

OF_NICEGUI = {'sub_pages_open', 'sub_pages_navigate', 'update:model-value'}
"""Checked before NiceGUI has them."""


@pytest.fixture(params=['owner', 'read', 'write'])
async def visitor(request: pytest.FixtureRequest, registry: ConversationRegistry) -> Visitor:
    """One of them, for whom there is a chat with an answer."""
    live = registry.new()
    live.send('Hello?')
    await wait_until_answered(live)
    if request.param == 'owner':
        return Owner()
    return Guest(conversation_id=live.id, permission=request.param, name='Ann', session_id='ann')


def listeners_of(client: Client) -> Iterator[tuple[int, str]]:
    for element in list(client.elements.values()):
        for listener in element._event_listeners.values():  # noqa: SLF001  # pyright: ignore[reportPrivateUsage]  # nothing public
            if listener.type not in SAY_NOTHING | OF_NICEGUI:
                yield element.id, listener.id


async def forge(person: User, caplog: pytest.LogCaptureFixture) -> None:
    """Send all of it for every element of a page."""
    assert person.client
    listeners = list(listeners_of(person.client))
    assert listeners
    async with handled_to_the_end():
        for element_id, listener_id in listeners:
            for args in (*FORGED, *SINGLE):
                message = {
                    'id': element_id,
                    'listener_id': listener_id,
                    'args': [json.dumps(one) for one in args],
                }
                person.client.handle_event(message)  # pyright: ignore[reportUnknownMemberType]  # it has no types
    assert [record.getMessage() for record in caplog.records if is_for_the_owner(record)] == []


def is_for_the_owner(record: logging.LogRecord) -> bool:
    """Whether it is an error, or a line of ours; NiceGUI warns once of an element that has gone."""
    return record.levelno >= (logging.WARNING if record.name.startswith('chat.') else logging.ERROR)


async def test_in_a_chat(person: User, storage: Storage, caplog: pytest.LogCaptureFixture) -> None:
    (summary,) = storage.catalog.summaries
    await person.open(f'/c/{summary.conversation_id}')
    await person.should_see('Hello?')
    await forge(person, caplog)


@pytest.mark.parametrize('visitor', ['owner'], indirect=True)
@pytest.mark.parametrize('address', ['/', '/settings', '/settings/mcp', '/archive', '/trash'])
async def test_elsewhere(person: User, address: str, caplog: pytest.LogCaptureFixture) -> None:
    await person.open(address)
    await forge(person, caplog)
