"""What a stop does to links: it ends them, or keeps them for the next time if the owner says so."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Literal

import pytest
import pytest_asyncio

from chat.errors import InviteExpired, SharingFailed
from tests.support.sharing_setup import SharingSetup

HOUR = timedelta(hours=1)
HERE = '192.168.1.5'
LINKS: list[tuple[Literal['read', 'write', 'everything'], timedelta | None]] = [
    ('read', HOUR),
    ('write', None),
    ('everything', HOUR),
    ('everything', None),
]


class Came:
    """One link of each kind, and a browser that has come by each."""

    def __init__(self, shared: SharingSetup) -> None:
        self.shared = shared
        self.tokens: list[str] = []
        self.secrets: list[str] = []

    async def come(self) -> None:
        await self.shared.sharing.start(HERE)
        for allows, lasting in LINKS:
            issued = await self.shared.sharing.invite(allows, 'c', lasting=lasting)
            self.tokens.append(issued.token)
            self.secrets.append((await self.shared.sharing.join(issued.token, '')).secret)

    async def is_let_in(self, shared: SharingSetup | None = None) -> list[bool]:
        """Whether each is, by the cookie of its browser and by its link."""
        sharing = (shared or self.shared).sharing
        seen = [sharing.session(secret) is not None for secret in self.secrets]
        for token, secret, is_known in zip(self.tokens, self.secrets, seen, strict=True):
            if is_known:
                assert (await sharing.join(token, secret)).secret == secret
            else:
                with pytest.raises(InviteExpired):
                    await sharing.join(token, secret)
        return seen


ALL, NONE = [True] * 4, [False] * 4


@pytest_asyncio.fixture
async def came() -> AsyncIterator[Came]:
    came = Came(SharingSetup())
    await came.come()
    assert await came.is_let_in() == ALL
    yield came
    await came.shared.sharing.close()


async def test_a_stop_ends_every_link_and_nothing_brings_one_back(came: Came) -> None:
    """Neither another link nor sharing again does, nor a restart."""
    sharing = came.shared.sharing
    await sharing.stop()
    assert (came.shared.network.is_open, sharing.invites, came.shared.keep.values) == (False, [], {})
    await sharing.start(HERE)
    issued = await sharing.invite('read', 'c', lasting=HOUR)
    await sharing.resume()
    assert await came.is_let_in() == NONE
    assert (await sharing.join(issued.token, '')).secret
    after = SharingSetup(came.shared.keep)
    await after.sharing.start(HERE)
    await after.sharing.resume()
    assert await came.is_let_in(after) == NONE
    await after.sharing.close()


async def test_links_that_are_kept_let_nobody_in_until_the_owner_shares_again(came: Came) -> None:
    sharing = came.shared.sharing
    await sharing.stop(keeps_links=True)
    assert await came.is_let_in() == NONE
    await sharing.start(HERE)
    issued = await sharing.invite('read', 'c', lasting=HOUR)
    assert await came.is_let_in() == NONE, 'a new link turns on no other'
    assert (await sharing.join(issued.token, '')).secret
    assert sharing.has_paused
    await sharing.resume()
    assert await came.is_let_in() == ALL
    assert not sharing.has_paused


async def test_links_that_are_kept_wait_over_a_restart_too(came: Came) -> None:
    await came.shared.sharing.stop(keeps_links=True)
    after = SharingSetup(came.shared.keep)
    await after.sharing.start(HERE)
    assert await came.is_let_in(after) == NONE
    await after.sharing.resume()
    assert await came.is_let_in(after) == ALL
    await after.sharing.close()


async def test_a_link_that_is_kept_still_ends_in_time_and_can_be_ended(came: Came) -> None:
    sharing = came.shared.sharing
    await sharing.stop(keeps_links=True)
    came.shared.clock.now += HOUR
    await sharing.revoke(sharing.invites[-1].id)
    await sharing.start(HERE)
    await sharing.resume()
    assert await came.is_let_in() == [False, True, False, False]


async def test_the_next_stop_ends_what_the_last_one_kept(came: Came) -> None:
    sharing = came.shared.sharing
    await sharing.stop(keeps_links=True)
    await sharing.start(HERE)
    await sharing.stop()
    assert sharing.invites == []
    await sharing.start(HERE)
    await sharing.resume()
    assert await came.is_let_in() == NONE


async def test_the_end_of_the_app_and_a_lost_network_are_no_stop(came: Came) -> None:
    with pytest.raises(SharingFailed):
        await came.shared.sharing.start('nowhere')
    await came.shared.sharing.start(HERE)
    assert await came.is_let_in() == ALL
    await came.shared.sharing.close()
    after = SharingSetup(came.shared.keep)
    await after.sharing.start(HERE)
    assert await came.is_let_in(after) == ALL
    await after.sharing.close()


async def test_a_full_disk_ends_all_the_same_and_is_told(came: Came) -> None:
    came.shared.keep.is_full = True
    with pytest.raises(SharingFailed, match='a restart may bring it back'):
        await came.shared.sharing.stop()
    assert await came.is_let_in() == NONE
    assert came.shared.sharing.invites == []


async def test_a_full_disk_keeps_all_the_same_and_is_told(came: Came) -> None:
    came.shared.keep.is_full = True
    with pytest.raises(SharingFailed, match='after a restart'):
        await came.shared.sharing.stop(keeps_links=True)
    assert await came.is_let_in() == NONE
    await came.shared.sharing.resume()
    assert await came.is_let_in() == ALL
