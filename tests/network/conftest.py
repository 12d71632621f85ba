"""A network with two computers, and the app on one of them."""

from collections.abc import Iterator

import pytest

from tests.security.target import Target
from tests.support.lan import Lan, own_lan


@pytest.fixture(scope='module')
def lan() -> Iterator[Lan]:
    with own_lan() as lan:
        yield lan


@pytest.fixture(scope='module')
def guarded(lan: Lan, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Target]:
    with lan.owner.target(tmp_path_factory.mktemp('network')) as target:
        yield target
