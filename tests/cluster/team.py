"""Nodes of a team in one process: each with connections, conversations and scripted models of its own."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Generator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import timedelta

import psycopg
from pydantic_ai import Agent, ModelResponse

from chat.agent_config import AgentConfig, AgentRoster
from chat.cluster.cluster import Cluster
from chat.conversation.content.chat_settings import Preferences
from chat.conversation.content.messages import prompt_preview, prompt_text
from chat.conversation.conversation_registry import ConversationRegistry
from chat.conversation.live_conversation import LiveConversation
from chat.conversation.usage_ledger import UsageLedger
from chat.store.postgres.database import DEFAULT_RETRY_TIMES, RetryTimes
from chat.store.postgres.node import Node, open_node
from chat.store.postgres.storage import PostgresStorage, open_storage
from tests.support.scripted import ScriptedModels, preferences_store
from tests.support.tcp_proxy import TcpProxy
from tests.support.timeouts import WAIT_TIMEOUT

BEAT = 0.1
DAY = timedelta(days=1)

SHORT_LEASE = 0.6
"""Seconds; for tests of what is taken over. A node that a busy machine holds up loses its answers with it."""

SHORT_RETRIES = RetryTimes(read=3, write=3)
"""Of a node whose database will be away: what it is doing in that moment is given up after these."""

HASTY = RetryTimes(read=0.2, write=0.2)
"""Of what it begins to do while the database is away."""


@dataclass(frozen=True)
class Member:
    """One node, as far as a test uses it."""

    node: Node
    storage: PostgresStorage
    registry: ConversationRegistry
    cluster: Cluster

    async def open(self, conversation_id: str) -> LiveConversation:
        """The conversation, once this node knows of it."""
        async with asyncio.timeout(WAIT_TIMEOUT):
            while not self.storage.catalog.has(conversation_id):
                await self.storage.catalog.changed.wait(self.storage.catalog.changed.count)
        return await self.registry.open(conversation_id)


@asynccontextmanager
async def node_of_team(
    url: str,
    models: ScriptedModels,
    *,
    owner: str = 'anna',
    agent: AgentConfig | None = None,
    beat: float = BEAT,
    lease: float = 60,
    retry_times: RetryTimes = DEFAULT_RETRY_TIMES,
    continues: bool = False,
    limit_day: int = 0,
) -> AsyncGenerator[Member]:
    """A node of the same database for one person, which ends as one does that is told to."""
    async with AsyncExitStack() as stack:
        node = await open_node(url, beat=beat, lease=lease, retry_times=retry_times, continues=continues)
        stack.push_async_callback(node.close)
        storage = await open_storage(node, owner)
        stack.push_async_callback(storage.close)
        cluster = Cluster(node, storage)
        registry = ConversationRegistry(
            agents=AgentRoster([agent or AgentConfig(Agent(instructions='Be brief.'))]),
            model_source=models,
            store=storage.conversations,
            preferences=preferences_store(Preferences(limit_day=limit_day)),
            ledger=UsageLedger(storage=storage.usage),
            make_live=cluster.make_live,
        )
        cluster.open(registry)
        stack.push_async_callback(cluster.close)
        stack.push_async_callback(registry.close)
        yield Member(node, storage, registry, cluster)


def said(live: LiveConversation) -> list[str]:
    """Each prompt that is shown, with the text that follows it."""
    return [
        f'{prompt_preview(turn.prompt)}: {text_of(live, number)}' for number, turn in enumerate(live.turns)
    ]


def text_of(live: LiveConversation, number: int = -1) -> str:
    """What was said in answer to a prompt, by default the last one; nothing if there is none."""
    answer = live.turns[number].answer if live.turns else ()
    return ''.join(message.text or '' for message in answer if isinstance(message, ModelResponse))


def columns(live: LiveConversation) -> list[tuple[str, str, str]]:
    """The answers that stand side by side: model, text and state."""
    last = live.turns[-1] if live.turns else None
    return [(column.model, column.text, column.state) for column in last.compared] if last else []


def waiting(live: LiveConversation) -> list[str]:
    """The prompts of the queue, as a page shows them."""
    return [prompt_text(prompt) for prompt in live.shown_queue]


async def asked(member: Member, prompt: str = 'one') -> LiveConversation:
    """A new conversation of this node, once its prompt is stored."""
    live = member.registry.new()
    live.send(prompt, turn_id=prompt)
    await live.wait_until_stored(prompt)
    return live


@contextmanager
def without_database(member: Member, line: TcpProxy) -> Generator[None]:
    """Have the database away from a node, which soon gives up; once it is back the node is patient again."""
    member.node.database.retry_times = HASTY
    line.go_down()
    yield
    member.node.database.retry_times = DEFAULT_RETRY_TIMES
    line.is_down = False


async def seen(url: str, member: Member, ago: timedelta) -> None:
    """Have a node that is silent have said so long ago that it lives; a time to come keeps it alive."""
    async with await psycopg.AsyncConnection.connect(url) as connection:
        await connection.execute(
            'update node set seen_at = clock_timestamp() - %s where id = %s', [ago, member.node.name]
        )


async def until(live: LiveConversation, holds: Callable[[], bool]) -> None:
    """Return as soon as something holds of a conversation."""
    async with asyncio.timeout(WAIT_TIMEOUT):
        while not holds():
            await live.changed.wait(live.changed.count)
