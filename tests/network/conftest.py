"""The app that is looked at from elsewhere."""

from collections.abc import Iterator

import pytest

from tests.attacks.target import Target


@pytest.fixture(scope='module')
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Target]:
    with Target('guarded', tmp_path_factory.mktemp('network')) as target:
        yield target
