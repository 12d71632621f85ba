"""`--agent` and `--deps`: what can be named, and what is said of what cannot."""

import json
import re
import sys
from collections.abc import Callable
from pathlib import Path

import httpx2
import pytest

from tests.support.launching import Launch
from tests.support.process import Parlour
from tests.support.provider import Provider
from tests.support.timeouts import WAIT_TIMEOUT

MODULES = {
    'mine': """
from dataclasses import dataclass
from chat import Asking
from pydantic_ai import Agent, RunContext

agent = Agent(instructions='You are given.')
number = 1

class Box:
    inner = Agent(instructions='You are in a box.')

def made():
    return Agent(instructions='You are made.')

async def awaited():
    return Agent(instructions='You are awaited.')

def wants(name):
    return Agent()

def other():
    return 3

def breaks():
    raise ValueError('no such\\nplace')

@dataclass
class Person:
    name: str

@dataclass
class Counter:
    name: str = 'nobody'

person = Agent(deps_type=Person)
counter = Agent(deps_type=Counter)

@person.instructions
@counter.instructions
def greeting(context: RunContext[Person | Counter]) -> str:
    return f'You serve {context.deps.name}.'

def ada():
    return Person('Ada')

async def asking(asking: Asking):
    return Person(asking.user)

def both(one, two):
    return Person('Ada')
""",
    'broken': 'import nope_nope',
    'wrong': '1 / 0',
    'leaves': 'raise SystemExit(3)',
    'nokey': "from pydantic_ai import Agent\nagent = Agent('openai:gpt-5.2')",
}


@pytest.fixture(autouse=True)
def modules(tmp_path: Path) -> None:
    """What stands in the folder in which Parlour is started."""
    for name, code in MODULES.items():
        (tmp_path / f'{name}.py').write_text(code)


Told = Callable[..., str]
"""Starts Parlour with these options and asks a question: what the model was told before it."""


@pytest.fixture
def told(tmp_path: Path, launch: Launch) -> Told:
    def told(*options: str) -> str:
        data = tmp_path / f'data of {" ".join(options)}'
        with Provider() as provider:
            with Parlour(data, *options, base_url=provider.url, launch=launch) as app:
                app.wait_until_ready()
                httpx2.post(
                    f'{app.url}/chat/', data={'prompt': 'Hello'}, trust_env=False, timeout=WAIT_TIMEOUT
                )
                assert app.terminate() == 0, app.log
                app.check()
            return str(provider.requests[0]['messages'][0]['content'])

    return told


@pytest.mark.parametrize(
    ('ref', 'words'),
    [
        ('mine:Box.inner', 'You are in a box.'),
        ('mine:awaited', 'You are awaited.'),
        ('parlour', 'You are a helpful, honest assistant.'),
    ],
)
def test_an_agent_is_a_variable_or_a_function(told: Told, ref: str, words: str) -> None:
    assert told('--agent', ref).startswith(words)


@pytest.mark.parametrize(
    ('options', 'name'),
    [
        (('--agent', 'mine:person', '--deps', 'mine:ada'), 'Ada'),
        (('--agent', 'mine:person', '--deps', 'mine:asking'), 'Host'),
        (('--agent', 'mine:counter'), 'nobody'),
    ],
)
def test_deps_come_from_a_function_or_from_their_type(
    told: Told, options: tuple[str, ...], name: str
) -> None:
    assert told(*options) == f'You serve {name}.'


def test_an_agent_is_a_file(told: Told, tmp_path: Path) -> None:
    (tmp_path / 'agent.yaml').write_text('instructions: You are YAML.')
    assert told('--agent', 'agent.yaml') == 'You are YAML.'


def test_a_mistyped_key_of_a_file_is_named(tmp_path: Path, launch: Launch) -> None:
    """And the agent is what the other keys say."""
    keys: dict[str, object] = {'instructions': 'You are JSON.', 'instuctions': 'Be brief.', 'tools': []}
    (tmp_path / 'agent.json').write_text(json.dumps(keys))
    with (
        Provider() as provider,
        Parlour(tmp_path / 'data', '--agent', 'agent.json', base_url=provider.url, launch=launch) as app,
    ):
        app.wait_until_ready()
        httpx2.post(f'{app.url}/chat/', data={'prompt': 'Hello'}, trust_env=False, timeout=WAIT_TIMEOUT)
        assert app.terminate() == 0
    assert provider.requests[0]['messages'][0]['content'] == 'You are JSON.'
    unknown = 'agent.json: “instuctions” means nothing in an agent file and is ignored.'
    assert f'{unknown} Did you mean “instructions”?' in app.stderr.text
    assert '“tools” means nothing' in app.stderr.text


REFUSED = {
    'mine:agnet': '--agent: there is no “agnet” in mine; it has agent, person, counter.',
    'mine:Box.agent': '--agent: there is no “agent” in mine:Box; it has inner.',
    'mine:number': '--agent mine:number is an int, not an agent.',
    'mine:wants': '--agent mine:wants needs arguments; give a function without any.',
    'mine:other': '--agent mine:other gives an int, not an agent.',
    'mine:breaks': '--agent mine:breaks failed. ValueError: no such place',
    'nowhere:agent': '--agent: there is no module “nowhere” here or among the installed packages.',
    'broken:agent': '--agent: broken needs the module “nope_nope”, which is not installed.',
    'wrong:agent': '--agent: wrong cannot be imported. ZeroDivisionError: division by zero',
    'leaves:agent': '--agent: leaves cannot be imported. SystemExit: 3',
    'nowhere.yaml': '--agent: there is no file nowhere.yaml.',
    'empty.json': '--agent: empty.json cannot be used. ',
    'wrong.json': '--agent: wrong.json: instructions',
    'mine:person': (
        'The agent “mine:person” needs deps, a Person, which cannot be made without arguments. '
        'Name a function that makes them: --deps module:function, or deps=function in Python.'
    ),
    'mine:person mine:nobody': '--deps: there is no “nobody” in mine.',
    'mine:person mine:number': '--deps mine:number is an int. Name a function that',
    'mine:person mine:both': '--deps mine:both needs 2 arguments; give a function ',
}
"""What is said of an agent, or of it and what gives its deps."""

LOAD_ALL = f"""
import asyncio
from chat.agent.agent_loader import load_agents
from chat.errors import StartFailed

for refs in {list(REFUSED)}:
    agent, *deps = refs.split()
    try:
        asyncio.run(load_agents([agent], *(deps or [None])))
    except StartFailed as error:
        print(error.exit_code, error)
"""


def test_all_that_cannot_be_used_is_named(tmp_path: Path, launch: Launch) -> None:
    """Each in one line."""
    (tmp_path / 'empty.json').touch()
    (tmp_path / 'wrong.json').write_text(json.dumps({'instructions': 3}))
    process = launch([sys.executable, '-c', LOAD_ALL], tmp_path)
    assert process.stdout
    assert process.stderr
    with process.stdout, process.stderr:
        said, errors = process.stdout.read(), process.stderr.read()
    assert (process.wait(), errors) == (0, '')
    for line, sentence in zip(said.splitlines(), REFUSED.values(), strict=True):
        assert line.startswith(f'1 {sentence}')


@pytest.mark.parametrize(
    ('options', 'code', 'sentence'),
    [
        (['mine:breaks'], 1, REFUSED['mine:breaks']),
        (['leaves:agent'], 1, REFUSED['leaves:agent']),
        (['mine:person', '--deps', 'mine:nobody'], 1, REFUSED['mine:person mine:nobody']),
        (['mine'], 2, '--agent cannot be used: “mine” is no agent. Give module:variable, module:function or'),
        (['mine:person', '--deps', 'ada'], 2, '--deps cannot be used: “ada” is no function. Give module:'),
    ],
)
def test_what_cannot_be_used_is_said_in_a_sentence(
    tmp_path: Path, launch: Launch, options: list[str], code: int, sentence: str
) -> None:
    with Parlour(tmp_path / 'data', '--agent', *options, launch=launch) as app:
        assert app.wait() == code
    assert app.stderr.text.startswith(f'parlour: {sentence}')
    assert len(app.stderr.lines) == 1


def test_the_log_says_where_in_their_code_it_failed(tmp_path: Path, launch: Launch) -> None:
    options = ('--agent', 'wrong:agent', '--log-level', 'debug')
    with Parlour(tmp_path / 'data', *options, launch=launch) as app:
        assert app.wait() == 1
    assert 'wrong.py", line 1, in <module>' in app.stderr.text
    assert app.stderr.lines[-1] == (
        'parlour: --agent: wrong cannot be imported. ZeroDivisionError: division by zero'
    )


def test_a_program_is_told_that_the_agent_of_its_chat_does_not_run(tmp_path: Path, launch: Launch) -> None:
    with Provider() as provider:
        said: list[str] = []
        for ref in ('mine:agent', 'mine:made'):
            with Parlour(tmp_path / 'data', '--agent', ref, base_url=provider.url, launch=launch) as app:
                app.wait_until_ready()
                asked = httpx2.post(
                    f'{app.url}/chat/', data={'prompt': 'Hello'}, trust_env=False, timeout=WAIT_TIMEOUT
                )
                said.append(asked.text)
                assert app.terminate() == 0, app.log
                app.check()
    assert 'I got' in said[0]
    answer = json.loads(said[1].splitlines()[-1])
    assert 'The agent of this chat, “mine:agent”, is not running here.' in answer['content']
    assert len(provider.requests) == 1


def test_a_key_may_be_saved_in_the_settings(tmp_path: Path, launch: Launch) -> None:
    """An agent that connects its model when it is imported finds it as if it were in the environment."""
    with Parlour(tmp_path / 'data', '--agent', 'nokey:agent', launch=launch) as app:
        assert app.wait() == 1
    assert re.fullmatch(
        r"parlour: --agent: nokey: Set the `OPENAI_API_KEY` .*, or save it in Parlour's settings\.",
        app.stderr.text,
    )
    saved = {'keys': {'openai': {'saved_at': '2026-11-28T12:00:00Z', 'key': 'sk-placeholder'}}}
    (tmp_path / 'data' / 'keys.json').write_text(json.dumps(saved))
    with Parlour(tmp_path / 'data', '--agent', 'nokey:agent', launch=launch) as app:
        app.wait_until_ready()
        assert app.terminate() == 0


def test_an_agent_is_named_in_the_environment(told: Told, tmp_path: Path) -> None:
    (tmp_path / '.env').write_text('PARLOUR_AGENT=mine:made, mine:agent\n')
    assert told() == 'You are made.'
