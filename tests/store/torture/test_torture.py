"""SIGKILL at random moments: what was acknowledged is there. `run.py` does the same for longer."""

import os
from collections.abc import Generator
from pathlib import Path

import pytest

from tests.store.torture.torture import SETTINGS, Torture, Zygote, zygote

pytestmark = pytest.mark.skipif(not hasattr(os, 'fork'), reason='needs fork')

KILLS = int(os.environ.get('TORTURE_KILLS', '12'))


@pytest.fixture(scope='module')
def children() -> Generator[Zygote]:
    with zygote() as started:
        yield started


@pytest.mark.parametrize('setting', SETTINGS)
def test_nothing_acknowledged_is_lost(children: Zygote, tmp_path: Path, setting: str) -> None:
    torture = Torture(tmp_path, SETTINGS[setting], seed=1)
    torture.go_on(children, KILLS)
    assert torture.losses == []
    assert torture.ledger.turns >= KILLS
    assert torture.ledger.torn >= KILLS / 5
    assert torture.ledger.survived >= KILLS / 12
    assert torture.journals >= KILLS / 6


@pytest.mark.parametrize('control', ['in place', 'early'])
def test_a_store_that_is_wrong_is_caught(children: Zygote, tmp_path: Path, control: str) -> None:
    torture = Torture(tmp_path, float('inf'), seed=2, control=control)
    while not torture.losses and torture.kills < 60:
        torture.go_on(children, 1)
    assert torture.losses
