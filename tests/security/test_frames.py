"""Frames that no page of ours sends, and more pages than anybody opens: refused before they cost anything."""

import json
import os
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, suppress
from pathlib import Path

import pytest
from websockets.exceptions import ConnectionClosed

from chat.server.security.pages import MAX_GUEST_PAGES, MAX_LEFT_PAGES, MAX_OWNER_PAGES
from chat.server.security.request_limits import POLICY_VIOLATION_CODE
from tests.security.guest import come
from tests.security.raw import ask
from tests.security.sockets import Page, Socket, read_page, speaking_for
from tests.security.target import Target
from tests.support.profile import only_long, sized
from tests.support.timeouts import WAIT_TIMEOUT

SECONDS = sized(2, 60)
"""How long it is kept sending."""

MOST_MORE = 20
"""MB that the process may have more after it."""

FRAMES: dict[str, str | bytes] = {
    'binary': b'x' * 1000,
    'binary as text': 'beHh4',
    'an event that announces attachments': '451-["event",{"_placeholder":true,"num":0}]',
    'an answer that announces attachments': '461-0[{"_placeholder":true,"num":0}]',
    'an upgrade': '5',
    'an empty one': '',
    'an unknown kind': '9',
    'no packet': '4x',
    'an event that is no JSON': '42["event",',
    'an event without a name': '42[1]',
    'an event that is no list': '42{}',
    'another namespace': '42/other,["event"]',
    'an answer to nothing': '43[]',
}


@pytest.fixture
def own(guarded: Target) -> Iterator[str]:
    guarded.tell('start', '127.0.0.1')
    conversation_id = guarded.tell('new', 'What is ours?')
    guarded.tell('hush', conversation_id)
    yield conversation_id
    guarded.tell('stop')


def page_of(whom: str, target: Target, conversation_id: str) -> Page:
    if whom == 'owner':
        return read_page(target.url, f'/c/{conversation_id}')
    return come(target, 'write', conversation_id).page()


@pytest.mark.parametrize('whom', ['owner', 'guest'])
def test_a_frame_that_no_page_sends_closes_the_socket(whom: str, guarded: Target, own: str) -> None:
    page = page_of(whom, guarded, own)
    for name, frame in FRAMES.items():
        with speaking_for(page) as socket:
            assert socket.join(), name
            socket.connection.send(frame)
            assert socket.is_closed(), name
            assert socket.connection.close_code == POLICY_VIOLATION_CODE, name
        assert ask(guarded.url, path='/healthz').status == 200, name
    assert guarded.log.wait_for('DEBUG chat.server.security.request_limits: A socket is closed', WAIT_TIMEOUT)
    assert 'Traceback' not in guarded.log.text


@pytest.mark.long
@pytest.mark.skipif(sys.platform != 'linux', reason='the memory of a process is read from /proc')
@pytest.mark.parametrize('whom', [only_long('owner'), 'guest'])
def test_who_keeps_sending_takes_no_memory(whom: str, guarded: Target, own: str) -> None:
    """Frames with attachments that were announced and come, again and again, on new sockets each time."""
    page = page_of(whom, guarded, own)
    send_without_end(page, 1)
    before = memory_of(guarded)
    send_without_end(page, SECONDS)
    assert memory_of(guarded) - before < MOST_MORE


def memory_of(target: Target) -> float:
    """What the process has of it, in MB."""
    pages = int(Path(f'/proc/{target.pid}/statm').read_text().split()[1])
    return pages * os.sysconf('SC_PAGE_SIZE') / 1_000_000


def send_without_end(page: Page, seconds: float) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        with speaking_for(page) as socket, suppress(ConnectionClosed):
            assert socket.join()
            socket.connection.send('45999-["event",{"_placeholder":true,"num":0}]')
            while time.monotonic() < end:
                socket.connection.send(b'x' * 500_000)


@pytest.mark.parametrize(
    ('whom', 'most'),
    [only_long('owner', MAX_OWNER_PAGES), ('guest', MAX_GUEST_PAGES)],
)
def test_one_page_more_than_a_browser_may_have_is_refused_and_none_is_closed(
    whom: str, most: int, guarded: Target, own: str
) -> None:
    first = page_of(whom, guarded, own)
    path = f'/c/{own}'
    pages = [first, *(read_page(first.url, path, first.cookie) for _ in range(most - 1))]
    refused = ask(first.url, path=path, headers=[('Cookie', first.cookie), ('Accept', 'text/html')])
    assert (refused.status, 'too many pages open' in refused.body) == (429, True)
    with ExitStack() as stack:
        for page in (pages[0], pages[-1]):
            assert stack.enter_context(speaking_for(page)).join()
    assert page_of(whom, guarded, own), 'another browser still comes in'


@pytest.mark.parametrize('whom', [only_long('owner'), 'guest'])
def test_pages_that_were_left_do_not_count_and_are_not_gathered(whom: str, guarded: Target, own: str) -> None:
    """Somebody reloads, twice as often as a guest may have pages open."""
    page, before = page_of(whom, guarded, own), guarded.tell('pages')
    for _ in range(2 * MAX_GUEST_PAGES):
        with speaking_for(page) as socket:
            assert socket.join()
        page = read_page(page.url, f'/c/{own}', page.cookie)
    assert guarded.tell('pages') - before <= MAX_LEFT_PAGES + 1
    assert 'Traceback' not in guarded.log.text


def test_nothing_of_a_page_that_is_gone_stays_in_memory(guarded: Target, own: str) -> None:
    with speaking_for(page_of('owner', guarded, own)) as socket:
        assert socket.join()
    assert guarded.tell('rest_of_pages') == 0


NO_PATHS: list[list[object]] = [
    [],
    [1],
    ['x'],
    [None],
    ['{}'],
    ['"' + '/x' * 2000 + '"'],
    ['"/a"', '"/b"'],
]
"""What is said in place of one path."""


@pytest.mark.parametrize('kind', ['sub_pages_open', 'sub_pages_navigate'])
def test_a_path_that_is_none_is_not_heard(kind: str, guarded: Target, own: str) -> None:
    page = page_of('guest', guarded, own)
    with speaking_for(page) as socket:
        assert socket.join()
        element_id, listener_id = page.listener(kind)
        said = {'client_id': page.client_id, 'id': element_id, 'listener_id': listener_id}
        for args in NO_PATHS:
            assert ask_about(socket, said | {'args': args}) == [False], args
            assert ask_about(socket, said | {'args': [f'"/c/{own}"']}) == [], args
    assert 'Traceback' not in guarded.log.text


def ask_about(socket: Socket, said: Mapping[str, object]) -> list[object]:
    """What an event is answered with: `[False]` if it was not heard."""
    socket.connection.send('420' + json.dumps(['event', said]))
    answer = next(frame for frame in socket.rest() if frame.startswith('430'))
    return json.loads(answer.removeprefix('430'))
