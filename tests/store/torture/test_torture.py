"""SIGKILL at random moments: what was acknowledged is there. `run.py` does the same for longer."""

import os
from collections.abc import Generator
from pathlib import Path

import pytest

from tests.store.torture.torture import SETTINGS, Torture, Zygote, zygote
from tests.support.profile import only_long, sized

pytestmark = pytest.mark.skipif(not hasattr(os, 'fork'), reason='needs fork')

KILLS, MOST_KILLS = sized((8, 240), (500, 10_000))
"""At least, and at most: there are more until each kind of moment has been met."""


@pytest.fixture(scope='module')
def children() -> Generator[Zygote]:
    with zygote() as started:
        yield started


@pytest.mark.long
@pytest.mark.timeout(3600)
@pytest.mark.parametrize('setting', [only_long(each) if each == 'all rewrite' else each for each in SETTINGS])
def test_nothing_acknowledged_is_lost(children: Zygote, tmp_path: Path, setting: str) -> None:
    torture = Torture(tmp_path, SETTINGS[setting], seed=1)
    torture.go_on(children, KILLS)
    while not has_met_all(torture) and torture.kills < MOST_KILLS:
        torture.go_on(children, 1)
    assert torture.losses == []
    assert has_met_all(torture), f'{torture.kills} kills met too little: {torture.ledger}'


def has_met_all(torture: Torture) -> bool:
    """Whether there were turns, writes in flight, checkpoints that were needed, and journals left behind."""
    met = torture.ledger.turns, torture.ledger.torn_count, torture.ledger.survived_count, torture.journals
    return all(count >= share for count, share in zip(met, (KILLS, 2, 1, 2), strict=True))


@pytest.mark.parametrize('control', ['in place', 'early'])
def test_a_store_that_is_wrong_is_caught(children: Zygote, tmp_path: Path, control: str) -> None:
    """It dies in the middle of what it does wrong, so that this needs no luck."""
    torture = Torture(tmp_path, float('inf'), seed=2, control=control, deaths=3)
    torture.go_on(children, 3)
    assert torture.losses
