"""That the benchmarks run; what they measure is for readers, not for tests."""

import asyncio
import os
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.long(only=True)
@pytest.mark.timeout(1800)
async def test_the_benchmarks_run(chromium: str) -> None:
    """With real apps and a real browser, on very short answers; each ends with a ratio."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith('PYTEST')}
    running = await asyncio.create_subprocess_exec(
        *(sys.executable, '-m', 'tests.benchmarks', '--short'),
        cwd=ROOT,
        env={**environment, 'PARLOUR_CHROMIUM': chromium},  # of a page in a test NiceGUI expects other things
        stdout=asyncio.subprocess.PIPE,
    )
    said, _ = await running.communicate()
    assert running.returncode == 0
    assert b'times less over the wire' in said
