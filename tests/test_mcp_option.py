"""`--mcp` and `mcp.json`: which servers are started, and what is said of a file that cannot be used."""

import json
import sys
import time
from pathlib import Path
from typing import Any

import httpx2
import pytest

from tests.support.launching import Launch
from tests.support.mcp_servers import SMALL
from tests.support.process import Parlour
from tests.support.provider import Provider
from tests.support.replies import Reply, ToolCall
from tests.support.timeouts import WAIT_TIMEOUT

SECRET = 'abcdef-secret'


def described(mood: str = '', **more: Any) -> dict[str, Any]:
    return {'command': sys.executable, 'args': [SMALL, mood], 'alwaysAllow': ['echo'], **more}


def write(path: Path, **servers: object) -> Path:
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps({'mcpServers': servers}))
    return path


def ask(app: Parlour) -> str:
    """Send a prompt, and return all that was streamed."""
    return httpx2.post(
        f'{app.url}/chat/', data={'prompt': 'Hello'}, trust_env=False, timeout=WAIT_TIMEOUT
    ).text


def test_both_files_are_read_and_that_of_the_option_wins(tmp_path: Path, launch: Launch) -> None:
    """Its tools are there soon after the start, though nobody has opened a page; no value of it is logged."""
    environment = {'API_TOKEN': SECRET}
    starts = {name: str(tmp_path / name) for name in ('one', 'two', 'three')}
    given = write(
        tmp_path / 'given.json', Local=described('noisy', env={**environment, 'STARTS': starts['one']})
    )
    write(
        tmp_path / 'data' / 'mcp.json',
        local=described(env={'STARTS': starts['two']}),
        more=described(env={'STARTS': starts['three']}, icon='x'),
    )
    with Provider() as provider:
        options = ('--mcp', str(given), '--log-level', 'debug')
        with Parlour(tmp_path / 'data', *options, base_url=provider.url, launch=launch) as app:
            app.wait_until_ready()
            until = time.monotonic() + WAIT_TIMEOUT
            tools: set[str] = set()
            while not {'Local_echo', 'more_echo'} <= tools:
                assert time.monotonic() < until, app.log
                ask(app)
                tools = {tool['function']['name'] for tool in provider.requests[-1].get('tools', [])}
            provider.reply(
                Reply(calls=[ToolCall(name='Local_echo', arguments='{"text": "hi"}')]), Reply(pieces=['Ok.'])
            )
            assert 'Ok.' in ask(app)
            assert provider.requests[-1]['messages'][-1]['content'] == 'hi!'
            assert app.terminate() == 0, app.log
            app.check()
        assert [Path(path).exists() for path in starts.values()] == [True, False, True]
        assert SECRET not in app.log
        assert 'mcp.json: these keys mean nothing here: icon' in app.stderr.text


@pytest.mark.parametrize(
    ('text', 'code', 'sentence'),
    [
        (None, 1, '--mcp: there is no file given.json.'),
        ('{', 1, '--mcp: given.json cannot be used: it is no JSON (line 1, column 2: '),
        ('{}', 1, '--mcp: given.json cannot be used: it needs an object “mcpServers”'),
    ],
)
def test_what_cannot_be_used_is_said_in_a_sentence(
    tmp_path: Path, launch: Launch, text: str | None, code: int, sentence: str
) -> None:
    if text is not None:
        (tmp_path / 'given.json').write_text(text)
    with Parlour(tmp_path / 'data', '--mcp', 'given.json', launch=launch) as app:
        assert app.wait() == code
        app.stderr.join()
        assert f'parlour: {sentence}' in app.stderr.text
        app.check()


def test_a_broken_file_in_the_data_folder_ends_no_start(tmp_path: Path, launch: Launch) -> None:
    """Nor does a server in it that ends, is missing or says nothing."""
    write(
        tmp_path / 'data' / 'mcp.json',
        mute=described('mute'),
        exits=described('exits'),
        wrong={},
        gone={'command': 'nope'},
    )
    with (
        Provider() as provider,
        Parlour(tmp_path / 'data', base_url=provider.url, launch=launch) as app,
    ):
        app.wait_until_ready()
        assert 'I got' in ask(app)
        assert app.terminate() == 0
        assert 'mcp.json: “wrong”: There is neither a command nor a url.' in app.stderr.text
    (tmp_path / 'data' / 'mcp.json').write_text('{')
    with Parlour(tmp_path / 'data', launch=launch) as app:
        app.wait_until_ready()
        assert app.terminate() == 0
        assert 'mcp.json cannot be used: it is no JSON' in app.stderr.text


def test_a_program_brings_servers_along(tmp_path: Path, launch: Launch) -> None:
    """They are started with the app that it has made, and end with it."""
    starts = tmp_path / 'starts'
    write(tmp_path / 'given.json', local=described(env={'STARTS': str(starts)}))
    code = """
import asyncio, os, chat
os.environ['PARLOUR_DATA'] = 'data'

async def main():
    app = chat.create_app(mcp='given.json')
    async with app.router.lifespan_context(app):
        while not os.path.exists('starts'):
            await asyncio.sleep(0.05)
    print('ended')

asyncio.run(main())
"""
    process = launch([sys.executable, '-c', code], tmp_path)
    assert process.stdout
    assert process.stderr
    with process.stdout, process.stderr:
        assert process.stdout.read().endswith('ended\n'), process.stderr.read()
    assert (process.wait(), starts.read_text()) == (0, 'started\n')
