"""A process that has imported all that the app needs, and becomes an app as often as it is asked.

To import is most of what a start costs. Only where there is `fork`.
"""

import atexit
import gc
import json
import os
import runpy
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from select import POLLIN, poll, select
from typing import IO, Self

from tests.support.launching import kept_environment
from tests.support.namespaces import enter
from tests.support.timeouts import WAIT_TIMEOUT

ROOT = Path(__file__).parents[2]
MAX_ORDER_BYTES = 65536
"""Bytes of variables, a folder and a command line."""


class ForkServer:
    """The test's end of it; as a context it ends with its block, apps that still run do not."""

    def __init__(self) -> None:
        self._here, there = socket.socketpair()
        self._process = subprocess.Popen(  # noqa: S603  # this file
            [sys.executable, '-m', 'tests.support.fork_server', str(there.fileno())],
            cwd=ROOT,
            env=kept_environment() | {'PYTHONPATH': str(ROOT)},
            stdin=subprocess.DEVNULL,
            pass_fds=[there.fileno()],
            start_new_session=True,
        )
        there.close()

    def launch(
        self,
        command: Sequence[str],
        folder: Path,
        environment: Mapping[str, str] | None = None,
        stdin: IO[str] | None = None,
        namespace: Path | None = None,
    ) -> 'ForkedProcess':
        """What `start_process` does, for commands of Python: `main.py`, `-m MODULE` or `-c CODE`.

        `namespace` is one of Linux, in which it runs: as root only.
        """
        pipes = [os.pipe() for _ in range(3)]
        order = json.dumps(
            [dict(environment or {}), str(namespace or ''), str(folder), *command[1:]]
        ).encode()
        with Path(os.devnull).open() as nothing:
            given = (stdin or nothing).fileno()
            socket.send_fds(self._here, [order], [write for _, write in pipes] + [given])
        for _, write in pipes:
            os.close(write)
        return ForkedProcess(*(os.fdopen(read, encoding='utf-8', errors='replace') for read, _ in pipes))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._here.close()  # it sees that and ends
        self._process.wait()


class ForkedProcess:
    """An app that a zygote has become."""

    def __init__(self, stdout: IO[str], stderr: IO[str], news: IO[str]) -> None:
        """`news` is the process id in its first line, and the exit code in the second."""
        self.stdout = stdout
        self.stderr = stderr
        self.pid = int(news.readline())
        self._news = news
        self._code: int | None = None

    def poll(self) -> int | None:
        return self._look(0)

    def wait(self, timeout: float | None = None) -> int:
        code = self._look(timeout)
        if code is None:
            raise subprocess.TimeoutExpired('main.py', timeout or 0)
        return code

    def send_signal(self, sig: int) -> None:
        with suppress(ProcessLookupError):  # it has ended, and nobody has said so yet
            if self.poll() is None:
                os.kill(self.pid, sig)

    def _look(self, timeout: float | None) -> int | None:
        if self._code is None and select([self._news], [], [], timeout)[0]:
            self._code = int(self._news.readline())
            self._news.close()
        return self._code


def serve(orders: socket.socket) -> None:
    """Become an app for each order; this process itself stays as it is."""
    while True:
        order, pipes, *_ = socket.recv_fds(orders, MAX_ORDER_BYTES, 4)
        if not order:
            return
        if os.fork() == 0:
            orders.close()
            environment, *order = json.loads(order)
            os.environ.update(environment)
            keep(order, *pipes)
        for pipe in pipes:
            os.close(pipe)


def keep(order: Sequence[str], stdout: int, stderr: int, news: int, stdin: int) -> None:
    """Start the app in a child, tell its id and how it ended, and end with it."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    child = os.fork()
    if child == 0:
        os.close(news)
        os.dup2(stdin, 0)
        become(order, stdout, stderr)
    os.close(stdin)
    os.close(stdout)
    os.close(stderr)
    os.write(news, f'{child}\n'.encode())
    end_with_reader(child, news)
    _, status = os.waitpid(child, 0)
    with suppress(BrokenPipeError):
        os.write(news, f'{os.waitstatus_to_exitcode(status)}\n'.encode())
    os._exit(0)


def end_with_reader(child: int, news: int) -> None:
    """Wait until the app ends, and kill it when nobody is left who would be told."""
    ended = os.pidfd_open(child)
    events = poll()
    events.register(ended, POLLIN)
    events.register(news, 0)  # only that its other end is closed
    if any(descriptor == news for descriptor, _ in events.poll()):
        os.kill(child, signal.SIGKILL)
    os.close(ended)


def become(order: Sequence[str], stdout: int, stderr: int) -> None:
    """Run the app here and end with its exit code."""
    namespace, folder, program, *arguments = order
    os.dup2(stdout, 1)
    os.dup2(stderr, 2)
    if namespace:
        enter(Path(namespace))
    os.setsid()
    os.chdir(folder)
    del os.environ['PYTHONPATH']
    exit_codes.append(run(program, arguments))
    sys.exit(exit_codes[0])


def run(program: str, arguments: Sequence[str]) -> int:
    """Run what a command of Python names, and return its exit code."""
    if program == '-c':
        exec(compile(arguments[0], '<string>', 'exec'), {'__name__': '__main__'})  # noqa: S102  # a test's own
        return 0
    if program == '-m':
        sys.argv = list(arguments)
        runpy.run_module(arguments[0], run_name='__main__', alter_sys=True)
        return 0
    from chat.cli import main

    return main(arguments)


exit_codes: list[int] = []
"""That of the app which this process has been; empty until it has come to its end."""


def leave() -> None:
    """End an app without taking apart what the fork server has imported: that costs as much as a start."""
    if exit_codes:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(exit_codes[0])


def import_all() -> None:
    """Import what the app imports at its start, for its pages and its first answer; warm up as it does.

    It is left out of garbage collections: each would copy the memory that an app shares with this process.
    """
    import asyncio
    import importlib

    from nicegui.client import templates

    from chat.agent.http_client import make_client
    from chat.rendering.code import LOADED_WITH_THE_FIRST, tokens_of
    from chat.server.security.csp import sign_templates
    from chat.store.conversations.format import warm_up
    from chat.ui.javascript import joined_modules
    from chat.ui.theme import head_html, joined_styles
    from chat.warm_up import rehearse

    for name in (
        'chat.app',
        'chat.cli',
        'chat.cli_commands',
        'chat.agent.demo',
        'chat.agent.strict_model',
        'chat.exchange.imports',
        'chat.ui.archive_and_trash',
        'chat.ui.chat.comparison_view',
        'chat.ui.exchange.export_dialog',
        'chat.ui.exchange.import_dialog',
        'chat.ui.settings.library_page',
        'chat.ui.settings.page',
        'chat.ui.share_dialog.share_dialog',
        'pydantic_ai.models.openai',
        'pydantic_ai.providers.openai',
        'openai.lib.streaming.chat',
        'openai.resources.chat',
        'fastapi.telemetry._runtime',
        'genai_prices.data',
        'anyio._backends._asyncio',
        'nicegui.elements.drawer',
        'nicegui.elements.icon',
        'nicegui.functions.html',
        'nicegui.functions.page_title',
        'nicegui.middlewares',
        'nicegui.ui_run_with',
        'starlette.middleware.gzip',
        'uvicorn.lifespan.on',
    ):
        importlib.import_module(name)
    sign_templates()
    templates.get_template('index.html')  # which is compiled then
    for language in LOADED_WITH_THE_FIRST:
        tokens_of('', language)
    make_client(is_local=True, timeout=1)  # which reads the certificates
    warm_up()
    joined_modules()
    joined_styles()
    head_html()
    asyncio.run(rehearse())
    gc.collect()
    gc.freeze()


def prolong_notifications() -> None:
    """Have the sentences that go by themselves stand until a test has seen them."""
    from chat.ui import notifications

    notifications.MESSAGE_SECONDS = notifications.UNDO_SECONDS = WAIT_TIMEOUT


if __name__ == '__main__':
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for the keepers
    atexit.register(leave)  # before all others are registered, so that it runs after them
    import_all()
    prolong_notifications()
    serve(socket.socket(fileno=int(sys.argv[1])))
