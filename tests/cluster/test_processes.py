"""A node as a process of its own, which is killed."""

import asyncio
from http.client import HTTPException
from pathlib import Path
from urllib.request import urlopen

from tests.cluster.team import node_of_team, text_of, until
from tests.support.launching import Launch
from tests.support.process import Parlour
from tests.support.scripted import ScriptedModels, saying


def send(url: str) -> None:
    """Send a prompt, and read what comes until its end."""
    try:
        with urlopen(f'{url}/chat/', data=b'prompt=Hello') as answer:  # noqa: S310  # the app of the test
            answer.read()
    except (HTTPException, OSError):  # it was killed
        pass


async def test_a_node_that_is_killed_in_mid_answer(tmp_path: Path, postgres_url: str, launch: Launch) -> None:
    """Another one has shown what it said, goes on showing it, and then has it to be continued."""
    options = ('--database', postgres_url, '--user', 'anna', '--model', 'demo')
    with Parlour(tmp_path / 'none', *options, launch=launch) as killed:
        await asyncio.to_thread(killed.wait_until_ready)
        models = ScriptedModels(saying('More.'))
        async with node_of_team(postgres_url, models, lease=3) as member:
            sending = asyncio.create_task(asyncio.to_thread(send, killed.url))
            changed = member.storage.catalog.changed
            async with asyncio.timeout(20):
                while not member.storage.catalog.summaries:
                    await changed.wait(changed.count)
            there = await member.open(member.storage.catalog.summaries[0].conversation_id)
            await until(there, lambda: there.is_running and len(text_of(there)) > 20)
            seen = text_of(there)
            await asyncio.to_thread(killed.kill)
            await until(there, lambda: not there.is_running)
            assert text_of(there).startswith(seen)
            assert (there.turns[-1].state, there.turns[-1].can_continue) == ('stopped', True)
            await sending
    assert not (tmp_path / 'none').exists()
