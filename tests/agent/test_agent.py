"""The built-in agent."""

import asyncio
import sys
from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path

import pytest
from pydantic_ai import Agent, ModelMessage, UnexpectedModelBehavior
from pydantic_ai.models.function import AgentInfo, DeltaThinkingCalls, DeltaThinkingPart, FunctionModel

from chat.agent.agent import build_agent
from chat.agent.model_connections import RESPONSE_TIMEOUT

THOUGHT: DeltaThinkingCalls = {0: DeltaThinkingPart(content='hm')}


async def run_with(*chunks: str | DeltaThinkingCalls) -> tuple[list[AgentInfo], str]:
    """Run the agent on a model that says this: what each request brought, and the answer."""
    requests: list[AgentInfo] = []

    async def say(_: list[ModelMessage], info: AgentInfo) -> AsyncIterator[str | DeltaThinkingCalls]:
        requests.append(info)
        for chunk in chunks:
            yield chunk

    failed = ''
    agent = build_agent()
    try:
        async with agent.iter('hello', model=FunctionModel(stream_function=say)) as run:
            async for node in run:
                if Agent.is_model_request_node(node):
                    async with node.stream(run.ctx) as response:
                        async for _ in response.stream_response(debounce_by=None):
                            pass
        assert run.result is not None
        return requests, run.result.output
    except UnexpectedModelBehavior as error:
        failed = str(error)
    return requests, f'failed: {failed}'


async def test_it_has_a_name_and_no_model() -> None:
    agent = build_agent()
    assert agent.name == 'parlour'
    assert agent.model is None


async def test_it_brings_instructions_the_date_and_no_retries() -> None:
    (request,), answer = await run_with('Hi!')
    assert answer == 'Hi!'
    assert request.instructions is not None
    assert 'Markdown' in request.instructions
    assert str(datetime.now().astimezone().year) in request.instructions
    assert request.model_settings == {'max_retries': 0, 'timeout': RESPONSE_TIMEOUT}


@pytest.mark.parametrize('chunks', [[''], [THOUGHT], [THOUGHT, '']])
async def test_an_empty_answer_is_not_asked_for_again(chunks: list[str | DeltaThinkingCalls]) -> None:
    requests, answer = await run_with(*chunks)
    assert len(requests) == 1
    assert answer.startswith('failed: ')


async def test_white_space_is_an_answer_for_the_library() -> None:
    """Who shows answers must not rely on there being something to see."""
    requests, answer = await run_with(' \n ')
    assert len(requests) == 1
    assert answer == ' \n '


SDKS = ('openai', 'anthropic', 'google.genai', 'groq', 'mistralai', 'boto3', 'nicegui', 'tinydb')

LOOK = f"""
import sys
import chat.agent.agent, chat.agent.model_catalog, chat.agent.demo
import chat.agent.model_connections, chat.agent.providers
choices = chat.agent.model_catalog.ModelCatalog(
    preferred='m', base_url='http://127.0.0.1:9', api_key=None, environment={{'OPENAI_API_KEY': 'k'}}
)
chat.agent.agent.build_agent()
print(len(choices.choices) > 1, [name for name in {SDKS} if name in sys.modules])
"""


async def test_nothing_of_a_provider_is_imported_at_the_start() -> None:
    """Importing a provider's package takes a second or more, which the first page must not wait for."""
    child = await asyncio.create_subprocess_exec(
        *(sys.executable, '-c', LOOK), stdout=asyncio.subprocess.PIPE, cwd=Path(__file__).parents[2]
    )
    output, _ = await child.communicate()
    assert output.decode().split() == ['True', '[]']
