"""One app with its guard and one without, for all attacks."""

from collections.abc import Iterator

import pytest

from tests.security.target import Target


@pytest.fixture(scope='session')
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Target]:
    with Target('guarded', tmp_path_factory.mktemp('guarded')) as target:
        yield target


@pytest.fixture(scope='session')
def bare(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Target]:
    with Target('bare', tmp_path_factory.mktemp('bare')) as target:
        yield target
