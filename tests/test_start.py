"""The process as a person starts it: what it prints, and when and how it ends."""

from pathlib import Path

import httpx2

from chat import __version__
from tests.support.launching import Launch
from tests.support.process import READY_PREFIX, Parlour
from tests.support.timeouts import WAIT_TIMEOUT


def test_one_line_says_that_it_can_be_used(tmp_path: Path) -> None:
    with Parlour(tmp_path / 'data') as app:
        app.wait_until_ready()
        assert app.url.startswith('http://127.0.0.1:')
        health = httpx2.get(f'{app.url}/healthz', trust_env=False, timeout=WAIT_TIMEOUT).json()
        assert health == {'status': 'ok', 'version': __version__}
        assert app.terminate() == 0
    assert [line.startswith(READY_PREFIX) for line in app.stdout.lines] == [True]
    assert app.stderr.text == ''


def test_a_second_start_leads_to_the_first_and_one_elsewhere_finds_its_port_taken(
    tmp_path: Path, launch: Launch
) -> None:
    """In the end, Ctrl-C is a quiet end of the first."""
    with Parlour(tmp_path / 'data', launch=launch) as first:
        first.wait_until_ready()
        with Parlour(tmp_path / 'data', launch=launch) as second:
            assert second.wait() == 0
        assert first.url in second.stdout.text
        assert READY_PREFIX not in second.stdout.text
        port = first.url.rpartition(':')[2]
        with Parlour(tmp_path / 'other', '--port', port, launch=launch) as other:
            assert other.wait() == 1
        assert other.stderr.text == (
            f'parlour: Port {port} is taken by another program. Choose another one with --port.'
        )
        assert first.interrupt() == 0
    assert first.stderr.text == ''


def test_a_start_after_a_kill(tmp_path: Path, launch: Launch) -> None:
    with Parlour(tmp_path / 'data', launch=launch) as first:
        first.wait_until_ready()
        first.kill()
    with Parlour(tmp_path / 'data', launch=launch) as second:
        second.wait_until_ready()
        assert second.is_running


def test_a_data_folder_that_is_a_file(tmp_path: Path, launch: Launch) -> None:
    (tmp_path / 'data').touch()
    with Parlour(tmp_path / 'data', launch=launch) as app:
        assert app.wait() == 1
    assert app.stderr.text.startswith('parlour: The data folder')
    assert 'Traceback' not in app.log


def test_damaged_files_do_not_keep_it_from_starting(tmp_path: Path, launch: Launch) -> None:
    conversations = tmp_path / 'data' / 'conversations'
    conversations.mkdir(parents=True)
    (conversations / 'broken.json').write_text('{"record": ')
    with Parlour(tmp_path / 'data', launch=launch) as app:
        app.wait_until_ready()
        assert 'broken.json' in httpx2.get(app.url, trust_env=False, timeout=WAIT_TIMEOUT).text
    assert (conversations / 'broken.json.corrupt').read_text() == '{"record": '
