"""What guests and strangers try on the network: other addresses, other people's pages, and coming back."""

from collections.abc import Iterator

import pytest

from chat.nicegui_compat import EARLY_PAGE_ID
from tests.security.guest import Guest, come
from tests.security.raw import ask
from tests.security.sockets import read_page
from tests.security.target import Target

OTHERS = [
    '/',
    '/archive',
    '/trash',
    '/settings',
    '/settings/mcp',
    '/c/{other}',
    '/c/{own}/',
    '/c/{own}/x',
    '/c/{own}/../{other}',
    '/c/%2e%2e/c/{other}',
    '/%63/{other}',
    '//c/{other}',
    '/C/{own}',
    '/c/',
    '/c/{own}%2f..%2f{other}',
    '/chat/',
    '/chat/?conversation={own}',
    '/chat',
    '/healthz?challenge=x',
    '/docs',
    '/openapi.json',
    '/_nicegui',
    '/assets',
    '/files/',
    '/invites.json',
    '/.env',
]
"""Addresses that are not a guest's, with their own conversation and another one."""

ALLOWED = {'action', 'visibility', 'resync', 'typing', 'idle', 'send', 'reconcile', 'draft', 'stop', 'submit'}
"""What a page of a writer may tell the server; what is submitted is their own name."""
OF_READERS = ALLOWED - {'send', 'reconcile', 'draft', 'stop'}

OF_NICEGUI = {'sub_pages_navigate', 'sub_pages_open'}
"""Of every page: they lead to parts of it, of which a guest's page has none."""


@pytest.fixture(scope='module')
def own(guarded: Target) -> Iterator[str]:
    """A conversation that is shared."""
    guarded.tell('start', '127.0.0.1')
    conversation_id = guarded.tell('new', 'What is ours?')
    yield conversation_id
    guarded.tell('hush', conversation_id)
    guarded.tell('stop')


@pytest.fixture(scope='module')
def other(guarded: Target) -> str:
    """A conversation that is not."""
    return guarded.tell('new', 'What is mine alone?')


@pytest.fixture(scope='module')
def reader(guarded: Target, own: str) -> Guest:
    return come(guarded, 'read', own)


@pytest.fixture(scope='module')
def writer(guarded: Target, own: str) -> Guest:
    return come(guarded, 'write', own)


@pytest.mark.parametrize('path', OTHERS)
@pytest.mark.parametrize('whom', ['reader', 'writer'])
def test_no_other_address_is_a_guests(
    whom: str, path: str, reader: Guest, writer: Guest, own: str, other: str
) -> None:
    guest = reader if whom == 'reader' else writer
    answer = guest.ask(path.format(own=own, other=other))
    assert answer.status in (403, 404), answer
    assert 'mine alone' not in answer.body


@pytest.mark.parametrize('path', ['/c/{own}', '/favicon.ico', '/assets/styles/base.css'])
def test_their_own_page_is(path: str, reader: Guest, own: str) -> None:
    assert reader.ask(path.format(own=own)).status == 200


@pytest.mark.parametrize('method', ['POST', 'PUT', 'PATCH', 'DELETE'])
@pytest.mark.parametrize('path', ['/c/{own}', '/front', '/chat/', '/files/'])
def test_nothing_is_changed_by_a_request(method: str, path: str, reader: Guest, own: str) -> None:
    answer = reader.ask(path.format(own=own), method, [('Content-Type', 'application/octet-stream')], b'x')
    assert answer.status == 403


@pytest.mark.parametrize('path', ['/', '/c/{own}', '/files/x', '/favicon.ico', '/assets/styles/base.css'])
@pytest.mark.parametrize('cookie', ['', 'parlour-{port}=x', 'parlour-{port}={token}'])
def test_who_has_not_come_by_a_link_sees_nothing(
    path: str, cookie: str, guarded: Target, reader: Guest, own: str
) -> None:
    headers = [('Cookie', cookie.format(port=guarded.port, token=reader.token))] if cookie else []
    assert ask(reader.url, path=path.format(own=own), headers=headers).status == 401


@pytest.mark.parametrize(
    'header',
    [
        ('X-Forwarded-For', '127.0.0.1'),
        ('Forwarded', 'for=127.0.0.1;host=localhost'),
        ('X-Real-IP', '127.0.0.1'),
        ('X-Original-URL', '/c/{own}'),
        ('X-HTTP-Method-Override', 'GET'),
    ],
    ids=str,
)
def test_who_says_to_come_from_here_is_not_believed(header: tuple[str, str], reader: Guest, own: str) -> None:
    assert reader.ask('/settings', headers=[(header[0], header[1].format(own=own))]).status == 403


def test_a_cookie_of_the_owner_is_none_of_a_guest(
    guarded: Target, reader: Guest, own: str, other: str
) -> None:
    """Cookies do not know ports: that of the owner's page is sent to the other listener too."""
    owner = read_page(guarded.url, f'/c/{own}')
    assert ask(reader.url, path=f'/c/{other}', headers=[('Cookie', owner.cookie)]).status == 401


def test_the_cookie_can_be_read_by_no_script(guarded: Target, own: str) -> None:
    _, token = guarded.tell('invite', 'read', own)
    answer = ask(guarded.tell('urls')[0], path=f'/join/{token}')
    assert answer.header('location') == f'/c/{own}'
    assert {'httponly', 'samesite=lax'} <= set(answer.header('set-cookie').lower().split('; '))


@pytest.mark.parametrize(('whom', 'allowed'), [('reader', OF_READERS), ('writer', ALLOWED)])
def test_a_page_has_no_handler_for_what_its_guest_may_not_do(
    whom: str, allowed: set[str], reader: Guest, writer: Guest
) -> None:
    page = (reader if whom == 'reader' else writer).page()
    listeners = [event for element in page.elements.values() for event in element.get('events', [])]
    told = {event['type'] for event in listeners if 'emit(' in (event['js_handler'] or 'emit(')}
    assert told - OF_NICEGUI <= allowed


def test_no_secret_stands_in_a_page_or_in_the_log(guarded: Target, writer: Guest) -> None:
    secret = writer.cookie.partition('=')[2]
    body = writer.ask(f'/c/{writer.conversation_id}').body
    for text in (body, guarded.log.text):
        assert writer.token not in text
        assert secret not in text


def test_a_device_of_the_owner_sees_all_and_its_link_works_once(
    guarded: Target, own: str, other: str
) -> None:
    device = come(guarded, 'everything', own)
    assert [device.ask(path).status for path in ('/', '/settings', f'/c/{other}')] == [200, 200, 200]
    assert ask(device.url, path=f'/join/{device.token}').status == 410


def test_the_box_that_a_page_has_before_it_runs_is_the_owners(
    guarded: Target, own: str, reader: Guest, writer: Guest
) -> None:
    """It is served with what the owner has written there."""
    path, headers = f'/c/{own}', [('Accept', 'text/html')]
    pages = [
        ask(guarded.url, path=path, headers=headers),
        *(who.ask(path, headers=headers) for who in (reader, writer)),
    ]
    assert [page.status for page in pages] == [200, 200, 200]
    assert [EARLY_PAGE_ID in page.body for page in pages] == [True, False, False]
