"""A team as it is run: nodes as processes, HAProxy before them and nginx, which says who it is, before that.

The configurations are those of OPERATIONS.md, with the addresses of this computer.
"""

import re
from base64 import b64encode
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Self
from urllib.parse import urlsplit

import httpx2

from tests.support.front_servers import HaProxy, Nginx
from tests.support.launching import Launch
from tests.support.ports import reserved_port
from tests.support.process import Parlour

OPERATIONS = Path(__file__).parents[2] / 'chat' / 'cluster' / 'OPERATIONS.md'

PASSWORDS = {'anna': 'of-anna', 'bert': 'of-bert', 'carla': 'of-carla'}
"""Bert is kept at one node by a cookie, everybody else by their name."""


def blocks(language: str) -> list[str]:
    """What stands in the blocks of a language in OPERATIONS.md."""
    return re.findall(rf'^```{language}\n(.*?)^```$', OPERATIONS.read_text(), re.DOTALL | re.MULTILINE)


class TeamInProcesses:
    """Three nodes, each of which keeps its address when it is started again."""

    def __init__(self, folder: Path, launch: Launch, *options: str) -> None:
        """`options` are those of each node besides those of a team."""
        self._folder = folder
        self._launch = launch
        self._options = options
        self._stack = ExitStack()
        self._balancer = HaProxy()
        self._entrance = Nginx()
        self.url = self._entrance.url
        """Where people come in."""
        self.nodes: dict[str, Parlour] = {}
        """Those that run, by their names; a, b and c at first."""
        self._ports = {name: str(reserved_port()) for name in 'abc'}

    def __enter__(self) -> Self:
        self._stack.enter_context(self._balancer)
        self._stack.enter_context(self._entrance)
        for name in self._ports:
            self.nodes[name] = self._started(name)
        for node in self.nodes.values():
            node.wait_until_ready()
        self._balancer.serve(self._balancing())
        self._entrance.serve(*self._signing_in())
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def kill(self, name: str) -> None:
        """End a node as a power cut does."""
        self.nodes.pop(name).kill()

    def stop(self, name: str) -> None:
        """End a node as an update does; return when it has ended."""
        ended = self.nodes[name].terminate(timeout=60)
        assert ended == 0, self.nodes[name].log
        self.nodes.pop(name).check()

    def start_again(self, name: str) -> None:
        """Start a node that has ended; return when it can be used."""
        self.nodes[name] = self._started(name)
        self.nodes[name].wait_until_ready()

    def ask(self, node: str, path: str, *, user: str = 'anna', data: Mapping[str, str] | None = None) -> str:
        """What a node answers to a program at the same computer, which says who it is."""
        headers = {'Host': urlsplit(self.url).netloc, 'X-Forwarded-User': user}
        method = 'POST' if data else 'GET'
        url = self.nodes[node].url + path
        try:
            return httpx2.request(method, url, headers=headers, data=data, trust_env=False, timeout=60).text
        except httpx2.TransportError:  # it was killed
            return ''

    def viewers(self, node: str) -> int:
        """How many pages a node has, as it says itself."""
        return int(float(self.figures(node)['parlour_viewers']))

    def figures(self, node: str) -> dict[str, str]:
        """What a node tells Prometheus, by name and labels."""
        lines = self.ask(node, '/metrics').splitlines()
        return dict(line.rsplit(' ', 1) for line in lines if not line.startswith('#'))

    @property
    def log(self) -> str:
        """All that was said, for the message of a failed test."""
        return '\n'.join(
            [self._balancer.log, self._entrance.log, *(node.log for node in self.nodes.values())]
        )

    def _started(self, name: str) -> Parlour:
        proxy = ('--public-url', self.url, '--trusted-proxies', '127.0.0.1')
        proxy = (*proxy, '--user-header', 'X-Forwarded-User')
        port = ('--port', self._ports[name])
        node = Parlour(self._folder / name, *proxy, *self._options, *port, launch=self._launch)
        return self._stack.enter_context(node)

    def _balancing(self) -> str:
        text = '\n'.join(blocks('haproxy'))
        text = re.sub(
            r'server (\w) \S+', lambda found: f'server {found[1]} 127.0.0.1:{self._ports[found[1]]}', text
        )
        choice = '    use_backend nodes_by_cookie if { req.hdr(X-Forwarded-User) -m str bert }\n'
        return text.replace('    default_backend nodes\n', f'{choice}    default_backend nodes\n')

    def _signing_in(self) -> tuple[str, Mapping[str, str]]:
        [text] = blocks('nginx')
        text = re.sub(r'^ +ssl_.*\n', '', text, flags=re.MULTILINE)
        text = text.replace('127.0.0.1:8000', f'127.0.0.1:{self._balancer.port}')
        text = text.replace('/etc/nginx/parlour.users', 'users')
        users = ''.join(f'{name}:{{PLAIN}}{password}\n' for name, password in PASSWORDS.items())
        return text, {'users': users}


def authorization(user: str) -> Mapping[str, str]:
    """What a browser sends once somebody has signed in."""
    return {'Authorization': f'Basic {b64encode(f"{user}:{PASSWORDS[user]}".encode()).decode()}'}
