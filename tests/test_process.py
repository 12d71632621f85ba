"""The app as a process, as far as the other tests rely on it."""

import os
import signal
import socket
import sys
import time
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.security.sockets import read_page, speaking_for
from tests.support.launching import Launch
from tests.support.process import Parlour


def test_an_app_that_does_not_start_says_so_at_once(tmp_path: Path, launch: Launch) -> None:
    with Parlour(tmp_path / 'data', '--no-such-option', launch=launch) as app:
        with pytest.raises(AssertionError, match='--no-such-option'):
            app.wait_until_ready()
        assert app.wait() == 2
        app.check()


@pytest.mark.skipif(sys.platform == 'win32', reason='Ctrl-C is no signal there')
def test_ctrl_c_again_and_again_with_requests_under_way(tmp_path: Path, launch: Launch) -> None:
    """A page is connected, an upload and a head are half sent; the last signals come at the very end."""
    with Parlour(tmp_path / 'data', launch=launch) as app:
        app.wait_until_ready()
        place = urlsplit(app.url)
        head = f'POST /files HTTP/1.1\r\nHost: {place.netloc}\r\nContent-Length: 9999\r\n\r\nabc'
        with (
            socket.create_connection((place.hostname, place.port)) as upload,
            socket.create_connection((place.hostname, place.port)) as half,
            speaking_for(read_page(app.url)) as page,
        ):
            assert page.join()
            upload.sendall(head.encode())
            half.sendall(b'GET / HTTP/1.1\r\nHo')
            while app.is_running:
                with suppress(ProcessLookupError):  # it has just ended
                    os.kill(app.pid, signal.SIGINT)
                time.sleep(0.02)  # a finger on the key
        assert app.wait() == 0
        assert 'Traceback' not in app.log
