"""Requests that pages of others, misled browsers and strange programs send to the owner's listener."""

import pytest

from tests.security.case import AttackCase
from tests.security.raw import send
from tests.security.target import Target

FORM = ('Content-Type', 'application/x-www-form-urlencoded')


def form(name: str, expected: int, *headers: tuple[str, str], bare: int | None = 422) -> AttackCase:
    """A prompt that is empty: the app refuses it with 422, if it is asked at all."""
    return AttackCase(
        name=name,
        method='POST',
        path='/chat/',
        headers=[FORM, *headers],
        body=b'prompt=',
        expected=expected,
        bare=bare,
    )


def hosts() -> list[AttackCase]:
    """DNS rebinding: a name of the attacker's own leads to this computer."""
    foreign = {
        'a foreign name': 'evil.example',
        'a foreign name with our port': 'evil.example:{port}',
        'our address as a part of a foreign name': '127.0.0.1.evil.example:{port}',
        'our name as a part of a foreign name': 'localhost.evil.example',
        'a name that ends as ours': 'evil-localhost:{port}',
        'our name with a dot at its end': 'localhost.:{port}',
        'an address of another network': '192.168.1.5:{port}',
        'any address': '0.0.0.0:{port}',
        'our address as a number': '2130706433:{port}',
        'our address with a zero': '127.0.0.01:{port}',
        'another address of this computer': '127.0.0.2:{port}',
        'an IPv6 address that is not ours': '[fe80::1]:{port}',
    }
    broken = {
        'a user before the name': 'localhost@evil.example',
        'two names': '127.0.0.1, evil.example',
        'a path after the name': '127.0.0.1/evil',
        'no port after a colon': 'localhost:',
        'nothing': '',
    }
    return [
        *[AttackCase(name=f'host: {name}', host=host, expected=421) for name, host in foreign.items()],
        *[AttackCase(name=f'host: {name}', host=host, expected=400) for name, host in broken.items()],
    ]


def origins() -> list[AttackCase]:
    """Pages of others that send something in the name of the person who looks at them."""
    foreign = {
        'a foreign site': 'https://evil.example',
        'a page without an origin': 'null',
        'another port of this computer': 'http://127.0.0.1:9',
        'another name of this computer': 'http://localhost:{port}',
        'another protocol': 'https://{host}',
        'our origin as a part of a name': 'http://{host}.evil.example',
        'our origin with a path': 'http://{host}/',
        'two origins': 'http://{host} http://evil.example',
        'an extension of the browser': 'chrome-extension://abcdefghijklmnop',
    }
    return [form(f'origin: {name}', 403, ('Origin', origin)) for name, origin in foreign.items()]


def cross_site() -> list[AttackCase]:
    """What a browser says of where a request comes from, when there is no origin."""
    parts = ('image', 'script', 'iframe', 'frame', 'embed', 'object', 'style', 'worker', 'audio', 'empty')
    return [
        *[
            AttackCase(
                name=f'cross-site: {part}', headers=fetched('cross-site', 'no-cors', part), expected=403
            )
            for part in parts
        ],
        AttackCase(name='same site, other port', headers=fetched('same-site', 'cors', 'empty'), expected=403),
        AttackCase(
            name='cross-site: frame that navigates',
            headers=fetched('cross-site', 'navigate', 'iframe'),
            expected=403,
        ),
        form('cross-site: form that is sent', 403, *fetched('cross-site', 'navigate', 'document')),
    ]


def fetched(site: str, mode: str, dest: str) -> list[tuple[str, str]]:
    return [('Sec-Fetch-Site', site), ('Sec-Fetch-Mode', mode), ('Sec-Fetch-Dest', dest)]


def heads() -> list[AttackCase]:
    """Heads that are too large, or say something twice so that two readers understand two things."""
    many = [(f'X-{number}', 'x') for number in range(101)]
    return [
        AttackCase(name='head: 101 headers', headers=many, expected=431),
        AttackCase(name='head: 40 KB', headers=[('X-Long', 'x' * 40_000)], expected=431),
        AttackCase(name='head: a cookie of 40 KB', headers=[('Cookie', 'a=' + 'x' * 40_000)], expected=431),
        AttackCase(name='head: 1 MB', headers=[('X-Long', 'x' * 1_000_000)], expected=400),
        AttackCase(name='head: an address of 1 MB', path='/' + 'x' * 1_000_000, expected=400, bare=None),
        AttackCase(
            name='head: two origins', headers=[('Origin', 'http://{host}'), ('Origin', 'null')], expected=400
        ),
        AttackCase(
            name='head: two hosts', headers=[('Host', '127.0.0.1'), ('Host', 'evil.example')], expected=400
        ),
        AttackCase(
            name='head: two users', headers=[('Authorization', 'a'), ('Authorization', 'b')], expected=400
        ),
        AttackCase(
            name='head: two sites',
            headers=[*fetched('none', 'cors', 'empty'), ('Sec-Fetch-Site', 'x')],
            expected=400,
        ),
        AttackCase(
            name='head: two lengths',
            headers=[('Content-Length', '5'), ('Content-Length', '6')],
            expected=400,
            bare=None,
        ),
        form(
            'head: a length and pieces',
            400,
            ('Content-Length', '7'),
            ('Transfer-Encoding', 'chunked'),
            bare=None,
        ),
        AttackCase(name='head: TRACE', method='TRACE', expected=405),
        AttackCase(name='head: CONNECT', method='CONNECT', path='evil.example:443', expected=405, bare=None),
        AttackCase(name='head: an invented method', method='BREW', expected=405, bare=None),
    ]


def bodies() -> list[AttackCase]:
    """More than anybody types."""
    sent = [
        ('body: 3 MB', [('Content-Length', str(len(LARGE)))], LARGE, 422),
        ('body: 3 MB in pieces', [('Transfer-Encoding', 'chunked')], in_pieces(LARGE), 422),
        ('body: an announced terabyte', [('Content-Length', str(10**12))], LARGE, None),
        ('body: a length that is none', [('Content-Length', '+5')], LARGE, None),
    ]
    return [
        AttackCase(
            name=name,
            method='POST',
            path='/chat/',
            headers=[('Content-Type', 'multipart/form-data; boundary=x'), *headers],
            body=body,
            expected=400 if 'none' in name else 413,
            bare=without,
        )
        for name, headers, body, without in sent
    ]


LARGE = (
    b'--x\r\nContent-Disposition: form-data; name="file"; filename="f"\r\n\r\n'
    + b'x' * 3_000_000
    + b'\r\n--x--\r\n'
)


def in_pieces(body: bytes) -> bytes:
    """As chunked encoding has it, so that nothing says how much comes."""
    pieces = [body[start : start + 65536] for start in range(0, len(body), 65536)]
    return b''.join(b'%x\r\n%s\r\n' % (len(piece), piece) for piece in [*pieces, b''])


CASES = [*hosts(), *origins(), *cross_site(), *heads(), *bodies()]


@pytest.mark.parametrize('case', CASES, ids=str)
def test_it_is_refused(case: AttackCase, guarded: Target) -> None:
    assert case.send(guarded.url).status == case.expected


@pytest.mark.parametrize('case', [case for case in CASES if case.bare], ids=str)
def test_without_the_guard_it_would_not_be(case: AttackCase, bare: Target) -> None:
    assert case.send(bare.url).status == case.bare


GOOD = [
    AttackCase(name='the address', expected=200),
    AttackCase(name='the name', host='localhost:{port}', expected=200),
    AttackCase(name='the name without a port, as through a tunnel', host='localhost', expected=200),
    AttackCase(name='the IPv6 address', host='[::1]:{port}', expected=200),
    AttackCase(name='the name in capitals', host='LOCALHOST:{port}', expected=200),
    AttackCase(name='a typed address', headers=fetched('none', 'navigate', 'document'), expected=200),
    AttackCase(name='a link elsewhere', headers=fetched('cross-site', 'navigate', 'document'), expected=200),
    AttackCase(name='our own page', headers=fetched('same-origin', 'cors', 'empty'), expected=200),
    form('a program', 422),
    form('a form of our own page', 422, ('Origin', 'http://{host}')),
    AttackCase(name='cookies in two lines', headers=[('Cookie', 'a=1'), ('Cookie', 'b=2')], expected=200),
]


@pytest.mark.parametrize('case', GOOD, ids=str)
def test_what_is_as_it_should_be_is_let_through(case: AttackCase, guarded: Target) -> None:
    assert case.send(guarded.url).status == case.expected


def test_a_refused_body_ends_the_connection(guarded: Target) -> None:
    """Though the other side would keep it: nobody reads what may still come."""
    head = f'POST /chat/ HTTP/1.1\r\nHost: {guarded.url.split("/")[2]}\r\nContent-Length: 99999999\r\n\r\n'
    answer = send(guarded.url, head.encode())
    assert (answer.status, answer.header('connection').lower()) == (413, 'close')
