"""What `python main.py selftest` says where nothing can be tried; what it tries is tested with the store."""

import sys

import pytest

from chat.cli import main


@pytest.mark.skipif(sys.platform != 'linux', reason='elsewhere there is no place where nobody may write')
def test_a_place_that_cannot_be_written(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(['selftest', '--data', '/proc/not/there']) == 1
    said = capsys.readouterr()
    assert (said.out, said.err.count('\n')) == ('', 1)
    assert said.err.startswith('parlour: The self-test cannot use /proc: ')
