"""A locked Parlour: nothing of the owner's is served, sent or done, and what was open has ended."""

from collections.abc import Iterator
from http.client import HTTPConnection, IncompleteRead

import nicegui
import pytest

from chat.server.api import DEFAULT_CONVERSATION_ID
from tests.security.guest import come
from tests.security.raw import ask
from tests.security.sockets import Page, read_page, speaking_for, status_of
from tests.security.target import Target
from tests.support.timeouts import WAIT_TIMEOUT

PASSCODE, TITLE, QUESTION = 'open sesame', 'Plans for the heist', 'What is ours?'

REQUESTS = [
    ('GET', '/'),
    ('GET', '/c/{id}'),
    ('GET', '/settings'),
    ('GET', '/trash'),
    ('GET', '/print/{id}?before=x'),
    ('GET', '/export/x'),
    ('POST', '/import/?upload_id=x'),
    ('GET', '/files/' + 'a' * 64),
    ('POST', '/files/?name=x'),
    ('GET', '/chat/?conversation={id}'),
    ('POST', '/chat/?conversation={id}'),
    ('GET', '/_nicegui/client/{client}/x'),
    ('GET', '/healthzx'),
    ('GET', '/front/x'),
    ('GET', '/favicon.icox'),
]

NO_PAGES = [
    ('HEAD', '/healthz'),
    ('POST', '/healthz'),
    ('GET', '/front'),
    ('GET', '/assets/x'),
    ('GET', f'/_nicegui/{nicegui.__version__}/x'),
    ('POST', '/metrics'),
    ('GET', '/ready'),
]
"""What is found nowhere, and is let through all the same: NiceGUI would make a page of it."""

SENT = {'id': 'forged', 'text': 'Forged'}


@pytest.fixture
def ours(guarded: Target) -> Iterator[str]:
    """A chat with an answer that grows, and a passcode."""
    guarded.tell('start', '127.0.0.1')
    conversation_id = guarded.tell('new', QUESTION)
    guarded.tell('rename', conversation_id, TITLE)
    guarded.tell('set_passcode', PASSCODE)
    yield conversation_id
    guarded.tell('remove_passcode', PASSCODE)
    guarded.tell('hush', conversation_id)
    guarded.tell('hush', DEFAULT_CONVERSATION_ID)
    guarded.tell('stop')


def unlock(url: str, passcode: str, **headers: str) -> int:
    return ask(url, 'POST', '/unlock', [*headers.items()], passcode.encode()).status


def has_lock(page: Page) -> bool:
    """Whether a page has what locks, or hears of it."""
    return any('lock_watch' in element.get('tag', '') for element in page.elements.values())


def assert_no_page(url: str, cookie: str) -> None:
    """See that a locked Parlour shows nothing where it lets everybody ask."""
    for method, path in NO_PAGES:
        answer = ask(url, method, path, [('Cookie', cookie), ('Accept', 'text/html')])
        assert answer.status in (404, 405, 423), (method, path, answer)
        assert TITLE not in answer.body
        assert 'nicegui' not in answer.body.lower()


def is_refused(url: str, page: Page, conversation_id: str) -> bool:
    """Whether none of the requests gets anything, whatever it accepts."""
    for method, path in REQUESTS:
        filled = path.format(id=conversation_id, client=page.client_id)
        for accept in ('text/html', '*/*'):
            headers = [('Cookie', page.cookie), ('Accept', accept)]
            answer = ask(url, method, filled, headers, b'prompt=Hi' if method == 'POST' else b'')
            assert answer.status == 423, (filled, answer)
            assert TITLE not in answer.body
            assert QUESTION not in answer.body
    return True


def test_a_locked_parlour_serves_and_does_nothing_for_the_owner(guarded: Target, ours: str) -> None:
    """Not on this computer and not on their devices, until the passcode comes; guests notice nothing."""
    page, device, guest = (
        read_page(guarded.url, f'/c/{ours}'),
        come(guarded, 'everything', ours),
        come(guarded, 'write', ours),
    )
    on_device = device.page()
    guests_page = guest.page()
    assert has_lock(page)
    assert not has_lock(guests_page)
    program = HTTPConnection(guarded.url.split('/')[2], timeout=WAIT_TIMEOUT)
    program.request('POST', '/chat/', 'prompt=Count', {'Content-Type': 'application/x-www-form-urlencoded'})
    streaming = program.getresponse()
    assert streaming.readline()
    with speaking_for(page) as here, speaking_for(on_device) as there, speaking_for(guests_page) as witness:
        assert here.join()
        assert there.join()
        assert witness.join()
        witness.hear('"grow"')
        guarded.tell('lock')
        for socket in (here, there):
            *before, last = socket.rest()
            assert last == '42["locked"]'
            assert not any('locked' in frame for frame in before)
        with pytest.raises(IncompleteRead):  # it ends at once, in the middle
            streaming.read()
        program.close()
        assert is_refused(guarded.url, page, ours)
        assert is_refused(device.url, on_device, ours)
        assert status_of(guarded.url, cookie=page.cookie, client_id=page.client_id) == 423
        assert ask(guarded.url, path='/healthz').status == 200
        assert_no_page(guarded.url, page.cookie)
        witness.hear('"grow"')  # the answer goes on, and so does the guest
        assert TITLE in guest.ask(f'/c/{ours}', headers=[('Accept', 'text/html')]).body
        assert guest.ask('/unlock', 'POST', body=PASSCODE.encode()).status == 403
        unknown = guest.ask(f'/_nicegui/{nicegui.__version__}/x', headers=[('Accept', 'text/html')])
        assert (unknown.status, 'nicegui' in unknown.body.lower()) == (404, False)
    assert unlock(guarded.url, 'sesame street') == 403
    assert unlock(guarded.url, PASSCODE, Origin='http://evil.example') == 403
    assert guarded.tell('questions', ours) == [QUESTION]
    assert unlock(device.url, PASSCODE, Cookie=device.cookie) == 200
    page = read_page(guarded.url, f'/c/{ours}', page.cookie)
    guarded.tell('hush', ours)
    with speaking_for(page) as socket:
        assert socket.join()
        socket.fire(page, 'send', {**SENT, 'conversation': ours})
        socket.hear('Forged')  # it is unlocked for all of them
    assert PASSCODE not in guarded.log.text
