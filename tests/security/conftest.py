"""One app with its guard and one without, for all attacks."""

from collections.abc import Iterator

import pytest

from tests.security.target import Target
from tests.support.launching import Launch


@pytest.fixture(scope='session')
def guarded(launch: Launch, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Target]:
    with Target('guarded', tmp_path_factory.mktemp('guarded'), launch=launch) as target:
        yield target


@pytest.fixture(scope='session')
def bare(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Target]:
    with Target('bare', tmp_path_factory.mktemp('bare')) as target:
        yield target
