"""Sharing on a real socket: begun by several at once, and with a certificate that is gone."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from starlette.types import Receive, Scope, Send

from chat.errors import SharingFailed
from chat.server.lan_listener import LanListener
from chat.server.tls import Certificate
from chat.sharing.invites import InviteRegistry
from chat.sharing.sharing import Sharing
from tests.support.certificates import own_certificate
from tests.support.memory_values import MemoryValues
from tests.support.timeouts import WAIT_TIMEOUT


async def app(scope: Scope, receive: Receive, send: Send) -> None:
    raise AssertionError('nobody has a link')


@pytest.fixture
async def sharing() -> AsyncIterator[Sharing]:
    shared = Sharing(InviteRegistry(), network=LanListener(app, port=0), invite_store=MemoryValues())
    yield shared
    await shared.close()


async def is_served(url: str) -> bool:
    async with httpx.AsyncClient() as browser:
        try:
            return (await browser.get(url)).status_code == 401
        except httpx.ConnectError:
            return False


async def test_two_clicks_on_create_link_share_once(sharing: Sharing) -> None:
    await asyncio.gather(*(sharing.start('127.0.0.1') for _ in range(3)))
    (url,) = sharing.urls
    assert await is_served(url)
    await sharing.stop()
    assert not await is_served(url)


async def test_a_start_beside_a_stop_ends_as_the_last_one_says(sharing: Sharing) -> None:
    await sharing.start('127.0.0.1')
    await asyncio.gather(sharing.stop(), sharing.start('127.0.0.1'))
    assert [await is_served(url) for url in sharing.urls] == [True]
    await asyncio.gather(sharing.start('127.0.0.1'), sharing.stop())
    assert not sharing.is_on


async def test_a_certificate_that_is_gone_is_said_and_sharing_may_be_begun_again(tmp_path: Path) -> None:
    made = own_certificate(tmp_path)
    network = LanListener(app, port=0, certificate=Certificate.read(made.file, made.key))
    sharing = Sharing(InviteRegistry(), network=network, invite_store=MemoryValues())
    kept = made.key.read_bytes()
    made.key.unlink()
    with pytest.raises(SharingFailed, match='No such file or directory'):
        async with asyncio.timeout(WAIT_TIMEOUT):
            await sharing.start('127.0.0.1')
    assert not sharing.is_on
    made.key.write_bytes(kept)
    await sharing.start('127.0.0.1')
    assert sharing.is_on
    await sharing.close()
