"""Real HAProxy and nginx in front of nodes: each listens from the start, before the nodes are known."""

import os
import re
import shutil
import signal
import socket
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Self

import pytest

from tests.support.postgres import SERVER_USER


def require(program: str) -> str:
    """Where a program is; without it the test is left out, but never in CI."""
    path = shutil.which(program) or shutil.which(program, path='/usr/sbin:/usr/local/sbin')
    if path is None:
        if os.environ.get('CI'):
            pytest.fail(f'The Debian package `{program}` is not installed.')
        pytest.skip(f'needs {program}: apt-get install {program}')
    return path


class FrontServer:
    """A program that serves on a port of this computer, in a folder of its own; as a context it ends with it.

    Connections that come before it has begun wait. Where the tests are run by root, it is another user.
    """

    def __init__(self, program: str) -> None:
        self._program = require(program)
        self._listening = socket.create_server(('127.0.0.1', 0))
        self._listening.setblocking(False)  # as these programs expect of what they are given
        self.folder = Path(tempfile.mkdtemp(prefix='parlour-front-'))
        self.port: int = self._listening.getsockname()[1]
        self.url = f'http://127.0.0.1:{self.port}'
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def descriptor(self) -> int:
        """That of the socket it is given."""
        return self._listening.fileno()

    def start(self, arguments: Sequence[str], files: Mapping[str, str]) -> None:
        """Write its files into the folder and run it there."""
        for name, text in files.items():
            (self.folder / name).write_text(text)
        command = [self._program, *arguments]
        if os.getuid() == 0:
            for path in (self.folder, *self.folder.iterdir()):
                shutil.chown(path, SERVER_USER, SERVER_USER)
            user = ['--reuid', SERVER_USER, '--regid', SERVER_USER, '--clear-groups', '--pdeathsig', 'TERM']
            command = ['setpriv', *user, *command]
        with (self.folder / 'log').open('wb') as log:
            self._process = subprocess.Popen(  # noqa: S603  # a program of Debian
                command,
                cwd=self.folder,
                env={'PATH': os.environ['PATH'], 'NGINX': f'{self.descriptor};'},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                pass_fds=[self.descriptor],
            )
        self._listening.close()  # whoever connects when it has failed is told at once

    @property
    def log(self) -> str:
        return (self.folder / 'log').read_text(errors='replace')

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._listening.close()
        if self._process:
            self._process.send_signal(signal.SIGTERM)
            self._process.wait()
        shutil.rmtree(self.folder)


def with_replaced(text: str, pattern: str, line: str) -> str:
    """The text with another line in the place of the one that there must be."""
    replaced, count = re.subn(pattern, line, text, flags=re.MULTILINE)
    assert count == 1, f'{pattern} is there {count} times'
    return replaced


class HaProxy(FrontServer):
    """HAProxy."""

    def __init__(self) -> None:
        super().__init__('haproxy')

    def serve(self, configuration: str) -> None:
        """Serve by a configuration in which `bind` stands for its socket."""
        configuration = with_replaced(configuration, r'^ +bind .*$', f'    bind fd@{self.descriptor}')
        self.start(['-db', '-f', 'haproxy.cfg'], {'haproxy.cfg': configuration})


class Nginx(FrontServer):
    """nginx."""

    def __init__(self) -> None:
        super().__init__('nginx')

    def serve(self, configuration: str, files: Mapping[str, str]) -> None:
        """Serve by the inner part of a configuration, in which `listen` stands for its socket."""
        configuration = with_replaced(configuration, r'^ +listen .*$', f'    listen 127.0.0.1:{self.port};')
        folders = ' '.join(
            f'{kind}_temp_path {self.folder}/{kind};'
            for kind in ('client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi')
        )
        whole = (
            'daemon off; worker_processes 1; error_log stderr warn; pid nginx.pid;\n'
            'events { worker_connections 256; }\n'
            f'http {{ access_log off; {folders}\n{configuration}\n}}\n'
        )
        prefix = f'{self.folder}/'
        self.start(
            ['-e', 'stderr', '-p', prefix, '-c', f'{prefix}nginx.conf'], {'nginx.conf': whole, **files}
        )
