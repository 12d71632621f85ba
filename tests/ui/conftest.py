"""People who look at Parlour in simulated pages, on a store in a temporary folder."""

import gc
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import httpx
import pytest
from nicegui import Client, core
from nicegui.testing import User
from nicegui.testing.user_simulation import user_simulation  # pyright: ignore[reportUnknownVariableType]

from chat.agent.added_servers import AddedServers
from chat.agent.api_keys import ApiKeys
from chat.agent.mcp.servers import McpServers
from chat.agent.model_catalog import ModelCatalog
from chat.conversation.content.chat_settings import PreferencesStore
from chat.conversation.content.library import EntryCollection, open_library
from chat.conversation.conversation_registry import ConversationRegistry
from chat.conversation.live_conversation import LiveConversation
from chat.sharing.access import Owner, Visitor
from chat.sharing.sharing import Sharing
from chat.storage import Storage
from chat.store.data_folder import DataFolder, open_store
from chat.ui.app_context import AppContext
from chat.ui.page_builder import PageBuilder
from chat.web_fetch import WebFetcher
from tests.support.fake_sharing import fake_sharing
from tests.support.mcp_servers import make_servers
from tests.support.patient_user import PatientUser
from tests.support.scripted import ScriptedModels, registry_with, saying, wait_until_answered


@pytest.fixture(scope='module', autouse=True)
def _nothing_older_is_collected() -> None:
    """Leave all that is there by now out of garbage collections: each simulated page asks for two."""
    gc.collect()
    gc.freeze()


@pytest.fixture
async def folder(tmp_path: Path) -> AsyncIterator[DataFolder]:
    folder = await open_store(tmp_path)
    yield folder
    await folder.close()


@pytest.fixture
def storage(folder: DataFolder) -> Storage:
    """What the pages are on; a test of another one puts it here."""
    return folder


@pytest.fixture
def models() -> ScriptedModels:
    return ScriptedModels(saying('Hi ', '**there**.'))


@pytest.fixture
async def preferences(storage: Storage) -> PreferencesStore:
    folders = EntryCollection(await storage.folders.read(), storage.folders)
    return PreferencesStore(await storage.preferences.read(), storage.preferences.write, folders)


@pytest.fixture
def keys(storage: Storage) -> ApiKeys:
    return ApiKeys({}, storage.api_keys)


@pytest.fixture
async def registry(
    models: ScriptedModels, storage: Storage, preferences: PreferencesStore
) -> AsyncIterator[ConversationRegistry]:
    registry = registry_with(models, storage.conversations, preferences)
    yield registry
    await registry.close()


@pytest.fixture
async def live(registry: ConversationRegistry) -> LiveConversation:
    """A chat in which something was answered."""
    live = registry.new()
    live.send('Hello')
    await wait_until_answered(live)
    return live


@pytest.fixture
def web() -> WebFetcher:
    """What fetches images; it reaches no computer that is not public."""
    return WebFetcher()


@pytest.fixture
def mcp_servers() -> McpServers:
    """No servers of tools, until some are added."""
    return make_servers()


@pytest.fixture
async def sharing() -> AsyncIterator[Sharing]:
    sharing = fake_sharing()
    yield sharing
    await sharing.close()


@pytest.fixture
def visitor() -> Visitor:
    """Who looks at the pages."""
    return Owner()


@pytest.fixture
async def context(
    registry: ConversationRegistry,
    storage: Storage,
    preferences: PreferencesStore,
    keys: ApiKeys,
    web: WebFetcher,
    mcp_servers: McpServers,
    sharing: Sharing,
    visitor: Visitor,
) -> AppContext:
    """What the pages are built from."""
    added = AddedServers([], store=storage.servers, keys=keys)
    choices = ModelCatalog(
        preferred=None,
        base_url=None,
        api_key=None,
        environment=keys.environment,
        model_preferences=lambda: preferences.current,
        added=lambda: added.servers,
        changes=(keys.changed, added.changed, preferences.changed),
    )
    return AppContext(
        conversations=registry,
        storage=storage,
        models=choices,
        preferences=preferences,
        keys=keys,
        added=added,
        mcp_servers=mcp_servers,
        library=await open_library(storage.assistants, storage.prompts),
        sharing=sharing,
        web=web,
        user=visitor.user if isinstance(visitor, Owner) else '',
    )


@pytest.fixture
async def person(context: AppContext, visitor: Visitor) -> AsyncIterator[User]:
    """Somebody with an empty browser."""
    pages = PageBuilder(context)
    async with user_simulation(root=lambda: pages.show(visitor)) as user:
        yield PatientUser(user.http_client)
        for client in list(Client.instances.values()):
            client.delete()  # else NiceGUI waits two seconds for those that were just being written to
    await context.images.close()


@pytest.fixture
def another(person: User) -> Callable[[], User]:
    """Makes further people who look at the same Parlour."""
    assert person
    return lambda: PatientUser(
        httpx.AsyncClient(transport=httpx.ASGITransport(core.app), base_url='http://test')
    )
