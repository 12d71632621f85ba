"""Talking to a model of a server, over a real connection."""

import asyncio
import os
import sys
from pathlib import Path

import pytest
from pydantic_ai import Agent

from chat.agent.model_catalog import ModelCatalog
from chat.errors import ServerMoved
from tests.agent.small_server import Answer, model_list, serving, spoken

ANSWERS = {'/v1/models': model_list('llama3:8b'), '/v1/chat/completions': spoken('Hello', ' there')}

SECRETS = {
    'OPENAI_API_KEY': 'secret',
    'OPENAI_ADMIN_KEY': 'secret',
    'OPENAI_ORG_ID': 'secret',
    'OPENAI_PROJECT_ID': 'secret',
    'OPENAI_CUSTOM_HEADERS': 'Authorization: Bearer secret\nX-Team: secret',
}
"""What an environment may hold about an account at OpenAI."""

DEAD_PROXY = {
    **dict.fromkeys(('HTTP_PROXY', 'http_proxy', 'ALL_PROXY', 'all_proxy'), 'http://127.0.0.1:9'),
    **dict.fromkeys(('NO_PROXY', 'no_proxy'), ''),
}

ASK = """
import asyncio, os, sys
from pydantic_ai import Agent
from chat.agent.model_catalog import ModelCatalog

async def ask(base_url, api_key):
    choices = ModelCatalog(preferred=None, base_url=base_url, api_key=api_key or None, environment=os.environ)
    model = await choices.connection(await choices.default_model())
    async with Agent().run_stream_events('hello', model=model) as events:
        async for _ in events:
            pass
    print(events.result.output)
    await choices.close()

for key in sys.argv[2:]:
    asyncio.run(ask(sys.argv[1], key))
"""
"""Asks a server in a process of its own, once with each key; '' for none."""


async def test_a_server_sees_the_given_key_and_nothing_of_the_environment() -> None:
    async with serving(ANSWERS) as server:
        child = await asyncio.create_subprocess_exec(
            *(sys.executable, '-c', ASK, server.url, '', 'given'),
            env={**os.environ, **SECRETS, **DEAD_PROXY},
            cwd=Path(__file__).parents[2],
            stdout=asyncio.subprocess.PIPE,
        )
        output, _ = await child.communicate()
    assert output.decode().splitlines() == ['Hello there'] * 2
    paths, keys, names = zip(
        *(
            (asked.path, asked.headers.get('authorization'), ' '.join(asked.headers))
            for asked in server.asked
        ),
        strict=True,
    )
    assert paths == ('/models', '/v1/models', '/v1/chat/completions') * 2
    assert keys == (None,) * 3 + ('Bearer given',) * 3
    assert 'secret' not in str(server.asked)
    assert ' x-' not in ' '.join(names), 'a description of this computer'


async def test_models_of_ollama_are_reached_where_it_is() -> None:
    async with serving(ANSWERS) as server:
        environment = {'OLLAMA_BASE_URL': server.url}
        choices = ModelCatalog(preferred=None, base_url=None, api_key=None, environment=environment)
        model = await choices.connection('ollama:llama3:8b')
        async with Agent().run_stream_events('hello', model=model) as events:
            async for _ in events:
                pass
        await choices.close()
    assert events.result is not None
    assert events.result.output == 'Hello there'
    assert model.model_name == 'llama3:8b'
    assert server.asked[-1].path == '/v1/chat/completions'


async def test_no_server_passes_the_prompt_or_the_key_on_to_another() -> None:
    """A redirect is an error: what is written goes where the person said, or nowhere."""
    async with serving(ANSWERS) as other:
        away = {path: Answer(body='', status=307, location=f'{other.url}{path}') for path in ANSWERS}
        async with serving(away) as server:
            choices = ModelCatalog(
                preferred='llama3', base_url=f'{server.url}/v1', api_key='given', environment={}
            )
            await choices.refresh()
            model = await choices.connection('server:llama3')
            with pytest.raises(ServerMoved):
                await Agent().run('hello', model=model)
            await choices.close()
    assert len(server.asked) == 2
    assert other.asked == []
