"""The origin's interface: lines of JSON for a program, live in the pages, and its browser client works.

All that it answers is shown in `server/test_api.py`.
"""

import json
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from datetime import datetime
from pathlib import Path

import httpx2
import pytest
import pytest_asyncio
from playwright.async_api import Page, Route, expect

from tests.support.chat_page import ChatPage
from tests.support.gates import Gate
from tests.support.page_errors import PageErrors
from tests.support.process import Parlour
from tests.support.provider import Provider
from tests.support.replies import Reply
from tests.support.timeouts import WAIT_TIMEOUT

Line = dict[str, str]
CLIENT = Path(__file__).with_name('origin_client.html')


@pytest.fixture
def app(own_app: Parlour) -> Parlour:
    """Of the test's own: programs have one conversation, and its history is looked at."""
    return own_app


@pytest_asyncio.fixture(loop_scope='session')
async def api(app: Parlour) -> AsyncIterator[httpx2.AsyncClient]:
    async with httpx2.AsyncClient(base_url=app.url, trust_env=False, timeout=WAIT_TIMEOUT) as client:
        yield client


async def post(api: httpx2.AsyncClient, prompt: str) -> AsyncGenerator[Line]:
    async with api.stream('POST', '/chat/', data={'prompt': prompt}) as response:
        assert response.status_code == 200
        assert response.headers['content-type'].startswith('text/plain')
        async for line in response.aiter_lines():
            yield json.loads(line)


async def history(api: httpx2.AsyncClient) -> list[Line]:
    response = await api.get('/chat/')
    assert response.status_code == 200
    assert response.headers['content-type'].startswith('text/plain')
    return [json.loads(line) for line in response.text.splitlines()]


async def up_to(content: str, lines: AsyncIterator[Line]) -> Line:
    """Read until the line with this content."""
    async for line in lines:
        if line['content'] == content:
            return line
    raise AssertionError(f'No line said {content!r}.')


async def test_lines_grow_while_a_page_looks_on(
    api: httpx2.AsyncClient, app: Parlour, provider: Provider, chat: ChatPage
) -> None:
    gate = Gate()
    provider.reply(Reply(pieces=['One, ', 'two.'], gates={1: gate}))
    await chat.open(app.url)
    async with aclosing(post(api, 'Count')) as lines:
        question = await anext(lines)
        growing = await up_to('One, ', lines)
        assert (question['role'], question['content'], growing['role']) == ('user', 'Count', 'model')
        assert datetime.fromisoformat(question['timestamp']) <= datetime.fromisoformat(growing['timestamp'])
        await chat.links.get_by_text('API').click()
        await expect(chat.turns('user')).to_contain_text('Count')
        await chat.expect_answer('One,')
        gate.release()
        whole = [line async for line in lines][-1]
        assert whole == {**growing, 'content': 'One, two.'}
        await chat.expect_answer('One, two.')
        assert await history(api) == [question, whole]


async def open_origin_client(page: Page, app: Parlour) -> None:
    """Show the origin's page, as if it came from the app's own address."""

    async def serve(route: Route) -> None:
        await route.fulfill(path=CLIENT)

    await page.route('**/origin-client', serve)
    await page.goto(f'{app.url}/origin-client')


async def test_the_client_of_the_origin_works(
    app: Parlour, provider: Provider, chat: ChatPage, watch: PageErrors
) -> None:
    """It is told of an error, too: here that there is nothing to send."""
    watch.expect_error('422', 'Unexpected response')
    gate = Gate()
    provider.reply(Reply(pieces=['One, ', 'two.'], gates={1: gate}))
    page = chat.page
    questions, answers = page.locator('#conversation .user'), page.locator('#conversation .model')
    await open_origin_client(page, app)
    await page.locator('#prompt-input').fill('Count')
    await page.get_by_role('button', name='Send').click()
    await expect(questions).to_have_text(['Count'])
    await expect(answers).to_have_text(['One, '])
    gate.release()
    await expect(answers).to_have_text(['One, two.'])
    await expect(page.locator('#prompt-input')).to_be_enabled()
    await page.reload()
    await expect(questions).to_have_text(['Count'])
    await expect(answers).to_have_text(['One, two.'])
    await expect(page.locator('#error')).to_be_hidden()
    await page.get_by_role('button', name='Send').click()
    await expect(page.locator('#error')).to_be_visible()
    assert len(provider.requests) == 1
