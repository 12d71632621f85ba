"""Nodes as processes of their own, which are killed, held up, and told to end."""

import asyncio
import os
import signal
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from http.client import HTTPException
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest

from chat.conversation.live_conversation import LiveConversation
from tests.cluster.team import SHORT_LEASE, Member, node_of_team, said, text_of, until
from tests.support.gates import Gate
from tests.support.launching import Launch
from tests.support.postgres import until_rows
from tests.support.process import Parlour
from tests.support.profile import sized
from tests.support.provider import Provider
from tests.support.replies import two_halves
from tests.support.scripted import ScriptedModels, saying
from tests.support.timeouts import WAIT_TIMEOUT

LEASE = sized(SHORT_LEASE, 5)
"""Seconds, of a node that comes when another one is silent: one that lives says so once a second."""

StartNode = Callable[..., Parlour]


@dataclass(frozen=True)
class Scene:
    """A process that is answering, and a node in the test that follows what it says."""

    process: Parlour
    provider: Provider
    gate: Gate
    """Which holds the second half of the answer."""
    other: Member
    there: LiveConversation
    """The conversation at the other node."""


@pytest.fixture
def start_node(tmp_path: Path, postgres_url: str, launch: Launch) -> StartNode:
    def start(*options: str, base_url: str | None = None) -> Parlour:
        options = ('--database', postgres_url, '--user', 'anna', *options)
        return Parlour(tmp_path / 'none', *options, base_url=base_url, launch=launch)

    return start


@asynccontextmanager
async def answering(start_node: StartNode, url: str, *options: str) -> AsyncGenerator[Scene]:
    """Nobody is taken for dead: that would be in an hour."""
    reply, gate = two_halves()
    with Provider() as provider, start_node(*options, base_url=provider.url) as process:
        provider.reply(reply)
        await asyncio.to_thread(process.wait_until_ready)
        async with node_of_team(url, ScriptedModels(saying('Never.')), lease=3600) as other:
            sending = asyncio.create_task(asyncio.to_thread(send, process.url))
            there = await first_conversation(other)
            await until(there, lambda: there.is_running and bool(text_of(there)))
            yield Scene(process, provider, gate, other, there)
            gate.release()
            await asyncio.to_thread(process.kill)
            await sending


def send(url: str) -> None:
    """Send a prompt, and read what comes until its end."""
    try:
        with urlopen(f'{url}/chat/', data=b'prompt=Hello') as answer:  # noqa: S310  # the app of the test
            answer.read()
    except (HTTPException, OSError):  # it was killed
        pass


def fetch(url: str) -> tuple[int, str]:
    try:
        with urlopen(url) as answer:  # noqa: S310  # as above
            return answer.status, answer.read().decode()
    except HTTPError as error:
        return error.code, ''


async def first_conversation(member: Member) -> LiveConversation:
    changed = member.storage.catalog.changed
    async with asyncio.timeout(WAIT_TIMEOUT):
        while not member.storage.catalog.summaries:
            await changed.wait(changed.count)
    return await member.open(member.storage.catalog.summaries[0].conversation_id)


async def test_a_node_that_is_killed_in_mid_answer(start_node: StartNode, postgres_url: str) -> None:
    """Another one has shown what it said, goes on showing it, and then has it to be continued."""
    async with answering(start_node, postgres_url) as scene:
        there, seen = scene.there, text_of(scene.there)
        await asyncio.to_thread(scene.process.kill)
        async with node_of_team(postgres_url, ScriptedModels(saying('Never.')), lease=LEASE):
            await until(there, lambda: not there.is_running)
        assert text_of(there).startswith(seen)
        assert (there.turns[-1].state, there.turns[-1].can_continue) == ('stopped', True)


@pytest.mark.long
async def test_a_node_that_is_held_up_for_longer_than_a_lease(
    start_node: StartNode, postgres_url: str
) -> None:
    """Its answer is taken over once; what it writes then is refused, and it shows what is stored."""
    async with answering(start_node, postgres_url) as scene:
        there, process = scene.there, scene.process
        os.kill(process.pid, signal.SIGSTOP)
        async with node_of_team(postgres_url, ScriptedModels(saying('Never.')), lease=LEASE) as third:
            await until(there, lambda: not there.is_running)
            silent = 'select from node where id <> all(%s) and seen_at < clock_timestamp() - %s::interval'
            others = [scene.other.node.name, third.node.name]
            await until_rows(postgres_url, silent, others, f'{sized(3 * LEASE, 20)} s')
        revision = there.conversation.revision
        scene.gate.release()
        os.kill(process.pid, signal.SIGCONT)
        lost = 'WARNING chat.cluster.cluster: Another node has taken over'
        assert await asyncio.to_thread(process.stderr.wait_for, lost, WAIT_TIMEOUT)
        await until_rows(postgres_url, 'select where not exists (select from run)')
        async with asyncio.timeout(WAIT_TIMEOUT):
            while 'the second' in (shown := await asyncio.to_thread(fetch, f'{process.url}/chat/'))[1]:
                pass  # it is about to read what is stored
        assert (shown[0], 'The first half' in shown[1]) == (200, True)
        assert len(scene.provider.exchanges) == 1
        assert (said(there), there.turns[-1].state) == (['Hello: The first half '], 'stopped')
        assert there.conversation.revision == revision
        process.check()


async def test_a_node_that_is_told_to_end_lets_its_answer_end(
    start_node: StartNode, postgres_url: str
) -> None:
    """The balancer is told at once, and everything else goes on until then."""
    async with answering(start_node, postgres_url) as scene:
        process, there = scene.process, scene.there
        assert await asyncio.to_thread(fetch, f'{process.url}/ready') == (200, 'ready')
        os.kill(process.pid, signal.SIGTERM)
        await until_rows(postgres_url, 'select from node where is_leaving')
        assert await asyncio.to_thread(fetch, f'{process.url}/ready') == (503, '')
        assert (await asyncio.to_thread(fetch, f'{process.url}/healthz'))[0] == 200
        assert there.is_running
        scene.gate.release()
        assert await asyncio.to_thread(process.wait) == 0
        await until(there, lambda: not there.is_running)
        assert (said(there), there.turns[-1].state) == (
            ['Hello: The first half and the second.'],
            'done',
        )


async def test_what_takes_longer_than_a_node_waits_is_taken_over_at_once(
    start_node: StartNode, postgres_url: str
) -> None:
    """Not after a lease."""
    async with answering(start_node, postgres_url, '--drain', '0.2') as scene:
        process, there = scene.process, scene.there
        assert await asyncio.to_thread(process.terminate, WAIT_TIMEOUT) == 0
        await until(there, lambda: not there.is_running)
        assert (said(there), there.turns[-1].state) == (['Hello: The first half '], 'stopped')
        assert there.turns[-1].can_continue
        await scene.provider.wait_for_closed()
        process.check()
