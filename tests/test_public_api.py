"""What `import chat` offers to programs of others."""

import subprocess
import sys
from pathlib import Path

import chat


def output_of(code: str, folder: Path) -> tuple[int, str]:
    """The exit code of a program in a process of its own, and all that it says."""
    root = str(Path(__file__).parents[1])
    ended = subprocess.run(  # noqa: S603  # the lines below
        [sys.executable, '-c', code],
        cwd=folder,
        env={'PYTHONPATH': root, 'PARLOUR_DATA': str(folder / 'data'), 'HOME': str(folder)},
        capture_output=True,
        text=True,
        check=False,
    )
    return ended.returncode, ended.stdout + ended.stderr


def test_it_is_cheap_until_something_is_asked_of_it(tmp_path: Path) -> None:
    heavy = "{'nicegui', 'pydantic_ai', 'pydantic', 'fastapi'}"
    assert output_of(f'import sys, chat; assert not {heavy} & set(sys.modules)', tmp_path) == (0, '')


def test_every_name_is_there(tmp_path: Path) -> None:
    """Also after the app was imported: no package takes the place of a function."""
    code = 'import chat.app, chat; assert callable(chat.serve) and callable(chat.create_app)'
    assert output_of(code, tmp_path) == (0, '')
    assert all(hasattr(chat, name) for name in chat.__all__)
    assert not hasattr(chat, 'nothing_of_the_kind')


def test_serve_cannot_run_in_a_running_loop(tmp_path: Path) -> None:
    code = """
import asyncio, chat
async def main():
    try:
        chat.serve(None)
    except RuntimeError as error:
        print(error)
asyncio.run(main())
"""
    assert output_of(code, tmp_path)[1] == (
        'serve() runs until Ctrl-C, so it cannot be called where an event loop is running. '
        'Call it from a script, or let your own server serve what create_app() returns.\n'
    )


def test_a_wrong_setting_is_a_sentence(tmp_path: Path) -> None:
    code = 'import chat; print(chat.serve(None, port=99999), chat.serve(None, colour="red"))'
    said = output_of(code, tmp_path)[1].splitlines()
    assert said[0] == '2 2'
    assert said[1:] == [
        'parlour: --port cannot be used: Input should be less than or equal to 65535',
        'parlour: There is no setting “colour”.',
    ]


def test_there_is_one_in_a_process(tmp_path: Path) -> None:
    code = """
import chat
chat.create_app()
try:
    chat.create_app()
except RuntimeError as error:
    print(error)
"""
    assert output_of(code, tmp_path)[1] == (
        'There is a Parlour in this process already, and there can be one: start a process for each.\n'
    )


def test_it_takes_no_folder_that_another_one_has(tmp_path: Path) -> None:
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
    said = output_of(code, tmp_path)[1]
    assert said.startswith(f'Another process holds {tmp_path / "data"} and does not answer.')


def test_a_launch_token_lets_in_below_a_path(tmp_path: Path) -> None:
    code = """
import asyncio, chat, httpx, re
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
    import os
    os._exit(0)
asyncio.run(main())
"""
    code = code.replace('    import os\n    os._exit(0)\n', '    sys.stdout.flush()\n    os._exit(0)\n')
    assert output_of(f'import os, re, sys{code}', tmp_path)[1] == '401\n303 /ai/ Path=/ai/\n200 True\n'
