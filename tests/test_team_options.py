"""What can be said of a team at the start, and what is answered to what cannot."""

import pytest

from chat.cli import read_command_line
from chat.errors import InvalidOption

DATABASE = ('--database', 'postgresql://parlour@127.0.0.1/parlour')
PUBLIC = ('--public-url', 'https://chat.example.org')
PROXIES = ('--trusted-proxies', '10.0.0.5')
HEADER = ('--user-header', 'X-Forwarded-User')
TEAM = (*DATABASE, *PUBLIC, *PROXIES, *HEADER)


def problem_with(*options: str) -> str:
    """What is said of these options; '' if nothing is."""
    try:
        read_command_line(options).settings.check_database()
    except InvalidOption as error:
        return str(error)
    return ''


@pytest.mark.parametrize(
    ('options', 'sentence'),
    [
        (('--data', '.'), '--data cannot be used with --database'),
        (('--native',), '--native cannot be used with --database'),
        (('--share',), '--share cannot be used with --database'),
        (('--launch-token',), '--launch-token cannot be used with --database'),
        (PUBLIC, 'add --trusted-proxies and --user-header.'),
        ((*PUBLIC, *HEADER), 'add --trusted-proxies.'),
        ((*PROXIES, *HEADER), 'add --public-url.'),
        ((*PUBLIC, *PROXIES, *HEADER, '--user', 'anna'), 'leave --user out'),
        (('--user', ''), '--user cannot be used: The name of a user has'),
        (('--user', 'anna, bert'), '--user cannot be used: The name of a user has'),
        (('--host', '10.0.0.11'), '--host cannot be used: Parlour listens on this computer only'),
        ((*PUBLIC, *HEADER, '--host', '10.0.0.11'), '--host cannot be used: Parlour listens on this'),
    ],
)
def test_what_does_not_go_together(options: tuple[str, ...], sentence: str) -> None:
    assert sentence in problem_with(*DATABASE, *options)


@pytest.mark.parametrize('options', [PUBLIC, PROXIES, HEADER, ('--admins', 'anna')])
def test_what_is_for_a_team_needs_a_database(options: tuple[str, ...]) -> None:
    assert problem_with(*options) == f'{options[0]} is for a team: it needs --database, too.'


def test_a_node_behind_a_proxy_may_listen_for_it() -> None:
    assert problem_with(*TEAM, '--host', '10.0.0.11', '--admins', 'anna,bert') == ''
    assert problem_with(*DATABASE, '--user', 'anna') == ''


@pytest.mark.parametrize(
    'url',
    [
        *('chat.example.org', 'ftp://example.org', 'https://', 'https:///chat', 'https://anna@example.org'),
        *('https://example.org/?a=b', 'https://example.org/#a', 'https://example.org:0', 'https://a b'),
        *(
            'https://example.org:port',
            'https://example.org/a b',
            'https://exämple.org',
            'javascript:alert(1)',
        ),
        *('https://example.org/a//b', 'https://example.org/../etc', 'https://[::1', ''),
    ],
)
def test_an_address_that_no_page_can_have(url: str) -> None:
    said = problem_with(*TEAM, '--public-url', url)
    assert said.startswith('--public-url cannot be used: It must be the address that people open')


@pytest.mark.parametrize(
    ('url', 'origin', 'path'),
    [
        ('https://Chat.Example.org', 'https://chat.example.org', ''),
        ('https://chat.example.org:443/', 'https://chat.example.org', ''),
        ('http://127.0.0.1:8090/ai/', 'http://127.0.0.1:8090', '/ai'),
        ('https://[2001:db8::1]:8443/a/b', 'https://[2001:db8::1]:8443', '/a/b'),
    ],
)
def test_an_address_is_known_as_browsers_send_it(url: str, origin: str, path: str) -> None:
    known = read_command_line([*TEAM, '--public-url', url]).settings.public_url
    assert known
    assert (known.origin, known.path) == (origin, path)


@pytest.mark.parametrize(
    ('network', 'sentence'),
    [
        ('10.0.0.5/24', 'Write 10.0.0.0/24 for all of it'),
        ('0.0.0.0/0', 'is everybody'),
        ('10.0.0.5,::/0', 'is everybody'),
        ('proxy.example.org', 'is no address and no network'),
        ('10.0.0.0/33', 'is no address and no network'),
    ],
)
def test_what_is_no_network(network: str, sentence: str) -> None:
    said = problem_with(*TEAM, '--trusted-proxies', network)
    assert said.startswith('--trusted-proxies cannot be used: ')
    assert sentence in said


@pytest.mark.parametrize(
    ('address', 'is_trusted'),
    [
        *(('10.0.0.5', True), ('::ffff:10.0.0.5', True), ('10.0.0.6', False), ('192.168.1.77', True)),
        *(('2001:db8::5', True), ('2001:db9::5', False), ('', False), ('localhost', False)),
    ],
)
def test_a_proxy_is_known_by_its_address(address: str, is_trusted: bool) -> None:
    options = [*TEAM, '--trusted-proxies', '10.0.0.5, 192.168.1.0/24,2001:db8::/32']
    settings = read_command_line(options).settings
    assert settings.sign_in_proxy
    assert settings.sign_in_proxy.is_at(address) == is_trusted


@pytest.mark.parametrize('header', ['', 'X Forwarded', 'Cookie', 'host', 'Sec-Fetch-Site', 'X-Ä', 'x:y'])
def test_what_is_no_header_of_a_proxy(header: str) -> None:
    assert problem_with(*TEAM, '--user-header', header).startswith('--user-header cannot be used: ')


def test_names_of_a_team_come_from_the_environment_too(monkeypatch: pytest.MonkeyPatch) -> None:
    given = {
        **{'DATABASE': DATABASE[1], 'PUBLIC_URL': PUBLIC[1], 'TRUSTED_PROXIES': '10.0.0.0/24, 10.0.1.1'},
        **{'USER_HEADER': 'Remote-User', 'ADMINS': 'anna, Bert B.', 'NODE': 'node-a'},
    }
    for name, value in given.items():
        monkeypatch.setenv(f'PARLOUR_{name}', value)
    settings = read_command_line([]).settings
    settings.check_database()
    assert settings.sign_in_proxy
    assert settings.sign_in_proxy.user_header == 'remote-user'
    assert (settings.admins, settings.node) == (('anna', 'Bert B.'), 'node-a')


def test_what_becomes_of_an_answer_whose_node_has_died(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = read_command_line(['--drain', '5']).settings
    assert (settings.continue_left, settings.drain) == ('ask', 5)
    monkeypatch.setenv('PARLOUR_CONTINUE', 'once')
    assert read_command_line([]).settings.continue_left == 'once'
    monkeypatch.setenv('PARLOUR_CONTINUE', 'often')
    assert problem_with() == "PARLOUR_CONTINUE cannot be used: Input should be 'ask' or 'once'"
