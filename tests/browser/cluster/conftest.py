"""A team of three nodes behind real HAProxy and nginx."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio

from tests.support.launching import Launch
from tests.support.provider import Provider
from tests.support.team_in_processes import TeamInProcesses


@pytest_asyncio.fixture(loop_scope='session')
async def team(
    tmp_path: Path, launch: Launch, postgres_url: str, provider: Provider
) -> AsyncIterator[TeamInProcesses]:
    def start() -> TeamInProcesses:
        options = ('--database', postgres_url, '--base-url', provider.url)
        log = ('--log-format', 'json', '--log-level', 'info')
        return TeamInProcesses(tmp_path, launch, *options, *log).__enter__()

    team = await asyncio.to_thread(start)
    try:
        yield team
        for node in team.nodes.values():
            node.check()
    finally:
        await asyncio.to_thread(team.__exit__)
