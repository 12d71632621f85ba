"""Guests who name what only the owner may do with turns: they share the element, not its actions."""

import json
from collections.abc import Iterator

import pytest

from tests.security.guest import come
from tests.security.sockets import Page, Socket, read_page, speaking_for
from tests.security.target import Target

ACTS = [
    ['delete', None],
    ['switch', 1],
    ['switch', -1],
    ['fork', None],
    ['models', None],
    ['regenerate', None],
]
QUESTIONS = ['What is ours?', 'And what is not?']


@pytest.fixture
def ours(guarded: Target) -> Iterator[str]:
    guarded.tell('start', '127.0.0.1')
    conversation_id = guarded.tell('new', *QUESTIONS)
    guarded.tell('hush', conversation_id)
    yield conversation_id
    guarded.tell('stop')


def act(socket: Socket, page: Page, *what: object) -> None:
    """Press a button under the first answer."""
    element_id, element = next(
        (element_id, element)
        for element_id, element in page.elements.items()
        if element.get('tag', '').endswith('answer_actions')
    )
    listener = next(each['listener_id'] for each in element['events'] if each['type'] == 'action')
    message = {'id': int(element_id), 'listener_id': listener, 'args': [json.dumps(one) for one in what]}
    socket.emit('event', {'client_id': page.client_id, **message})


@pytest.mark.parametrize('allows', ['read', 'write'])
def test_a_guest_cannot_have_done_what_the_owner_can(guarded: Target, ours: str, allows: str) -> None:
    before = guarded.tell('all_questions')
    guest = come(guarded, allows, ours)
    page = guest.page()
    with speaking_for(page) as socket:
        assert socket.join()
        for what in ACTS:
            act(socket, page, *what)
        act(socket, page, 'source', None)  # which a guest may, so all of it has been heard
        socket.hear('provide')
    assert guarded.tell('all_questions') == before


def test_the_owner_can(guarded: Target, ours: str) -> None:
    """Another answer to the first question leaves the second one on another branch."""
    page = read_page(guarded.url, f'/c/{ours}')
    with speaking_for(page) as socket:
        assert socket.join()
        act(socket, page, 'regenerate', None)
        act(socket, page, 'source', None)
        socket.hear('provide')
    guarded.tell('hush', ours)
    assert guarded.tell('questions', ours) == QUESTIONS[:1]
