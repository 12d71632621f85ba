"""What holds for all tests: their kinds, the form they run in, and what is said at the end."""

import gc
import os
import re
import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from _pytest.mark.expression import Expression

from tests.support import profile
from tests.support.fork_server import ForkServer
from tests.support.launching import Launch, start_process

os.environ['PYTHON_KEYRING_BACKEND'] = 'keyring.backends.fail.Keyring'  # never the keyring of a developer

if TYPE_CHECKING:
    from tests.support.postgres import PostgresServer

HERE = Path(__file__).parent
KINDS = {
    'browser/cluster': ('cluster', 'browser'),
    'browser/lan': ('browser', 'network'),
    'browser': ('browser',),
    'window': ('window',),
    'network': ('network',),
    'real': ('network',),
    'security': ('network',),
    'agent/mcp': ('network',),
    'failures': ('network',),
    'test_beside_a_running_app.py': ('network',),
    'store/postgres': ('cluster',),
    'cluster': ('cluster',),
    'store/selftest': ('network',),
    'store/test_format_document.py': ('network',),
    'store/torture': ('network',),
    'test_agent_option.py': ('network',),
    'test_architecture.py': ('network',),
    'test_data_folder.py': ('network',),
    'test_mcp_option.py': ('network',),
    'test_process.py': ('network',),
    'test_public_api.py': ('network',),
    'test_readme.py': ('network',),
    'test_start.py': ('network',),
    'test_telemetry.py': ('network',),
    'test_wheel.py': ('network',),
}
"""The markers of a file or of all tests in a folder, the first that fits: they need more than Python."""

RERUN_FOLDERS = ('browser', 'window', 'network')
"""Where `--rerun-once` is given, a failed test of these may be run once more, and no other.

They depend on programs of others. A kill that loses a turn would be no accident. `--reruns` is for all tests
and takes 40 ms of each that runs in another process, also where a marker says none.
"""
FAST = 'fast'
"""The kind of all others, in the account of times."""


@pytest.fixture(scope='session')
def fork_server() -> Iterator[ForkServer]:
    """A process that has imported the app; only where there is `fork`."""
    with ForkServer() as fork_server:
        yield fork_server


@pytest.fixture(scope='session')
def launch(request: pytest.FixtureRequest) -> Launch:
    """How the tests start an app: by a fork of that process, where there is one."""
    return request.getfixturevalue('fork_server').launch if hasattr(os, 'fork') else start_process


@pytest.fixture(scope='session')
def postgres(testrun_uid: str) -> Iterator['PostgresServer']:
    """A real PostgreSQL, one for all processes of a run; without its programs the test is left out."""
    from tests.support.postgres import require_postgres, shared_server  # here, since few tests need it

    require_postgres()
    with shared_server(Path(tempfile.gettempdir()) / f'parlour-postgres-{testrun_uid}') as server:
        yield server


@pytest.fixture(scope='session')
def _postgres_database(postgres: 'PostgresServer', worker_id: str) -> str:
    from tests.support.postgres import migrated

    return migrated(postgres.create_database(f'of_{worker_id}'))


@pytest.fixture
def postgres_url(_postgres_database: str) -> str:
    """The address of a database with all tables and nothing in them, for this test alone."""
    from tests.support.postgres import emptied

    return emptied(_postgres_database)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        '--rerun-once',
        action='store_true',
        help='run a failed test of a browser, a window or a network once more',
    )


def pytest_configure(config: pytest.Config) -> None:
    """Choose between short and long forms before any test file is read."""
    profile.choose(config.option.markexpr)


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Leave unread what `-m` leaves out as a whole: to import it costs more than most tests do."""
    kinds = kinds_within(collection_path) if collection_path.is_relative_to(HERE) else []
    expression = str(config.option.markexpr)
    other_names = set(re.findall(r'\w+', expression)) - {'not', 'and', 'or', *chain(*KINDS.values())}
    if not kinds or not expression or other_names:
        return None
    chosen = Expression.compile(expression)

    def is_chosen(kinds: tuple[str, ...]) -> bool:
        def is_kind(name: str, /, **_: object) -> bool:
            return name in kinds

        return chosen.evaluate(is_kind)

    return None if any(map(is_chosen, kinds)) else True


@pytest.hookimpl(tryfirst=True)  # before `-m` looks at the markers
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    for item in items:
        kinds = kinds_of(item.path)
        for kind in kinds:
            item.add_marker(kind)
        if config.option.rerun_once and item.path.relative_to(HERE).parts[0] in RERUN_FOLDERS:
            item.add_marker(pytest.mark.flaky(reruns=1))
    if not profile.is_long():
        config.hook.pytest_deselected(items=[item for item in items if is_only_long(item)])
        items[:] = [item for item in items if not is_only_long(item)]


def pytest_collection_finish() -> None:
    """Leave what the tests have imported out of garbage collections: simulated pages ask for many."""
    gc.freeze()


def is_only_long(item: pytest.Item) -> bool:
    """Whether a test has no short form."""
    return any(mark.kwargs.get('only') for mark in item.iter_markers('long'))


def kinds_within(path: Path) -> list[tuple[str, ...]]:
    """The markers of a file, or of a folder and of the places in it that have others.

    Empty where tests have their own, or none.
    """
    within = [kinds for place, kinds in KINDS.items() if (HERE / place).is_relative_to(path)]
    return [kinds_of(path), *within] if kinds_of(path) else []


def kinds_of(path: Path) -> tuple[str, ...]:
    """The markers of the place where a test stands; none for most."""
    place = path.relative_to(HERE)
    return next((kinds for folder, kinds in KINDS.items() if place.is_relative_to(folder)), ())


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Say how long each kind of test took, and which tests were run once more."""
    seconds, tests = defaultdict[str, float](float), Counter[str]()
    for report in reports(terminalreporter, 'passed', 'failed', 'error', 'rerun', ''):
        kind = next(iter(kinds_of(config.rootpath / report.nodeid.partition('::')[0])), FAST)
        seconds[kind] += report.duration
        tests[kind] += report.when == 'call'
    terminalreporter.section('time by kind of test, all workers together')
    for kind, taken in sorted(seconds.items(), key=lambda item: -item[1]):
        terminalreporter.write_line(f'{kind:8} {tests[kind]:5} tests  {taken:6.1f} s')
    for report in reports(terminalreporter, 'rerun'):
        terminalreporter.write_line(f'failed and run once more: {report.nodeid}')
        for line in report.longreprtext.splitlines():
            if line.startswith(('>', 'E ')) or 'Warning: ' in line:
                terminalreporter.write_line(f'    {line}')
        for line in chain.from_iterable(text.splitlines() for _, text in report.sections):
            if line.startswith(('http', '["')):  # the address of a page, and what happened to it last
                terminalreporter.write_line(f'    {line}')


def reports(terminalreporter: pytest.TerminalReporter, *outcomes: str) -> Iterable[pytest.TestReport]:
    """The reports of tests with any of these outcomes; '' is that of setups and teardowns that went well."""
    for outcome in outcomes:
        for report in terminalreporter.stats.get(outcome, ()):
            if isinstance(report, pytest.TestReport):
                yield report
