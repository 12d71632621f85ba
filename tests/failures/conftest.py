"""How long failing answers keep all others waiting: measured and reported, not judged."""

import asyncio
from collections.abc import AsyncIterator, Callable
from time import perf_counter

import pytest

from tests.support.http_models import catalogs_closed as catalogs_closed  # a fixture

TICK = 0.005
"""Seconds between two looks at the clock."""

WORST = 'the event loop was late by at most (ms)'


@pytest.fixture
async def lag(record_property: Callable[[str, object], None]) -> AsyncIterator[None]:
    """Watch the event loop during a test, and put into its report how late it was at worst."""
    worst = 0.0

    async def watch() -> None:
        nonlocal worst
        while True:
            begun = perf_counter()
            await asyncio.sleep(TICK)
            worst = max(worst, perf_counter() - begun - TICK)

    watching = asyncio.create_task(watch())
    yield
    watching.cancel()
    record_property(WORST, round(1000 * worst))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say what was measured."""
    for report in terminalreporter.getreports(''):
        for name, value in report.user_properties:
            if name == WORST:
                terminalreporter.write_line(f'{report.nodeid}: {name}: {value}')
