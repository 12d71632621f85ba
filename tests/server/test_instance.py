"""One instance per data folder."""

import threading
from collections.abc import Generator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from chat.errors import StartFailed
from chat.server.instance import Instance, RunningInstance
from chat.server.launcher import open_browser


@contextmanager
def answering(secret: str) -> Generator[RunningInstance]:
    """A program on loopback that answers challenges with a secret, its own or a wrong one."""

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            challenge = parse_qs(urlsplit(self.path).query)['challenge'][0]
            self.send_response(200)
            self.end_headers()
            self.wfile.write(
                RunningInstance(pid=0, url='', entrance='', secret=secret).proof(challenge).encode()
            )

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            """Say nothing."""

    with HTTPServer(('127.0.0.1', 0), Answer) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        url = f'http://127.0.0.1:{server.server_port}/'
        yield RunningInstance(pid=4242, url=url, entrance=url, secret='right')
        server.shutdown()


def test_the_first_one_gets_the_folder(tmp_path: Path) -> None:
    instance = Instance(tmp_path / 'new' / 'folder')
    assert instance.claim() is None
    assert (tmp_path / 'new' / 'folder').stat().st_mode & 0o777 == 0o700
    instance.release()


def test_the_second_one_is_led_to_the_first(tmp_path: Path) -> None:
    first, second = Instance(tmp_path), Instance(tmp_path)
    assert first.claim() is None
    with answering('right') as running:
        first.announce(running)
        assert second.claim() == running
    first.release()


def test_a_foreign_program_on_the_port_is_not_mistaken_for_it(tmp_path: Path) -> None:
    first, second = Instance(tmp_path), Instance(tmp_path, timeout=0.2)
    first.claim()
    with answering('wrong') as running:
        first.announce(running)
        with pytest.raises(StartFailed, match='Process 4242 holds'):
            second.claim()
    first.release()


def test_a_folder_that_is_free_again(tmp_path: Path) -> None:
    """What an instance leaves behind when it is killed does not keep the next one out."""
    first, second = Instance(tmp_path), Instance(tmp_path)
    first.claim()
    first.announce(RunningInstance(pid=1, url='http://127.0.0.1:9/', entrance='', secret='gone'))
    card = (tmp_path / '.running.json').read_bytes()
    first.release()
    (tmp_path / '.running.json').write_bytes(card)
    assert second.claim() is None
    second.release()


def test_a_folder_that_cannot_be_used(tmp_path: Path) -> None:
    (tmp_path / 'file').touch()
    with pytest.raises(StartFailed, match='Choose another with --data'):
        Instance(tmp_path / 'file').claim()


def test_where_no_page_with_the_token_can_be_written_the_address_is_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    running = RunningInstance.now('http://127.0.0.1:8080/', 'token')
    open_browser(running, tmp_path / 'gone')
    assert 'Open http://127.0.0.1:8080/join/token in a browser' in capsys.readouterr().out
