"""What can be reached from another computer, and when."""

from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.security.target import Target
from tests.support.fork_server import ForkServer
from tests.support.lan import Lan
from tests.support.process import Parlour
from tests.support.timeouts import WAIT_TIMEOUT

SOCKET = """
import sys
from tests.security.sockets import read_page, speaking_for
with speaking_for(read_page(*sys.argv[1:4])) as socket:
    assert socket.join()
    print('joined', flush=True)
    print('closed' if socket.is_closed() else 'open')
"""


@pytest.mark.parametrize('version', ['IPv4', 'IPv6'])
def test_the_port_is_there_while_something_is_shared_and_a_guest_comes_in(
    version: str, lan: Lan, guarded: Target
) -> None:
    """Closed before, open while it is shared, closed when sharing has ended, also with sockets open."""
    here = lan.owner.ip if version == 'IPv4' else lan.owner.ip_v6
    assert not lan.guest.reaches(here, guarded.port), 'before'
    conversation_id = guarded.tell('new', 'What do you see from there?')
    url: str = guarded.tell('start', here)[0]
    port = urlsplit(url).port or 0
    _, token = guarded.tell('invite', 'read', conversation_id)
    joined = lan.guest.ask(url, f'/join/{token}')
    assert (joined.status, joined.header('location')) == (303, f'/c/{conversation_id}')
    assert 'from there' in lan.guest.ask(url, f'/c/{conversation_id}', joined.cookie).body
    assert lan.guest.ask(url, '/settings', joined.cookie).status == 403
    assert lan.guest.ask(url, f'/c/{conversation_id}').status == 401
    with lan.guest.start(SOCKET, url, f'/c/{conversation_id}', joined.cookie) as process:
        assert process.stdout
        assert process.stdout.readline() == 'joined\n'
        guarded.tell('stop')
        assert not lan.guest.reaches(here, port), 'after'
        assert process.communicate(timeout=WAIT_TIMEOUT)[0] == 'closed\n'
    guarded.tell('hush', conversation_id)


def test_the_flag_prints_a_link_for_a_phone_with_its_code(
    lan: Lan, fork_server: ForkServer, tmp_path: Path
) -> None:
    """The link of `--share` lets one browser in to everything, and no other."""
    launch = lan.owner.launching(fork_server)
    with Parlour(tmp_path / 'data', '--share', '--model', 'demo', launch=launch) as app:
        app.wait_until_ready()
        said = app.stdout.wait_for('Shared on this network', WAIT_TIMEOUT)
        assert said, app.log
        assert app.stdout.wait_for('█████', WAIT_TIMEOUT), app.log
        url, _, token = said.rpartition(' ')[2].rpartition('join/')
        joined = lan.guest.ask(url, f'/join/{token}')
        assert joined.status == 303
        assert lan.guest.ask(url, '/settings', joined.cookie).status == 200
        assert lan.guest.ask(url, f'/join/{token}').status == 410
        assert app.terminate() == 0
        assert token not in app.stderr.text
