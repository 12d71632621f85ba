"""A connection whose other end is gone must not be waited for as long as a model may think."""

import socket
import sys

import pytest

from chat.agent.http_client import make_client
from chat.agent.probed_connections import MAX_LOST_PROBES, PROBE_DELAY, PROBE_INTERVAL
from tests.support.provider import Provider
from tests.support.timeouts import WAIT_TIMEOUT


@pytest.mark.skipif(sys.platform != 'linux', reason='The names of these options are those of Linux.')
async def test_the_system_probes_a_silent_connection() -> None:
    async with (
        Provider() as provider,
        make_client(is_local=True, timeout=WAIT_TIMEOUT) as client,
        client.stream('GET', f'{provider.url}/models') as response,
    ):
        connection = response.extensions['network_stream'].get_extra_info('socket')
        assert connection.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE)
        names = ('TCP_KEEPIDLE', 'TCP_KEEPINTVL', 'TCP_KEEPCNT')
        options = [connection.getsockopt(socket.IPPROTO_TCP, getattr(socket, name)) for name in names]
        assert options == [PROBE_DELAY, PROBE_INTERVAL, MAX_LOST_PROBES]
