"""Conversations that are answered over real HTTP."""

from collections.abc import AsyncIterator, Callable, Sequence
from typing import Any

import pytest
from pydantic_ai.agent import AbstractAgent

from chat.agent.agent import build_agent
from chat.agent.model_catalog import ModelCatalog
from chat.agent_config import AgentConfig, AgentRoster, Asking, BuiltInTool, ToolsForRun
from chat.conversation.content.chat_settings import Preferences
from chat.conversation.content.turns import Turn
from chat.conversation.conversation_registry import ConversationRegistry
from chat.conversation.model_source import ModelSource
from chat.conversation.storage import ConversationStorage
from tests.support.provider import Provider
from tests.support.replies import Reply
from tests.support.scripted import MemoryStore, preferences_store, wait_until_answered

_opened: list[ModelCatalog] = []


@pytest.fixture(autouse=True)
async def catalogs_closed() -> AsyncIterator[None]:
    """Close the connections to models that a test has opened, while its event loop is there.

    One that nobody had used yet, since its answer was stopped, would be left to a garbage collection.
    """
    yield
    while _opened:
        await _opened.pop().close()


def closed_at_end(catalog: ModelCatalog) -> ModelCatalog:
    """Leave it to the end of the test to close the connections of a catalog."""
    _opened.append(catalog)
    return catalog


def model_catalog_at(
    url: str, *, api_key: str | None = None, name: str = 'server:parlour-test'
) -> ModelCatalog:
    """The one model of a server."""
    return closed_at_end(ModelCatalog(preferred=name, base_url=url, api_key=api_key, environment={}))


def make_registry(
    models: ModelSource | str,
    *,
    agent: AbstractAgent[Any, Any] | None = None,
    deps: object = None,
    store: ConversationStorage | None = None,
    tools_for: Callable[[Asking], ToolsForRun] = lambda _: ToolsForRun(),
    built_in_tools: Sequence[BuiltInTool] = (),
) -> ConversationRegistry:
    """Conversations with models, or with the one at this address."""
    agents = AgentRoster([AgentConfig(agent or build_agent(), deps, built_in_tools=tuple(built_in_tools))])
    return ConversationRegistry(
        agents=agents.with_more(tools_for),
        model_source=model_catalog_at(models) if isinstance(models, str) else models,
        store=store or MemoryStore(),
        preferences=preferences_store(Preferences(refines_titles=False)),
    )


async def turn_after(reply: Reply, *, agent: AbstractAgent[Any, Any] | None = None) -> Turn:
    """The turn of a question that is answered so."""
    with Provider() as provider:
        live = make_registry(provider.url, agent=agent).new()
        provider.reply(reply)
        live.send('Hello')
        await wait_until_answered(live)
        assert len(provider.requests) == 1  # nothing is asked again in silence
        return live.turns[-1]
