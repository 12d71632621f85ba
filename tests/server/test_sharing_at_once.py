"""Sharing on a real socket, begun and ended by several at once."""

import asyncio
from collections.abc import AsyncIterator

import httpx
import pytest
from starlette.types import Receive, Scope, Send

from chat.server.lan_listener import LanListener
from chat.sharing.invites import InviteRegistry
from chat.sharing.sharing import Sharing
from tests.support.fake_sharing import MemoryInviteStore


async def app(scope: Scope, receive: Receive, send: Send) -> None:
    raise AssertionError('nobody has a link')


@pytest.fixture
async def sharing() -> AsyncIterator[Sharing]:
    shared = Sharing(InviteRegistry(), network=LanListener(app, port=0), invite_store=MemoryInviteStore())
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
