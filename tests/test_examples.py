"""The examples run as they stand: on the script that each brings along, and with a model behind HTTP."""

import inspect
from collections.abc import Iterator
from datetime import time, timedelta
from importlib import import_module
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from pydantic import AnyUrl, AwareDatetime, BaseModel
from pydantic_ai import Agent
from pydantic_ai.agent import AbstractAgent
from pydantic_ai.models import Model

from chat.agent.agent_loader import load_agents
from chat.agent.demo import demo_model
from chat.agent.model_catalog import ModelCatalog
from chat.agent_config import AgentConfig, AgentRoster
from chat.conversation.content.chat_settings import Preferences
from chat.conversation.conversation_registry import ConversationRegistry
from chat.conversation.live_conversation import LiveConversation
from chat.examples import scripting
from tests.support.http_models import model_catalog_at
from tests.support.provider import Provider
from tests.support.replies import Reply, ToolCall
from tests.support.scripted import MemoryStore, preferences_store, wait_until_answered

EXAMPLES = ('weather', 'tasks', 'trip', 'picture', 'library')
MAX_LINES, MAX_SCRIPT_LINES = 60, 15


@pytest.fixture
def provider() -> Iterator[Provider]:
    with Provider() as provider:
        yield provider


@pytest.fixture(autouse=True)
def without_keys(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """As on a computer on which nothing is set up, in a folder of its own."""
    for name in ('OPENAI_API_KEY', 'ANTHROPIC_API_KEY', 'GEMINI_API_KEY'):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)


async def config_of(name: str) -> AgentConfig:
    [config] = await load_agents([f'chat.examples.{name}:agent'], None)
    return config


async def asked(config: AgentConfig, models: ModelCatalog) -> LiveConversation:
    """A chat with an agent in which something was asked."""
    registry = ConversationRegistry(
        agents=AgentRoster([config]),
        model_source=models,
        store=MemoryStore(),
        preferences=preferences_store(Preferences(refines_titles=False)),
    )
    live = registry.new()
    live.send('Please')
    await wait_until_answered(live)
    return live


async def scripted(name: str) -> LiveConversation:
    """A chat that is answered by the model that the agent brings along."""
    config = await config_of(name)
    assert config.agent.model is not None
    return await asked(config, bringing(config, config.agent.model))


def bringing(config: AgentConfig, model: Model | str) -> ModelCatalog:
    """No other models than the one that an agent brings along."""
    name = config.model_name
    return ModelCatalog(
        preferred=name, base_url=None, api_key=None, environment={}, agent_models={name: model}
    )


def tools_in(live: LiveConversation) -> list[tuple[str, str]]:
    calls = [part.tool_call for part in live.turns[-1].answer_parts if part.tool_call]
    return [(call.request.tool_name, call.state(is_running=False)) for call in calls]


@pytest.mark.parametrize('name', EXAMPLES)
def test_an_example_is_short(name: str) -> None:
    module = import_module(f'chat.examples.{name}')
    assert len(Path(inspect.getfile(module)).read_text('utf-8').splitlines()) <= MAX_LINES
    assert len(inspect.getsource(module.script).splitlines()) <= MAX_SCRIPT_LINES


async def test_the_weather_is_told_by_a_script() -> None:
    live = await scripted('weather')
    assert live.turns[-1].failure is None
    assert tools_in(live) == [('weather', 'ok')] * 2
    assert live.turns[-1].text == f'{scripting.NOTE}- Lisbon: rain, 14.5 °C\n- Oslo: snow, -3.0 °C\n'


async def test_a_trip_is_planned_by_a_script() -> None:
    """At the second attempt, since the first leads nowhere."""
    live = await scripted('trip')
    [part] = live.turns[-1].answer_parts
    assert part.output
    assert part.output.value['places'] == ['Porto', 'Coimbra', 'Lisbon']
    assert part.output.titles['days'] == 'Length in days'
    assert len(part.attempts) == 1


async def test_a_picture_is_drawn_by_a_script() -> None:
    live = await scripted('picture')
    [call] = [part.tool_call for part in live.turns[-1].answer_parts if part.tool_call]
    assert [file.name for file in call.files] == ['mandelbrot.png', 'place.json']
    assert live.turns[-1].text.startswith(scripting.NOTE)


async def test_a_server_of_its_own_is_asked_by_a_script() -> None:
    live = await scripted('library')
    assert live.turns[-1].failure is None
    assert tools_in(live) == [('find_books', 'ok')]
    assert live.turns[-1].text.startswith(scripting.NOTE)
    assert 'Persuasion' in live.turns[-1].text


CALLS = {
    'weather': ToolCall(name='weather', arguments='{"city": "Cairo"}'),
    'tasks': ToolCall(name='add_task', arguments='{"text": "Read"}'),
    'library': ToolCall(name='lend', arguments='{"title": "Emma"}'),
    'picture': ToolCall(name='mandelbrot', arguments='{"x": 0, "y": 0, "width": 3}'),
}
PLAN = '{"title": "North", "days": 2, "places": ["Oslo"], "budget": {"trains": 20}}'


@pytest.mark.parametrize('name', EXAMPLES)
async def test_an_example_is_answered_by_a_model(name: str, provider: Provider) -> None:
    config = await config_of(name)
    call = CALLS.get(name) or ToolCall(name='final_result', arguments=PLAN)
    provider.reply(Reply(calls=[call]), Reply(pieces=['There.']))
    live = await asked(config, model_catalog_at(provider.url))
    assert (live.turns[-1].state, live.turns[-1].failure) == ('done', None)
    if name in CALLS:
        assert tools_in(live) == [(call.name, 'ok')]
        assert live.turns[-1].text == 'There.'
    else:
        assert live.turns[-1].text.startswith('```json')


async def test_an_example_is_not_scripted_where_there_is_a_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv('OPENAI_API_KEY', 'a key')
    assert scripting.script_without_key(import_module('chat.examples.weather').script) is None


@pytest.mark.parametrize('name', [name for name in EXAMPLES if name != 'library'])
async def test_the_demo_calls_each_tool_of_an_example(name: str) -> None:
    """With arguments made from its schema, and gives a value of the type that the agent gives."""
    config = await config_of(name)
    agent: AbstractAgent[Any, Any] = config.agent
    live = await asked(config, bringing(config, demo_model(pace=0)))
    tools = {tool for toolset in agent.toolsets for tool in getattr(toolset, 'tools', ())}
    assert {tool for tool, _ in tools_in(live)} == tools
    if name == 'trip':
        assert live.turns[-1].text.startswith('```json')


async def test_tasks_are_deleted_by_a_person_only() -> None:
    """The script goes on once somebody has approved it, and again in the next question."""
    live = await scripted('tasks')
    for _ in range(2):
        turn = live.turns[-1]
        assert turn.state == 'needs-approval'
        assert tools_in(live) == [('add_task', 'ok'), ('list_tasks', 'ok'), ('delete_task', 'needs-approval')]
        [*_, call] = [part.tool_call for part in turn.answer_parts if part.tool_call]
        await live.decisions.approve(turn.id, call.request.tool_call_id, by='Host')
        await wait_until_answered(live)
        assert live.turns[-1].text == f'{scripting.NOTE}Of the task that I wanted to delete: Deleted.'
        live.send('Again')
        await wait_until_answered(live)


async def test_the_demo_gives_texts_of_the_formats_that_are_wanted() -> None:
    class Meeting(BaseModel):
        begins: AwareDatetime
        at: time
        lasts: timedelta
        page: AnyUrl
        id: UUID

    agent = Agent(output_type=Meeting)
    async with agent.run_stream('When?', model=demo_model()) as answer:
        assert (await answer.get_output()).begins.year == 2024
