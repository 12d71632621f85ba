"""What OPERATIONS.md says is what works: the commands and files in it, with other addresses."""

import asyncio
import os
import shlex
import shutil
import subprocess
import sys
from ipaddress import ip_address
from pathlib import Path
from secrets import token_hex

import pytest
import yaml

from chat.cli import read_command_line
from tests.cluster.team import node_of_team, until
from tests.cluster.test_team import said
from tests.support.launching import Launch
from tests.support.postgres import PostgresServer, programs
from tests.support.scripted import HeldScript, ScriptedModels, saying
from tests.support.team_in_processes import blocks
from tests.support.timeouts import WAIT_TIMEOUT

MAIN_FILE = Path(__file__).parents[2] / 'main.py'


async def test_a_back_up_that_is_restored(
    postgres: PostgresServer, postgres_url: str, tmp_path: Path, launch: Launch
) -> None:
    """What was said before it is there, and an answer that was under way, as far as it had come."""
    name = f'restored_{token_hex(4)}'
    restored = postgres.url(name)
    dump, *restore = '\n'.join(blocks('sh')).splitlines()
    ours = {
        'postgresql://parlour@db/parlour_restored': restored,
        'postgresql://parlour@db/parlour': postgres_url,
        '--host=db': f'--host=127.0.0.1 --port={postgres.port}',
        'parlour_restored': name,
    }

    async def run(line: str) -> None:
        for theirs, here in ours.items():
            line = line.replace(theirs, here)
        if line.startswith('parlour '):
            process = launch([sys.executable, str(MAIN_FILE), *shlex.split(line)[1:]], tmp_path)
            assert await asyncio.to_thread(process.wait, WAIT_TIMEOUT) == 0, line
            for stream in filter(None, (process.stdout, process.stderr)):
                stream.close()
            return
        path = f'{programs()}:{os.environ["PATH"]}'
        running = await asyncio.create_subprocess_shell(line, cwd=tmp_path, env={**os.environ, 'PATH': path})
        assert await running.wait() == 0, line

    script = HeldScript('A ', 'cat', then=' sat.')
    async with (
        node_of_team(postgres_url, ScriptedModels(script)) as member,
        node_of_team(postgres_url, ScriptedModels(script)) as other,
    ):
        script.release.set()
        first = member.registry.new()
        first.send('one', turn_id='one')
        await until(first, lambda: not first.is_running)
        script.release.clear()
        second = member.registry.new()
        second.send('two', turn_id='two')
        await second.wait_until_stored('two')
        seen = await other.open(second.id)
        await until(seen, lambda: said(seen) == ['two: A cat'])
        await run(dump)
        script.release.set()
        await until(second, lambda: not second.is_running)
    for line in restore:
        await run(line)
    async with node_of_team(restored, ScriptedModels(saying('More.')), lease=0.6) as member:
        there, broken_off = await member.open(first.id), await member.open(second.id)
        assert said(there) == ['one: A cat sat.']
        await until(broken_off, lambda: broken_off.turns[-1].can_continue)
        assert said(broken_off) == ['two: A cat']
        broken_off.continue_answer()
        await until(broken_off, lambda: said(broken_off) == ['two: A catMore.'])


def test_the_unit_and_the_compose_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Their options are those that there are, and systemd, where it is, finds nothing wrong with the unit."""
    [unit], [compose] = blocks('ini'), blocks('yaml')
    services = yaml.safe_load(compose)['services']
    started = [line.removeprefix('ExecStart=') for line in unit.splitlines() if line.startswith('ExecStart=')]
    monkeypatch.setenv('PARLOUR_DATABASE', 'postgresql://parlour@db/parlour')
    for command in (*started, services['b']['command']):
        if command is not started[0]:
            monkeypatch.setenv('PARLOUR_HOST', services['b']['environment']['PARLOUR_HOST'])
        settings = read_command_line(shlex.split(command)[1:]).settings
        settings.check_database()
        assert settings.sign_in_proxy
        assert not ip_address(settings.host).is_loopback
    path = tmp_path / 'parlour.service'
    path.write_text(unit.replace('/opt/parlour/bin/parlour', '/bin/true'))
    if analyze := shutil.which('systemd-analyze'):  # which a container has no use for
        subprocess.run([analyze, 'verify', path], check=True)  # noqa: S603  # that of systemd
