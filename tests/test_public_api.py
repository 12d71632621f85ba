"""What `import chat` offers to programs of others."""

import sys
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest

import chat
from tests.support.launching import Launch, start_process

ROOT = Path(__file__).parents[1]

Run = Callable[[str], tuple[int, str]]
"""Runs a program with a data folder of its own: its exit code, and all that it says."""


@pytest.fixture
def run(tmp_path: Path, launch: Launch) -> Run:
    here = f'import os; os.environ["PARLOUR_DATA"] = {str(tmp_path / "data")!r}\n'
    return lambda code: output_of(launch, f'{here}{code}', tmp_path)


def output_of(launch: Launch, code: str, folder: Path) -> tuple[int, str]:
    process = launch([sys.executable, '-c', code], folder)
    assert process.stdout
    assert process.stderr
    with process.stdout, process.stderr:
        said = process.stdout.read() + process.stderr.read()
    return process.wait(), said


def test_it_is_cheap_until_something_is_asked_of_it() -> None:
    heavy = "{'nicegui', 'pydantic_ai', 'pydantic', 'fastapi'}"
    code = f'import sys, chat; assert not {heavy} & set(sys.modules)'
    assert output_of(start_process, code, ROOT) == (0, '')


def test_every_name_is_there(run: Run) -> None:
    """Also after the app was imported: no package takes the place of a function."""
    code = 'import chat.app, chat; assert callable(chat.serve) and callable(chat.create_app)'
    assert run(code) == (0, '')
    assert all(hasattr(chat, name) for name in chat.__all__)
    assert not hasattr(chat, 'nothing_of_the_kind')


def test_serve_cannot_run_in_a_running_loop(run: Run) -> None:
    code = """
import asyncio, chat
async def main():
    try:
        chat.serve(None)
    except RuntimeError as error:
        print(error)
asyncio.run(main())
"""
    assert run(code)[1] == (
        'serve() runs until Ctrl-C, so it cannot be called where an event loop is running. '
        'Call it from a script, or let your own server serve what create_app() returns.\n'
    )


def test_a_wrong_setting_is_a_sentence(run: Run) -> None:
    code = 'import chat; print(chat.serve(None, port=99999), chat.serve(None, colour="red"))'
    said = run(code)[1].splitlines()
    assert said[0] == '2 2'
    assert said[1] == 'parlour: --port cannot be used: Input should be less than or equal to 65535'
    assert said[2].startswith('parlour: There is no setting “colour”; there are admins, agent, ')
    assert ', port, ' in said[2]


def test_there_is_one_in_a_process(run: Run) -> None:
    code = """
import chat
chat.create_app()
try:
    chat.create_app()
except RuntimeError as error:
    print(error)
"""
    assert run(code)[1] == (
        'There is a Parlour in this process already, and there can be one: start a process for each.\n'
    )


def test_an_app_is_started_once(run: Run) -> None:
    code = """
import asyncio, chat
async def main():
    app = chat.create_app()
    async with app.router.lifespan_context(app):
        print('started')
    try:
        async with app.router.lifespan_context(app):
            print('started again')
    except RuntimeError as error:
        print(error)
asyncio.run(main())
"""
    assert run(code)[1].splitlines()[-2:] == [
        'started',
        'This Parlour has been started before, and can be once: start another process for it.',
    ]


@pytest.mark.cluster
def test_an_app_serves_a_team(launch: Launch, postgres_url: str, tmp_path: Path) -> None:
    """On a database: what is said there is that person's, and the node leaves when the app has ended."""
    code = f"""
import asyncio, chat, httpx, json
from pydantic_ai import Agent
from pydantic_ai.models.test import TestModel
settings = chat.Settings.model_validate({{'database': {postgres_url!r}, 'user': 'anna'}})
async def main():
    app = chat.create_app(Agent(TestModel(custom_output_text='Hello, Anna.')), settings=settings)
    async with app.router.lifespan_context(app):
        transport = httpx.ASGITransport(app, client=('127.0.0.1', 4711))
        async with httpx.AsyncClient(transport=transport, base_url='http://127.0.0.1') as browser:
            for answer in (await browser.get('/ready'), await browser.get('/')):
                print(answer.status_code)
            answer = await browser.post('/chat/', data={{'prompt': 'Zebras'}})
            print(json.loads(answer.text.splitlines()[-1])['content'])
asyncio.run(main())
"""
    said = output_of(launch, code, tmp_path)[1]
    assert said.splitlines()[-3:] == ['200', '200', 'Hello, Anna.'], said
    with psycopg.connect(postgres_url) as connection:
        assert connection.execute('select owner from conversation').fetchall() == [('anna',)]
        assert connection.execute('select owner, answers from day_usage').fetchall() == [('anna', 1)]
        assert connection.execute('select id from node').fetchall() == []


def test_after_a_start_that_failed_there_may_be_another(run: Run, tmp_path: Path) -> None:
    """A data folder that is a file is refused; it is put right, or another app is made."""
    code = f"""
import asyncio, chat
from pathlib import Path
folder = Path({str(tmp_path / 'data')!r})
async def start(app):
    try:
        async with app.router.lifespan_context(app):
            print('started')
    except Exception as error:
        print(type(error).__name__)
async def main():
    folder.write_text('no folder')
    app = chat.create_app()
    await start(app)
    await start(chat.create_app())
    folder.unlink()
    await start(app)
asyncio.run(main())
"""
    said = run(code)[1].splitlines()
    assert said[:3] == ['StartFailed', 'StartFailed', 'started'], said


def test_it_takes_no_folder_that_another_one_has(run: Run, tmp_path: Path) -> None:
    """Two that write into the same files would lose what the other one has written."""
    code = """
import asyncio, chat
from chat.server.instance import Instance
held = Instance(chat.Settings().data)
held.claim()
app = chat.create_app()
async def main():
    async with app.router.lifespan_context(app):
        print('it runs')
try:
    asyncio.run(main())
except Exception as error:
    print(error)
"""
    said = run(code)[1]
    assert said.startswith(f'Another process holds {tmp_path / "data"} and does not answer.')


def test_a_launch_token_lets_in_below_a_path(run: Run) -> None:
    code = """
import asyncio, chat, httpx, os, re, sys
from contextlib import redirect_stdout
from io import StringIO
from fastapi import FastAPI
inner, outer, said = chat.create_app(settings=chat.Settings(launch_token=True)), FastAPI(), StringIO()
outer.mount('/ai', inner)
async def main():
    with redirect_stdout(said):
        await inner.router.lifespan_context(inner).__aenter__()
    transport = httpx.ASGITransport(outer)
    async with httpx.AsyncClient(transport=transport, base_url='http://chat.example') as browser:
        print((await browser.get('/ai/')).status_code)
        joined = await browser.get('/ai/' + said.getvalue().split()[5])
        path = re.search('Path=[^;]*', joined.headers['set-cookie'])[0]
        print(joined.status_code, joined.headers['location'], path)
        page = await browser.get('/ai/')
        print(page.status_code, bool(re.search('"/ai/_nicegui/[^"]+/theme.js"', page.text)))
    sys.stdout.flush()
    os._exit(0)
asyncio.run(main())
"""
    assert run(code)[1] == '401\n303 /ai/ Path=/ai/\n200 True\n'


def test_a_storage_of_somebodys_takes_the_place_of_the_folder(run: Run, tmp_path: Path) -> None:
    """Over HTTP: what is asked is in it, and is read from it again; there is no data folder, nor a lock."""
    code = f"""
import asyncio, chat, httpx, json, os, sys
from pydantic_ai import Agent
from pydantic_ai.models.test import TestModel
sys.path.insert(0, {str(ROOT)!r})
from tests.support.memory_storage import MemoryStorage
storage = MemoryStorage()
app = chat.create_app(Agent(TestModel()), storage=storage)
async def main():
    async with app.router.lifespan_context(app):
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url='http://chat.example') as browser:
            await browser.post('/chat/', data={{'prompt': 'Hello'}}, timeout=60)
            lines = (await browser.get('/chat/')).text.splitlines()
            print([json.loads(line)['role'] for line in lines])
            (summary,) = storage.catalog.summaries
            page = await browser.get(f'/c/{{summary.conversation_id}}')
            print(page.status_code, len((await storage.conversations.load(summary.conversation_id)).messages))
    print(len(storage.catalog.summaries), os.path.exists(os.environ['PARLOUR_DATA']))
    sys.stdout.flush()
    os._exit(0)
asyncio.run(main())
"""
    assert run(code)[1].splitlines() == ["['user', 'model']", '200 2', '1 False'], tmp_path
