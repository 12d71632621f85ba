"""Parlour inside a program of somebody's: their agent answers, at the root or below a path of their app."""

import asyncio
import signal
import sys
from collections.abc import AsyncIterator, Generator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path

import httpx
import pytest
import pytest_asyncio
from playwright.async_api import expect

from tests.browser.test_attachments import CAT, attach, file
from tests.support.chat_page import ChatPage, OpenChatPage
from tests.support.launching import Launch, Process
from tests.support.process import READY_PREFIX, Output
from tests.support.profile import only_long
from tests.support.provider import Provider
from tests.support.replies import Reply
from tests.support.timeouts import WAIT_TIMEOUT

ROOT = Path(__file__).parents[2]


class Program:
    """A running program; as `embedding_program` is started."""

    def __init__(self, process: Process, output: Output, errors: Output) -> None:
        self.process, self.output, self.errors = process, output, errors
        self.url = ''

    def wait_until_ready(self) -> None:
        line = self.output.wait_for(READY_PREFIX, WAIT_TIMEOUT)
        assert line, self.errors.text
        self.url = line.removeprefix(READY_PREFIX).rstrip('/')

    def end(self) -> int:
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(WAIT_TIMEOUT)


@contextmanager
def running(launch: Launch, folder: Path, provider: Provider, path: str) -> Generator[Program]:
    command = [sys.executable, '-m', 'tests.support.embedding_program', str(folder), provider.url, path]
    process = launch(command, ROOT)
    assert process.stdout
    assert process.stderr
    program = Program(process, Output(process.stdout), Output(process.stderr))
    try:
        program.wait_until_ready()
        yield program
        assert program.end() == 0, program.errors.text
        assert program.errors.text == ''
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()
        program.output.join()
        program.errors.join()


@pytest_asyncio.fixture(scope='module', loop_scope='session', params=['/', '/ai'])
async def program(
    request: pytest.FixtureRequest,
    launch: Launch,
    the_provider: Provider,
    browser_contexts: object,
    tmp_path_factory: pytest.TempPathFactory,
) -> AsyncIterator[Program]:
    """Somebody's app, at the root and below a path; each test has a conversation of its own in it."""
    assert browser_contexts
    folder = tmp_path_factory.mktemp('embedded') / 'data'
    with running(launch, folder, the_provider, request.param) as program:
        yield program


async def answer_arrives(chat: ChatPage, provider: Provider) -> None:
    await chat.send('Hello')
    await chat.expect_state('done')
    # others may ask the same provider: whoever has asked here was told this
    assert any('You serve Ada.' in str(request['messages'][0]) for request in provider.requests)


@pytest.mark.parametrize('program', [only_long('/'), '/ai'], indirect=True, scope='module')
async def test_ask_reload_and_attach(program: Program, provider: Provider, open_chat: OpenChatPage) -> None:
    chat = await open_chat()
    await chat.open(f'{program.url}/')
    await answer_arrives(chat, provider)
    address = await chat.address()
    assert address.startswith(f'{program.url}/c/')
    await chat.reload()
    await chat.expect_answer_with('I got')
    await attach(chat, file('cat.png', CAT))
    await chat.send('And this?')
    await expect(chat.turns('assistant')).to_have_count(2)
    await chat.expect_state('done')
    image = chat.turns('user').last.locator('img')
    await expect(image).to_be_visible()
    assert await image.evaluate('image => image.decode().then(() => image.naturalWidth)') == 640
    assert (await image.evaluate('image => image.src')).startswith(f'{program.url}/files/')
    assert await chat.links.first.evaluate('link => link.href') == address


@pytest.mark.parametrize('program', [only_long('/'), '/ai'], indirect=True, scope='module')
async def test_files_that_an_answer_shows_are_found_below_the_path(
    program: Program, provider: Provider, open_chat: OpenChatPage
) -> None:
    """While it arrives and after a reload; code that looks like one of their tags stays as it was written."""
    chat = await open_chat()
    await chat.open(f'{program.url}/')
    await attach(chat, file('cat.png', CAT))
    path = f'/files/{sha256(CAT).hexdigest()}'
    answer = f'![a cat]({path}) and [the file]({path})\n\n```html\n<img src="{path}">\n```\n'
    provider.reply(Reply(pieces=[answer]))
    await chat.send('Show it')
    await chat.expect_state('done')
    for _ in range(2):
        image = chat.turns('assistant').locator('.prose img')
        assert await image.evaluate('image => image.decode().then(() => image.naturalWidth)') == 640
        link = chat.turns('assistant').get_by_role('link', name='the file')
        assert await link.evaluate('link => link.href') == f'{program.url}{path}'
        await expect(chat.turns('assistant').locator('code').last).to_have_text(f'<img src="{path}">')
        await chat.page.reload()


@pytest.mark.parametrize('program', [only_long('/'), '/ai'], indirect=True, scope='module')
async def test_every_way_of_a_page_stays_below_the_path(
    program: Program, provider: Provider, open_chat: OpenChatPage
) -> None:
    chat = await open_chat()
    await chat.open(f'{program.url}/')
    await answer_arrives(chat, provider)
    address = await chat.address()
    await chat.page.get_by_test_id('settings').click()
    await expect(chat.page).to_have_url(f'{program.url}/settings')
    await chat.page.reload()
    await chat.page.get_by_test_id('page-close').click()
    await expect(chat.page).to_have_url(f'{program.url}/')
    await chat.links.first.click()
    await expect(chat.page).to_have_url(address)
    await chat.page.get_by_test_id('new-chat').click()
    await expect(chat.page).to_have_url(f'{program.url}/')
    await chat.page.go_back()
    await chat.expect_answer_with('I got')


async def test_programs_ask_below_the_path_and_the_outer_app_keeps_its_routes(
    program: Program, provider: Provider
) -> None:
    assert provider
    async with httpx.AsyncClient(trust_env=False, timeout=WAIT_TIMEOUT) as client:
        asked = await client.post(f'{program.url}/chat/', data={'prompt': 'Hello'})
        assert '"role":"model"' in asked.text.replace(' ', '')
        assert (await client.get(f'{program.url}/healthz')).json()['status'] == 'ok'
        foreign = await client.get(f'{program.url}/', headers={'origin': 'http://elsewhere.example'})
        assert foreign.status_code == 403
        if program.url.endswith('/ai'):
            outer = await client.get(program.url.removesuffix('/ai') + '/hello')
            assert outer.json() == 'Hello from the outer app'


async def test_serve_runs_an_agent_as_the_command_does(
    launch: Launch, tmp_path: Path, provider: Provider, open_chat: OpenChatPage
) -> None:
    """With settings as arguments; Ctrl-C ends it with code 0."""
    with running(launch, tmp_path / 'data', provider, 'serve') as program:
        chat = await open_chat()
        await chat.open(program.url)
        await answer_arrives(chat, provider)
        await chat.page.goto('about:blank')
        assert await asyncio.to_thread(program.end) == 0
