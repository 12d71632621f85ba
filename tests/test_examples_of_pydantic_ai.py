"""The chat agents of `pydantic-ai-examples`, given to Parlour as a person would, with keys for nothing."""

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path

import httpx2
import pytest

from chat.server.api import DEFAULT_CONVERSATION_ID
from tests.support.launching import start_process
from tests.support.process import Parlour

VERSION = '2.62.0'
"""The newest on the package index; it asks for the same of pydantic-ai, but works with that of Parlour."""

WANTED = (
    *('ag-ui-protocol', 'asyncpg', 'datasets', 'ddgs', 'devtools', 'duckdb', 'groq', 'listentome', 'pandas'),
    *('logfire[asyncpg,fastapi,httpx,sqlite3]', 'prompt-toolkit', 'pyyaml', 'twelvelabs'),
)
"""What the modules import besides; `gradio` and `modal` have pages and machines of their own."""

AGENTS: Mapping[str, Sequence[str]] = {
    'ag_ui.api.agentic_chat': ['agent'],
    'ag_ui.api.agentic_generative_ui': ['agent'],
    'ag_ui.api.human_in_the_loop': ['agent'],
    'ag_ui.api.predictive_state_updates': ['agent', 'made:document'],
    'ag_ui.api.shared_state': ['agent', 'made:recipe'],
    'ag_ui.api.tool_approval': ['agent'],
    'ag_ui.api.tool_based_generative_ui': ['agent'],
    'bank_support': ['support_agent', 'made:bank'],
    'chat_app': ['agent'],
    'data_analyst': ['analyst_agent'],
    'evals.agent': ['time_range_agent', 'made:time_range'],
    'flight_booking': ['search_agent', 'made:flights'],
    'medical_agent_delegation': ['triage_agent', 'made:patient'],
    'pydantic_model': ['agent'],
    'rag': ['agent', 'made:documents'],
    'roulette_wheel': ['roulette_agent', 'made:roulette'],
    'slack_lead_qualifier.agent': ['agent'],
    'sql_gen': ['agent', 'made:database'],
    'stream_markdown': ['agent'],
    'stream_whales': ['agent'],
    'twelvelabs_video_agent': ['video_agent', 'made:video'],
    'weather_agent': ['weather_agent', 'made:weather'],
}
"""By module, the name of its agent and, if that needs deps, of what gives them: voice agents are left out."""

DEPS = """
import datetime
import sqlite3
from importlib import import_module


def example(name):
    return import_module(f'pydantic_ai_examples.{name}')


def bank():
    module = example('bank_support')
    connection = sqlite3.connect(':memory:', check_same_thread=False)
    connection.execute('CREATE TABLE customers(id, name, balance)')
    connection.execute("INSERT INTO customers VALUES (123, 'John', 123.45)")
    module.cur = connection.cursor()  # its methods use what only its main part has
    return module.SupportDependencies(customer_id=123, db=module.DatabaseConn(sqlite_conn=connection))


def time_range():
    return example('evals.agent').TimeRangeDeps(now=datetime.datetime.now(datetime.UTC))


def flights():
    return example('flight_booking').Deps('SFO to ANC, $100', 'SFO', 'ANC', datetime.date(2025, 1, 10))


def patient():
    return example('medical_agent_delegation').PatientInfo('p1', 54, ['hypertension'])


def document():
    from pydantic_ai.ui import StateDeps
    return StateDeps(example('ag_ui.api.predictive_state_updates').DocumentState())


def recipe():
    from pydantic_ai.ui import StateDeps
    return StateDeps(example('ag_ui.api.shared_state').RecipeSnapshot())


def roulette():
    return example('roulette_wheel').Deps(winning_number=18)


def weather():
    from httpx import AsyncClient
    return example('weather_agent').Deps(client=AsyncClient())


def video():
    from twelvelabs import AsyncTwelveLabs
    return example('twelvelabs_video_agent').Deps(AsyncTwelveLabs(api_key='none'), 'https://example.com/a.mp4')


async def documents():
    import asyncpg
    from openai import AsyncOpenAI
    pool = await asyncpg.create_pool('postgresql://postgres:postgres@127.0.0.1:54320/none')
    return example('rag').Deps(openai=AsyncOpenAI(api_key='none'), pool=pool)


async def database():
    import asyncpg
    return example('sql_gen').Deps(await asyncpg.connect('postgresql://postgres:postgres@127.0.0.1:54320/none'))
"""

KEYS = ('OPENAI', 'ANTHROPIC', 'GOOGLE', 'GEMINI', 'GROQ', 'TWELVELABS')


@pytest.fixture(scope='module')
def examples(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with them, and with what they need that is not installed: nothing else, and nothing twice."""
    folder = tmp_path_factory.mktemp('examples')
    report = folder / 'report.json'
    pip = [sys.executable, '-m', 'pip', 'install', '-q', '--disable-pip-version-check']
    subprocess.run([*pip, '--dry-run', '--report', str(report), *WANTED], check=True, timeout=600)  # noqa: S603
    missing = [item['metadata'] for item in json.loads(report.read_text('utf-8'))['install']]
    pinned = [f'{package["name"]}=={package["version"]}' for package in missing]
    own = [f'pydantic-ai-examples=={VERSION}', f'pydantic-evals=={VERSION}']
    target = folder / 'installed'
    subprocess.run([*pip, '--no-deps', '--target', str(target), *pinned, *own], check=True, timeout=900)  # noqa: S603
    (target / 'made.py').write_text(DEPS, 'utf-8')
    return target


@pytest.mark.long(only=True)
@pytest.mark.network
@pytest.mark.timeout(1800)
def test_each_is_loaded_and_asked(examples: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """With a prompt, a reload, and no traceback; what cannot be had is told in a sentence.

    With `-n 0` it writes a table: what was loaded, what it answered, and what it needs.
    """
    found = {name: tried(examples, tmp_path / name, name) for name in AGENTS}
    with capsys.disabled():
        sys.stdout.write(f'\npydantic-ai-examples {VERSION}\n')
        for name, (loaded, answer, needs) in found.items():
            sys.stdout.write(f'{name:<36} loaded {loaded:<4} {answer:<70.70} needs: {needs}\n')
    bad = {
        name
        for name, (loaded, answer, _) in found.items()
        if loaded != 'yes' or not answer.startswith('asked')
    }
    assert not bad, {name: found[name] for name in bad}


def tried(examples: Path, folder: Path, name: str) -> tuple[str, str, str]:
    """Whether it was loaded, what became of a prompt, and what it needs."""
    agent, *deps = AGENTS[name]
    given = ['--agent', f'pydantic_ai_examples.{name}:{agent}', '--model', 'demo']
    environment = {'PYTHONPATH': str(examples)} | {f'{key}_API_KEY': 'none' for key in KEYS}
    launch = partial(start_process, environment=environment)
    needs = ['a key'] if ends_with_a_sentence(folder / 'keyless', given, str(examples)) else []
    if deps:
        needs.append(f'--deps ({deps[0]})')
        given += ['--deps', deps[0]]
    with Parlour(folder / 'data', *given, launch=launch) as app:
        try:
            app.wait_until_ready()
        except AssertionError:
            assert 'Traceback' not in app.log, app.log
            return 'no', app.stderr.text.strip(), ', '.join(needs)
        try:
            answer = asked(app)
            app.terminate()
            if 'Traceback' in app.log:  # logged, as what somebody else's function has raised
                assert ' The tool ' in app.log or str(examples) in app.log, app.log
                needs.append('what its functions ask for: see the answer')
        except AssertionError as error:
            answer = f'failed: {error}'
    return 'yes', answer, ', '.join(needs) or 'nothing'


def ends_with_a_sentence(folder: Path, given: Sequence[str], path: str) -> bool:
    """Whether it cannot be loaded without a key, and says so in one."""
    launch = partial(start_process, environment={'PYTHONPATH': path})
    with Parlour(folder / 'data', *given, launch=launch) as app:
        line = app.stdout.wait_for('Parlour is ready: ', 60)
        app.check()
        return line is None and 'API_KEY' in app.stderr.text


def asked(app: Parlour) -> str:
    """What became of a prompt: the last line of the answer, and the same after a reload."""
    with httpx2.Client(base_url=app.url, timeout=120) as client:
        lines = [*lines_of(client.post('/chat/', data={'prompt': 'Hello there'}).text)]
        assert [*lines_of(client.get('/chat/').text)][-1] == lines[-1]
        again = client.get(f'/c/{DEFAULT_CONVERSATION_ID}')
        assert again.status_code == 200
        assert again.headers['content-type'].startswith('text/html')
    return 'asked: ' + ' '.join(lines[-1]['content'].split()) if lines[-1]['role'] == 'model' else 'no answer'


def lines_of(text: str) -> Iterator[dict[str, str]]:
    return map(json.loads, filter(None, text.splitlines()))
