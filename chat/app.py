"""Build all parts, pass each to those that use it, start and stop them."""

import asyncio
import gc
import logging
import os
import webbrowser
from collections.abc import Coroutine
from contextlib import AsyncExitStack
from pathlib import Path

from fastapi import FastAPI
from nicegui import app as nicegui_app
from nicegui import ui
from starlette.types import Lifespan

from chat import nicegui_compat
from chat.agent.added_servers import AddedServers
from chat.agent.agent_loader import export_keys, load_agents, with_deps
from chat.agent.api_keys import ApiKeys
from chat.agent.mcp.servers import McpServers
from chat.agent.mcp.servers_file import read_servers_files
from chat.agent.model_catalog import ModelCatalog
from chat.agent.telemetry import start_telemetry
from chat.agent_config import AgentConfig, AgentRoster
from chat.agent_names import BUILT_IN
from chat.conversation.chat_settings import PreferencesStore
from chat.conversation.library import Shelf, open_library
from chat.conversation.usage_ledger import UsageLedger
from chat.process_claim import claim_process, released_on_failure
from chat.redaction import SecretRedactor, passwords_in, redact_logs
from chat.server.api import chat_routes
from chat.server.connections import raise_file_limit
from chat.server.exchange import exchange_routes
from chat.server.files import can_view_by_conversation, file_routes
from chat.server.instance import Instance, RunningInstance, instance_routes
from chat.server.lan_listener import LanListener
from chat.server.launcher import DesktopWindow, Launcher, print_line
from chat.server.listener import AcceptErrorLog, Listener, bind_socket, port_of_socket, url_of_socket
from chat.server.printing import print_route
from chat.server.security.authentication import owner_authenticator, visitor_in
from chat.server.security.csp import sign_templates
from chat.server.security.middleware import SecurityMiddleware
from chat.server.security.pages import PageMemory
from chat.server.security.websocket import authorize_socket_events
from chat.server.sharing_cli import start_sharing
from chat.server.tls import configured_certificate
from chat.settings import Settings
from chat.sharing.access import new_secret
from chat.sharing.invites import InviteRegistry
from chat.sharing.lock import Lock
from chat.sharing.sharing import NetworkListener, Sharing
from chat.storage import Storage
from chat.storage_opening import metrics_routes, open_registry, open_storage
from chat.ui.app_context import AppContext
from chat.ui.page_builder import PageBuilder
from chat.ui.theme import ICON, VIEWPORT, install_assets
from chat.warm_up import warm_up

log = logging.getLogger(__name__)
KEYRING_START_TIMEOUT = 3
"""Seconds that a start waits for saved keys; those in a locked keyring come once it is unlocked."""


def run(settings: Settings, agent_config: AgentConfig | None = None) -> int:
    """Serve until a signal comes, or open the instance that serves the same folder; return the exit code.

    Without a config the agents of the settings answer.

    Raises:
        StartFailed: If the data folder or the port cannot be used.
    """
    settings.check_database()
    if settings.database:
        raise_file_limit()
        asyncio.run(listen(settings, None, agent_config))
        return 0
    instance = Instance(settings.data)
    if running := instance.claim():
        print_line(f'Parlour is running already: {running.url}')
        if not settings.no_browser and not (settings.native and running.raise_window()):
            webbrowser.open(running.address_to_open(settings.data))
        return 0
    raise_file_limit()
    try:
        asyncio.run(listen(settings, instance, agent_config))
    finally:
        instance.release()
    return 0


async def listen(
    settings: Settings, instance: Instance | None, agent_config: AgentConfig | None = None
) -> None:
    """Build the parts, serve them, and close them again, each after those that use it.

    Whoever has claimed a data folder gives it as `instance`, so that later starts find this one.
    """
    asyncio.get_running_loop().set_exception_handler(AcceptErrorLog().handle)
    claim = object()
    claim_process(claim)
    with released_on_failure(claim):
        certificate = configured_certificate(settings.ssl_cert, settings.ssl_key)
        listening = bind_socket(settings.host, settings.port)
    token = new_secret() if settings.launch_token else ''
    running = RunningInstance.now(url_of_socket(listening), token)
    app = make_app()
    lock = Lock()
    network = LanListener(app, port=port_of_socket(listening), certificate=certificate, lock=lock)
    async with AsyncExitStack() as stack:
        with released_on_failure(claim):
            storage = await open_storage(settings, stack)
            context = await build_context(settings, storage, network, stack, lock, agent_config)
        launcher = make_launcher(settings)
        stack.push_async_callback(launcher.close)
        mount_routes(app, context, running, launcher)
        secure_nicegui()

        def ready() -> None:
            gc.freeze()  # else each garbage collection goes through all modules, and holds up every page
            if instance:
                instance.announce(running)
            print_line(f'Parlour is ready: {running.entrance}')
            launcher.show(running, closed=listener.stop)
            start_task(
                warm_up(context.presence.changed, context.models, context.conversations.agents.first.ref),
                'warm up',
                stack,
            )
            start_task(context.connect_mcp_servers(), 'connect MCP servers', stack)
            if settings.share:
                start_task(start_sharing(context.sharing), 'share on the network', stack)

        authenticator = owner_authenticator(settings.host, port_of_socket(listening), token)
        guard = SecurityMiddleware(app, authenticator, lock=lock)
        listener = Listener(guard, listening, on_ready=ready, on_closing=context.shutdown)
        await listener.listen()


def make_app(lifespan: Lifespan[FastAPI] | None = None) -> FastAPI:
    """Return an app without any route, also none of FastAPI's own."""
    return FastAPI(docs_url=None, redoc_url=None, openapi_url=None, lifespan=lifespan)


def secure_nicegui() -> None:
    """Check scripts and events of NiceGUI from now on; call this once, after it has its routes."""
    sign_templates()
    authorize_socket_events()


async def build_context(
    settings: Settings,
    storage: Storage,
    network: NetworkListener,
    stack: AsyncExitStack,
    lock: Lock,
    agent_config: AgentConfig | None = None,
) -> AppContext:
    """Build what outlives every page; the stack closes it."""
    await lock.open(storage.lock)
    stack.push_async_callback(lock.close)
    folders = Shelf(await storage.folders.read(), storage.folders)
    preferences = PreferencesStore(await storage.preferences.read(), storage.preferences.write, folders)
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
    agents = agents.with_more(mcp_servers.tools_for, spans)
    models = make_model_catalog(settings, keys, preferences, added, agents)
    stack.push_async_callback(models.close)
    context = AppContext(
        conversations=open_registry(
            storage,
            stack,
            agents=agents,
            model_source=models,
            preferences=preferences,
            ledger=UsageLedger(await storage.usage.read(), storage.usage),
        ),
        storage=storage,
        models=models,
        preferences=preferences,
        keys=keys,
        added=added,
        mcp_servers=mcp_servers,
        library=await open_library(storage.assistants, storage.prompts),
        lock=lock,
        sharing=Sharing(
            InviteRegistry(await storage.invites.read()), network=network, invite_store=storage.invites
        ),
    )
    stack.push_async_callback(context.shutdown)
    await asyncio.to_thread(context.import_uploads.clean_up)
    await context.imports.recover()
    await asyncio.wait({reading}, timeout=KEYRING_START_TIMEOUT)
    start_task(models.refresh(), 'look for models', stack)
    start_task(context.retention.clean_up_daily(), 'move old chats to the trash', stack)
    return context


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


def start_task(work: Coroutine[None, None, None], name: str, stack: AsyncExitStack) -> asyncio.Task[None]:
    """Start a task that is cancelled when the app ends, which waits for its end."""
    task = asyncio.create_task(work, name=name)
    stack.push_async_callback(_end_task, task)
    return task


async def _end_task(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.wait([task])
    if not task.cancelled() and (error := task.exception()):
        log.error('%s has failed', task.get_name(), exc_info=error)


def make_launcher(settings: Settings) -> Launcher:
    """Return what shows Parlour where the owner wants to see it."""
    desktop = DesktopWindow(folder=settings.data, icon=ICON) if settings.native else None
    return Launcher(folder=settings.data, desktop=desktop, no_browser=settings.no_browser)


def make_model_catalog(
    settings: Settings, keys: ApiKeys, preferences: PreferencesStore, added: AddedServers, agents: AgentRoster
) -> ModelCatalog:
    """Return the catalog of the models that these settings, keys and servers offer."""
    return ModelCatalog(
        preferred=settings.model,
        base_url=str(settings.base_url) if settings.base_url else None,
        api_key=configured_api_key(settings),
        environment=keys.environment,
        model_preferences=lambda: preferences.current,
        added=lambda: added.servers,
        changes=(keys.changed, added.changed, preferences.changed),
        agent_models={one.model_name: model for one in agents.configs if (model := one.agent.model)},
    )


def configured_api_key(settings: Settings) -> str | None:
    """Return the key of the server at `--base-url`."""
    return settings.api_key.get_secret_value() if settings.api_key else None


def mount_routes(app: FastAPI, context: AppContext, running: RunningInstance, launcher: Launcher) -> None:
    """Add our own routes to an app, and NiceGUI's below them."""
    pages = PageBuilder(context)
    app.include_router(instance_routes(running, launcher.raise_window))
    app.include_router(chat_routes(context.conversations))
    app.include_router(print_route(context.conversations))
    app.include_router(exchange_routes(context.exports, context.import_uploads))
    chats = context.conversations
    app.include_router(metrics_routes(context.storage, lambda: [chats]))
    may_see = can_view_by_conversation(chats, context.uploads)
    app.include_router(
        file_routes(context.attachments, context.uploads, may_see, chats.temporary, chats.documents)
    )
    install_assets()
    nicegui_compat.install()
    pages.follow_connections()
    nicegui_app.on_delete(PageMemory().collect_soon)  # pyright: ignore[reportUnknownMemberType]  # its handlers are not typed
    ui.run_with(  # pyright: ignore[reportUnknownMemberType]  # its middleware argument is not typed
        app,
        root=lambda: pages.show(visitor_in(ui.context.client.request.scope)),
        title='Parlour',
        viewport=VIEWPORT,
        favicon=ICON,
        dark=None,
        tailwind=False,
        reconnect_timeout=nicegui_compat.RECONNECT_TIMEOUT,
        message_history_length=nicegui_compat.MAX_REPLAYED_MESSAGES,
        binding_refresh_interval=None,  # nothing here is bound by polling
        show_welcome_message=False,
    )
