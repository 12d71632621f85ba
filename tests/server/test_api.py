"""The origin's interface, on live conversations."""

import json
from collections.abc import AsyncIterator
from typing import Any

import httpx2
import pytest
from fastapi import FastAPI
from pydantic_ai.exceptions import ModelConnectionError

from chat.conversation.content.messages import MAX_PROMPT_LENGTH
from chat.conversation.conversation_registry import ConversationRegistry
from chat.server.api import DEFAULT_CONVERSATION_ID, chat_routes
from tests.support.scripted import (
    HeldScript,
    ScriptedModels,
    failing,
    prompts,
    registry_with,
    saying,
    wait_until_answered,
)


@pytest.fixture
def models() -> ScriptedModels:
    return ScriptedModels(saying('Hi ', '**there**.'))


@pytest.fixture
def registry(models: ScriptedModels) -> ConversationRegistry:
    return registry_with(models)


@pytest.fixture
async def client(registry: ConversationRegistry) -> AsyncIterator[httpx2.AsyncClient]:
    app = FastAPI()
    app.include_router(chat_routes(registry))
    transport = httpx2.ASGITransport(app=app)
    async with httpx2.AsyncClient(transport=transport, base_url='http://parlour') as client:
        yield client


def lines(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.split('\n') if line]


async def test_a_prompt_is_answered_in_lines(client: httpx2.AsyncClient) -> None:
    """First the user's line, then the model's under one timestamp with the text so far."""
    answer = await client.post('/chat/', data={'prompt': 'Hello'})
    first, *others = lines(answer.text)
    assert answer.headers['content-type'].startswith('text/plain')
    assert (first['role'], first['content']) == ('user', 'Hello')
    assert {line['role'] for line in others} == {'model'}
    assert len({line['timestamp'] for line in others}) == 1
    assert others[-1]['content'] == 'Hi **there**.'


async def test_the_history_is_what_was_streamed(client: httpx2.AsyncClient) -> None:
    streamed = {
        line['timestamp']: line for line in lines((await client.post('/chat/', data={'prompt': 'A'})).text)
    }
    history = await client.get('/chat/')
    assert lines(history.text) == list(streamed.values())


async def test_the_model_is_given_the_history(client: httpx2.AsyncClient, models: ScriptedModels) -> None:
    for prompt in ('first', 'second'):
        await client.post('/chat/', data={'prompt': prompt})
    assert prompts(models.requests[-1]) == ['first', 'second']


async def test_who_names_no_conversation_uses_the_one_called_api(
    client: httpx2.AsyncClient, registry: ConversationRegistry
) -> None:
    await client.post('/chat/', data={'prompt': 'Hello'})
    live = await registry.open(DEFAULT_CONVERSATION_ID)
    assert (live.metadata.title, len(live.turns)) == ('API', 1)


async def test_another_conversation(client: httpx2.AsyncClient, registry: ConversationRegistry) -> None:
    live = registry.new()
    await client.post('/chat/', params={'conversation': live.id}, data={'prompt': 'Hello'})
    assert live.turns[-1].text == 'Hi **there**.'


async def test_a_multipart_form_as_a_browser_sends_it(client: httpx2.AsyncClient) -> None:
    answer = await client.post('/chat/', files={'prompt': (None, 'Hello')})
    assert lines(answer.text)[0]['content'] == 'Hello'


@pytest.mark.parametrize('form', [{}, {'prompt': ''}, {'prompt': ' \n'}])
async def test_an_empty_prompt(client: httpx2.AsyncClient, form: dict[str, str]) -> None:
    answer = await client.post('/chat/', data=form)
    assert (answer.status_code, answer.json()['detail'][:29]) == (422, 'There is nothing to send. Wri')


@pytest.mark.parametrize('as_file', [True, False])
async def test_a_prompt_of_a_megabyte(client: httpx2.AsyncClient, as_file: bool) -> None:
    prompt = 'x' * 1_000_000
    form: dict[str, Any] = {'files': {'prompt': (None, prompt)}} if as_file else {'data': {'prompt': prompt}}
    answer = await client.post('/chat/', **form)
    assert answer.status_code == 422
    assert f'{MAX_PROMPT_LENGTH:,}' in answer.json()['detail']


async def test_an_unknown_conversation(client: httpx2.AsyncClient, models: ScriptedModels) -> None:
    for answer in (
        await client.get('/chat/', params={'conversation': 'nope'}),
        await client.post('/chat/', params={'conversation': 'nope'}, data={'prompt': 'Hello'}),
    ):
        assert (answer.status_code, answer.json()['detail'][:32]) == (404, 'Chat not found.')
    assert models.requests == []


async def test_a_busy_conversation(
    client: httpx2.AsyncClient, models: ScriptedModels, registry: ConversationRegistry
) -> None:
    models.script = HeldScript('so far')
    live = registry.new()
    live.send('First')
    answer = await client.post('/chat/', params={'conversation': live.id}, data={'prompt': 'Second'})
    assert (answer.status_code, answer.json()['detail'][:31]) == (409, 'An answer is still being writte'[:31])
    assert (live.queue, len(live.turns)) == ([], 1), 'no program waits'
    await live.stop()
    assert len(live.turns) == 1


async def test_a_failure_is_the_last_line_in_words(
    client: httpx2.AsyncClient, models: ScriptedModels, registry: ConversationRegistry
) -> None:
    models.script = failing(ModelConnectionError('m', 'cut', phase='read'), 'Half a ')
    answer = await client.post('/chat/', data={'prompt': 'Hello'})
    assert (
        lines(answer.text)[-1]['content'] == 'Half a \n\nThe connection was lost in the middle of the answer.'
    )
    await wait_until_answered(await registry.open(DEFAULT_CONVERSATION_ID))
    assert lines((await client.get('/chat/')).text)[-1] == lines(answer.text)[-1]
