"""A network with two computers, and the app on one of them."""

from collections.abc import Iterator

import pytest

from tests.security.target import Target
from tests.support.fork_server import ForkServer
from tests.support.lan import Lan, own_lan


@pytest.fixture(scope='module')
def lan() -> Iterator[Lan]:
    with own_lan() as lan:
        yield lan


@pytest.fixture(scope='module')
def guarded(lan: Lan, fork_server: ForkServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Target]:
    launch = lan.owner.launching(fork_server)
    with Target('guarded', tmp_path_factory.mktemp('network'), launch=launch) as target:
        yield target
