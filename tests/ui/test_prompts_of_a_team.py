"""A page forgets a prompt that another node is to ask when that node can find it, and not before."""

import asyncio
import re
from collections.abc import AsyncIterator
from typing import cast
from uuid import uuid4

import pytest
from nicegui.testing import User

from chat.conversation.conversation_registry import ConversationRegistry
from chat.store.postgres.database import RetryTimes
from tests.cluster.team import Member, asked, node_of_team, text_of, until
from tests.support.postgres import address_at
from tests.support.scripted import HeldScript, ScriptedModels, saying
from tests.support.tcp_proxy import TcpProxy
from tests.support.timeouts import WAIT_TIMEOUT


@pytest.fixture
async def line(postgres_url: str) -> AsyncIterator[TcpProxy]:
    async with TcpProxy(postgres_url) as line:
        yield line


@pytest.fixture
async def here(line: TcpProxy, postgres_url: str) -> AsyncIterator[Member]:
    retry_times = RetryTimes(read=0.5, write=0.5)
    models = ScriptedModels(saying('Never.'))
    async with node_of_team(address_at(line, postgres_url), models, retry_times=retry_times) as node:
        yield node


@pytest.fixture
def registry(here: Member) -> ConversationRegistry:
    return here.registry


class Told:
    """Takes what a page is told to do, as a rule that never applies."""

    def __init__(self) -> None:
        self._said = asyncio.Queue[str]()

    def match(self, code: str) -> None:
        self._said.put_nowait(code)

    async def next_about(self, what: str) -> str:
        while what not in (said := await self._said.get()):
            pass
        return said


async def test_a_prompt_that_cannot_be_handed_over_comes_back_into_the_box(
    person: User, here: Member, line: TcpProxy, postgres_url: str
) -> None:
    told = Told()
    rules = cast('dict[re.Pattern[str], object]', person.javascript_rules)  # pyright: ignore[reportUnknownMemberType]
    rules[cast('re.Pattern[str]', told)] = None
    async with node_of_team(postgres_url, ScriptedModels(HeldScript('So far'))) as other:
        there = await asked(other)
        live = await here.open(there.id)
        await until(live, lambda: text_of(live) == 'So far')
        await person.open(f'/c/{there.id}')
        await person.should_see('So far')
        line.go_down()
        sent = {'id': str(uuid4()), 'conversation': there.id, 'text': 'Keep this'}
        person.find(marker='composer').trigger('send', sent)
        async with asyncio.timeout(WAIT_TIMEOUT):
            answer = await told.next_about(sent['id'])
        assert 'refusePrompt' in answer
        assert 'Not sent: it could not be stored. Send it again.' in answer
        line.is_down = False
