"""How many files may be open."""

import sys

import pytest

from chat.server.connections import raise_file_limit

if sys.platform == 'win32':
    pytest.skip('has no such limit', allow_module_level=True)

import resource


def test_the_limit_is_raised_as_far_as_the_system_lets_us() -> None:
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (256, before[1]))
        raise_file_limit()
        assert resource.getrlimit(resource.RLIMIT_NOFILE)[0] == min(8192, before[1])
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)
