"""Build what pages are built from: what all who use a process share, and what one person has."""

import asyncio
import os
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from chat.administration import Administration
from chat.agent.added_servers import AddedServer, AddedServers
from chat.agent.agent_loader import export_keys, load_agents, with_deps
from chat.agent.api_keys import ApiKeys, ApiKeyStorage
from chat.agent.mcp.entries import StoredServer
from chat.agent.mcp.servers import McpServers
from chat.agent.mcp.servers_file import read_servers_files
from chat.agent.model_catalog import ModelCatalog
from chat.agent.telemetry import start_telemetry
from chat.agent_config import AgentConfig, AgentRoster
from chat.agent_names import BUILT_IN
from chat.conversation.content.chat_settings import PreferencesStore
from chat.conversation.content.library import EntryCollection, open_library
from chat.conversation.conversation_registry import ConversationRegistry
from chat.conversation.usage_ledger import UsageLedger, first_day_of_year
from chat.documents.reader import DocumentReader
from chat.redaction import SecretRedactor, passwords_in, redact_logs
from chat.settings import Settings
from chat.sharing.invites import InviteRegistry
from chat.sharing.lock import Lock
from chat.sharing.sharing import NetworkListener, Sharing
from chat.started_tasks import start_task
from chat.storage import Storage
from chat.storage_opening import follow_others, open_registry
from chat.ui.app_context import AppContext
from chat.value_storage import ValueStorage
from chat.web_fetch import WebFetcher

KEYRING_START_TIMEOUT = 3
"""Seconds that a start waits for saved keys; those in a locked keyring come once it is unlocked."""


class SharedStorage(Protocol):
    """What is stored of keys and servers."""

    @property
    def path(self) -> Path | None: ...
    @property
    def api_keys(self) -> ApiKeyStorage: ...
    @property
    def servers(self) -> ValueStorage[AddedServer]: ...
    @property
    def mcp_servers(self) -> ValueStorage[StoredServer]: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class SharedParts:
    """What all who use this process share; for a Parlour of one's own that is one person."""

    keys: ApiKeys
    reading_keys: asyncio.Task[None]
    added: AddedServers
    mcp_servers: McpServers
    agents: AgentRoster
    models: ModelCatalog
    """As nobody prefers them."""
    documents: DocumentReader
    web: WebFetcher

    async def start(self, stack: AsyncExitStack) -> None:
        """Begin to look for models, once the keys are known."""
        await asyncio.wait({self.reading_keys}, timeout=KEYRING_START_TIMEOUT)
        start_task(self.models.refresh(), 'look for models', stack)


async def build_shared(
    settings: Settings,
    storage: SharedStorage,
    stack: AsyncExitStack,
    agent_config: AgentConfig | None,
) -> SharedParts:
    """Build what all share; the stack closes it."""
    keys = ApiKeys(dict(os.environ), storage.api_keys)  # a copy, for keys may be lent to the process
    files = await asyncio.to_thread(read_servers_files, settings.mcp, storage.path, keys.environment)
    mcp_servers = McpServers(files, await storage.mcp_servers.read(), storage=storage.mcp_servers, keys=keys)
    passwords = passwords_in(str(settings.base_url))
    redact_logs(
        SecretRedactor(
            keys.environment, configured_api_key(settings), *passwords, lambda: mcp_servers.secrets
        )
    )
    reading = start_task(keys.read(), 'read keys', stack)
    added = AddedServers(await storage.servers.read(), store=storage.servers, keys=keys)
    spans = await start_telemetry(os.environ, stack, includes_content=settings.telemetry_content)
    agents = await find_agents(settings, keys, reading, agent_config, storage.path)
    models = make_model_catalog(settings, keys, added, agents)
    stack.push_async_callback(models.close)
    return SharedParts(
        keys=keys,
        reading_keys=reading,
        added=added,
        mcp_servers=mcp_servers,
        agents=agents.with_more(mcp_servers.tools_for, spans),
        models=models,
        documents=DocumentReader(),
        web=WebFetcher(),
    )


async def build_context(
    shared: SharedParts,
    storage: Storage,
    network: NetworkListener,
    stack: AsyncExitStack,
    lock: Lock,
    *,
    user: str = '',
    administration: Administration | None = None,
) -> AppContext:
    """Build what outlives every page of one person; the stack closes it.

    Args:
        shared: What they share with others.
        storage: What they have.
        network: Where it can be shared.
        stack: Closes what is built.
        lock: That of their pages.
        user: Who of a team it is; '' for the owner of a Parlour of their own.
        administration: What an administrator sees of the team.
    """
    await lock.open(storage.lock)
    stack.push_async_callback(lock.close)
    folders = EntryCollection(await storage.folders.read(), storage.folders)
    preferences = PreferencesStore(await storage.preferences.read(), storage.preferences.write, folders)
    library = await open_library(storage.assistants, storage.prompts)
    await follow_others(storage, preferences, library)
    models = shared.models.preferred_by(lambda: preferences.current, preferences.changed)
    invites = InviteRegistry(await storage.invites.read())
    context = AppContext(
        conversations=await _open_conversations(shared, storage, stack, models, preferences, user),
        storage=storage,
        models=models,
        preferences=preferences,
        keys=shared.keys,
        added=shared.added,
        mcp_servers=shared.mcp_servers,
        library=library,
        lock=lock,
        sharing=Sharing(invites, network=network, invite_store=storage.invites),
        web=shared.web,
        user=user,
        administration=administration,
    )
    stack.push_async_callback(context.shutdown)
    await _clean_up(context)
    start_task(context.retention.clean_up_daily(), 'move old chats to the trash', stack)
    return context


async def _open_conversations(
    shared: SharedParts,
    storage: Storage,
    stack: AsyncExitStack,
    models: ModelCatalog,
    preferences: PreferencesStore,
    user: str,
) -> ConversationRegistry:
    ledger = UsageLedger(await storage.usage.read(first_day_of_year()), storage.usage)
    return open_registry(
        storage,
        stack,
        agents=shared.agents.owned_by(user),
        model_source=models,
        preferences=preferences,
        ledger=ledger,
        documents=shared.documents,
    )


async def _clean_up(context: AppContext) -> None:
    """Undo what a process has left unfinished that died."""
    await asyncio.to_thread(context.import_uploads.clean_up)
    await context.recover_imports()


async def find_agents(
    settings: Settings,
    keys: ApiKeys,
    reading: asyncio.Task[None],
    given: AgentConfig | None,
    data_folder: Path | None,
) -> AgentRoster:
    """Return the agents that answer here: the one that a program has given, else those of the settings.

    Raises:
        StartFailed: If one of them cannot be used.
    """
    if given:
        return AgentRoster([await asyncio.to_thread(with_deps, given)])
    if set(settings.agent) - {BUILT_IN}:
        await asyncio.wait({reading}, timeout=KEYRING_START_TIMEOUT)
        export_keys(keys.environment, os.environ)
    return AgentRoster(await load_agents(settings.agent, settings.deps, data_folder))


def make_model_catalog(
    settings: Settings, keys: ApiKeys, added: AddedServers, agents: AgentRoster
) -> ModelCatalog:
    """Return the catalog of the models that these settings, keys and servers offer."""
    return ModelCatalog(
        preferred=settings.model,
        base_url=str(settings.base_url) if settings.base_url else None,
        api_key=configured_api_key(settings),
        environment=keys.environment,
        added=lambda: added.servers,
        changes=(keys.changed, added.changed),
        can_add_keys=settings.database is None,
        agent_models={one.model_name: model for one in agents.configs if (model := one.agent.model)},
    )


def configured_api_key(settings: Settings) -> str | None:
    """Return the key of the server at `--base-url`."""
    return settings.api_key.get_secret_value() if settings.api_key else None
