"""The app as a process, as far as the other tests rely on it."""

from pathlib import Path

import pytest

from tests.support.launching import Launch
from tests.support.process import Parlour


def test_an_app_that_does_not_start_says_so_at_once(tmp_path: Path, launch: Launch) -> None:
    with Parlour(tmp_path / 'data', '--no-such-option', launch=launch) as app:
        with pytest.raises(AssertionError, match='--no-such-option'):
            app.wait_until_ready()
        assert app.wait().code == 2
        app.check()


def test_its_block_ends_it(tmp_path: Path, launch: Launch) -> None:
    with Parlour(tmp_path / 'data', launch=launch) as app:
        app.wait_until_ready()
        assert app.url.startswith('http://127.0.0.1:')
        assert app.is_running
    assert not app.is_running
