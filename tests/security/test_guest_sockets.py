"""What is tried on sockets: to speak for others, to stay after the end, to take all the room there is."""

import time
from collections.abc import Iterator
from contextlib import ExitStack, suppress

import pytest

from chat.server.security.request_limits import POLICY_VIOLATION_CODE
from tests.security.guest import come
from tests.security.raw import ask, connected
from tests.security.sockets import Page, read_page, said_to, speaking_for, status_of
from tests.security.target import Target
from tests.support.timeouts import WAIT_TIMEOUT

SENT = {'id': 'forged', 'text': 'Forged'}
LATER = 'Called so after the end'


@pytest.fixture
def own(guarded: Target) -> Iterator[str]:
    guarded.tell('start', '127.0.0.1')
    conversation_id = guarded.tell('new', 'What is ours?')
    yield conversation_id
    guarded.tell('hush', conversation_id)
    guarded.tell('stop')


def owners_page(target: Target, conversation_id: str) -> Page:
    return read_page(target.url, f'/c/{conversation_id}')


def test_no_socket_opens_for_the_page_of_another(guarded: Target, own: str) -> None:
    """A foreign cookie with the id of the owner's page, and the owner's cookie on the network."""
    guest, page = come(guarded, 'write', own), owners_page(guarded, own)
    for url, cookie in ((guest.url, guest.cookie), (guarded.url, guest.cookie)):
        with speaking_for(Page(url=url, client_id=page.client_id, elements={}, cookie=cookie)) as socket:
            assert not socket.join()
    assert status_of(guest.url, cookie=page.cookie, client_id=page.client_id) == 401
    assert status_of(guest.url, cookie=guest.cookie, origin='http://evil.example') == 403


def test_no_event_is_heard_for_the_page_of_another(guarded: Target, own: str) -> None:
    page, guests = owners_page(guarded, own), come(guarded, 'write', own).page()
    with speaking_for(page) as owner, speaking_for(guests) as socket:
        assert owner.join()
        assert socket.join()
        message = said_to(page, 'send', {**SENT, 'conversation': own})
        more = {'tab_id': 'tab', 'document_id': 'd', 'next_message_id': 0, 'request_id': 'r', 'level': 'info'}
        for event in ('handshake', 'event', 'javascript_response', 'ack', 'log'):
            assert socket.ask(event, {**more, **message}) is False, event
            assert socket.ask('ack', {**more, 'client_id': guests.client_id}) is None, 'one for its own is'
    assert guarded.tell('questions', own) == ['What is ours?']


def test_without_the_guard_it_would_be(bare: Target) -> None:
    conversation_id = bare.tell('new', 'What is ours?')
    bare.tell('hush', conversation_id)
    page = owners_page(bare, conversation_id)
    with speaking_for(page) as owner, speaking_for(owners_page(bare, conversation_id)) as socket:
        assert owner.join()
        assert socket.join()
        socket.fire(page, 'send', {**SENT, 'conversation': conversation_id})
        deadline = time.monotonic() + WAIT_TIMEOUT
        while len(bare.tell('questions', conversation_id)) == 1 and time.monotonic() < deadline:
            time.sleep(0.05)
    assert bare.tell('questions', conversation_id) == ['What is ours?', 'Forged']


@pytest.mark.parametrize('allows', ['read', 'everything'])
def test_nothing_reaches_a_guest_who_was_sent_away_in_the_middle_of_an_answer(
    allows: str, guarded: Target, own: str
) -> None:
    """What happens after the end is heard by the others only, and the socket is closed with a reason."""
    guest, other = come(guarded, allows, own), come(guarded, 'read', own)
    with speaking_for(guest.page()) as socket, speaking_for(other.page()) as witness:
        assert socket.join()
        assert witness.join()
        socket.hear('"grow"')  # the answer grows
        guarded.tell('revoke', guest.invite_id)
        guarded.tell('rename', own, LATER)
        witness.hear(LATER)
        assert not any(LATER in frame for frame in socket.rest())
        assert socket.connection.close_code == POLICY_VIOLATION_CODE
    assert guest.ask(f'/c/{own}').status == 401
    assert ask(guest.url, path=f'/join/{guest.token}').status == 410


def test_time_ends_an_invite_by_itself(guarded: Target, own: str) -> None:
    guest = come(guarded, 'read', own, seconds=3600)
    with speaking_for(guest.page()) as socket:
        assert socket.join()
        socket.hear('"grow"')
        guarded.tell('pass_time', 3600)
        list(socket.rest())
        assert socket.connection.close_code == POLICY_VIOLATION_CODE
    assert guest.ask(f'/c/{own}').status == 401


def test_who_tries_many_links_is_locked_out(guarded: Target, own: str) -> None:
    guest = come(guarded, 'read', own)
    tried, right = list[int](), 0
    while right != 429 and len(tried) < 100:  # on a slow day one more is let in every three seconds
        tried.append(ask(guest.url, path=f'/join/{len(tried)}').status)
        if tried[-1] == 429:
            right = ask(guest.url, path=f'/join/{guest.token}').status
    assert tried[:20] == [410] * 20
    assert right == 429, 'a right one is not let in either'
    assert guest.ask(f'/c/{own}').status == 200, 'who is in stays in'


def test_connections_that_ask_nothing_leave_room_for_the_owner(guarded: Target, own: str) -> None:
    url = guarded.tell('urls')[0]
    with ExitStack() as stack:
        for _ in range(30):
            connection = stack.enter_context(connected(url))
            with suppress(OSError):  # those that are too many are reset
                connection.sendall(b'GET / HTTP/1.1\r\nHost: x')
        assert ask(guarded.url, path='/healthz').status == 200
        assert ask(url).status in (0, 401)


def test_who_sends_events_without_end_is_slowed_down(guarded: Target, own: str) -> None:
    """300 at once: a burst of 200 is heard, the others at 50 in a second; the owner is served meanwhile."""
    with speaking_for(come(guarded, 'write', own).page()) as socket:
        assert socket.join()
        begun = time.monotonic()
        for _ in range(300):
            socket.emit('ack', {'client_id': 'x'})
        assert ask(guarded.url, path='/healthz').status == 200
        socket.ask('ack', {'client_id': 'x'})
        assert time.monotonic() - begun > 1.5
