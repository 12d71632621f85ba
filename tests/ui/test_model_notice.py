"""The line that says why the model of a chat cannot answer."""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import replace

import pytest
from nicegui.testing import User

from chat.agent.api_keys import ApiKeys
from chat.conversation.conversation_registry import ConversationRegistry
from chat.storage import Storage
from tests.agent.small_server import SmallServer, model_list

GONE = 'has no model “llama3” any more.'


class HeldServer(SmallServer):
    """A server that can take its time."""

    def __init__(self) -> None:
        super().__init__(answers={'/v1/models': model_list('qwen3')})
        self.may_answer = asyncio.Event()
        self.may_answer.set()

    async def respond(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await self.may_answer.wait()
        await super().respond(reader, writer)


@pytest.fixture
async def ollama() -> AsyncIterator[HeldServer]:
    held = HeldServer()
    async with await asyncio.start_server(held.respond, '127.0.0.1', 0) as server:
        held.port = server.sockets[0].getsockname()[1]
        yield held


@pytest.fixture
def keys(storage: Storage, ollama: HeldServer) -> ApiKeys:
    return ApiKeys({'OLLAMA_BASE_URL': f'{ollama.url}/v1'}, storage.api_keys)


async def test_it_waits_for_what_the_server_says_now(
    person: User, another: Callable[[], User], registry: ConversationRegistry, ollama: HeldServer
) -> None:
    """The model was gone when another page asked, and is there again."""
    live = registry.new()
    await live.update_metadata(lambda metadata: replace(metadata, model='ollama:llama3'))
    await person.open(f'/c/{live.id}')
    await person.should_see(GONE)
    ollama.answers['/v1/models'] = model_list('llama3')
    ollama.may_answer.clear()
    later = another()
    await later.open(f'/c/{live.id}')
    await later.should_not_see(GONE)
    ollama.may_answer.set()
    await person.should_not_see(GONE)
    await later.should_not_see(GONE)
