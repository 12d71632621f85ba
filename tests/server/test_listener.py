"""Where Parlour listens."""

import socket

import pytest

from chat.errors import StartFailed
from chat.server.listener import bind_socket, url_of_socket


def test_any_free_port() -> None:
    with bind_socket('127.0.0.1', 0) as listening:
        assert url_of_socket(listening) == f'http://127.0.0.1:{listening.getsockname()[1]}/'


def test_a_taken_port_that_was_asked_for() -> None:
    with bind_socket('127.0.0.1', 0) as taken, pytest.raises(StartFailed, match='is taken'):
        bind_socket('127.0.0.1', taken.getsockname()[1])


def test_a_taken_port_that_was_not_asked_for() -> None:
    with bind_socket('127.0.0.1', 0) as taken:
        port = taken.getsockname()[1]
        with bind_socket('127.0.0.1', None, default=port) as listening:
            assert listening.getsockname()[1] != port


@pytest.mark.parametrize('host', ['', '0.0.0.0', '::', '::ffff:0.0.0.0', 'example.org', '1.2.3.4.5'])  # noqa: S104
def test_what_is_not_one_address_is_refused(host: str) -> None:
    with pytest.raises(StartFailed, match='one address of this computer only'):
        bind_socket(host, 0)


def test_the_address_of_the_other_protocol() -> None:
    if not socket.has_ipv6:
        pytest.skip('this computer has no IPv6')
    with bind_socket('::1', 0) as listening:
        assert url_of_socket(listening) == f'http://[::1]:{listening.getsockname()[1]}/'
