"""Build all parts, pass each to those that use it, start and stop them."""

import asyncio
import gc
from contextlib import AsyncExitStack

from fastapi import FastAPI

from chat.agent_config import AgentConfig
from chat.mounting import make_app, secure_nicegui
from chat.process_claim import claim_process, released_on_failure
from chat.server.connections import (
    FairHTTPProtocol,
    UnauthenticatedConnections,
    limited_protocol,
    raise_file_limit,
)
from chat.server.instance import Instance, RunningInstance
from chat.server.lan_listener import LanListener
from chat.server.launcher import DesktopWindow, Launcher, open_browser, print_line
from chat.server.listener import Listener, bind_socket, port_of_socket, url_of_socket
from chat.server.loop_errors import LoopErrorHandler
from chat.server.security.middleware import SecurityMiddleware
from chat.server.sharing_cli import start_sharing
from chat.server.tls import configured_certificate
from chat.serving import Entrance, Serving, guard_options, serve_one
from chat.settings import Settings
from chat.sharing.access import new_secret
from chat.sharing.lock import Lock
from chat.started_tasks import start_task
from chat.storage_opening import open_storage
from chat.ui.theme import ICON


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
            open_browser(running, settings.data)
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
    asyncio.get_running_loop().set_exception_handler(LoopErrorHandler().handle)
    claim_process(claim := object())
    with released_on_failure(claim):
        certificate = configured_certificate(settings.ssl_cert, settings.ssl_key)
        listening = bind_socket(settings.host, settings.port)
    token = new_secret() if settings.launch_token else ''
    running = RunningInstance.now(url_of_socket(listening), token)
    app, lock, port, launcher = make_app(), Lock(), port_of_socket(listening), make_launcher(settings)
    network = LanListener(app, port=port, certificate=certificate, lock=lock)
    entrance = Entrance(running=running, launcher=launcher, network=network, lock=lock)
    async with AsyncExitStack() as stack:
        with released_on_failure(claim):
            serving = await _serve(app, settings, entrance, stack, agent_config)
        stack.push_async_callback(launcher.close)
        secure_nicegui()

        def ready() -> None:
            gc.freeze()  # else each garbage collection goes through all modules, and holds up every page
            if instance:
                instance.announce(running)
            print_line(f'Parlour is ready: {running.entrance}')
            launcher.show(running, closed=listener.stop)
            serving.start(stack, on_imported=gc.freeze)  # for the same reason
            if settings.share and serving.sharing:
                start_task(start_sharing(serving.sharing), 'share on the network', stack)

        options = guard_options(settings, host=settings.host, port=port, token=token, lock=lock)
        guard = SecurityMiddleware(serving.app, **options)
        listener = Listener(
            guard,
            listening,
            on_ready=ready,
            on_closing=serving.shutdown,
            leave=serving.leave,
            http=protocol_for(settings),
        )
        await listener.listen()


async def _serve(
    app: FastAPI,
    settings: Settings,
    entrance: Entrance,
    stack: AsyncExitStack,
    agent_config: AgentConfig | None,
) -> Serving:
    """Have the app serve a team if there is a database, else one person and their guests."""
    if settings.database:
        from chat.team import serve_team  # here, since few have one

        return await serve_team(app, settings, entrance, stack, agent_config)
    storage = await open_storage(settings, stack)
    return await serve_one(app, settings, storage, entrance, stack, agent_config)


def protocol_for(settings: Settings) -> type[FairHTTPProtocol]:
    """Return the protocol of connections: behind a proxy, those of others are few and short."""
    if proxy := settings.sign_in_proxy:
        return limited_protocol(UnauthenticatedConnections(proxy.is_at))
    return FairHTTPProtocol


def make_launcher(settings: Settings) -> Launcher:
    """Return what shows Parlour where the owner wants to see it; a node of a team has its proxy elsewhere."""
    desktop = DesktopWindow(folder=settings.data, icon=ICON) if settings.native else None
    shows_nothing = settings.no_browser or settings.sign_in_proxy is not None
    return Launcher(folder=settings.data, desktop=desktop, no_browser=shows_nothing)
