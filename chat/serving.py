"""Serving: what answers requests, and what goes on beside that; and the guard in front of it."""

from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Any

from fastapi import FastAPI
from starlette.types import ASGIApp

from chat.agent_config import AgentConfig
from chat.change_signal import ChangeSignal
from chat.context_building import SharedParts, build_context, build_shared
from chat.mounting import mount_routes
from chat.server.instance import RunningInstance
from chat.server.launcher import Launcher
from chat.server.security.authentication import owner_authenticator
from chat.server.security.proxy_authentication import ProxyAuthenticator
from chat.settings import Settings
from chat.sharing.lock import Lock
from chat.sharing.sharing import NetworkListener, Sharing
from chat.started_tasks import start_task
from chat.storage import Storage
from chat.warm_up import warm_up

SOCKET_LIFETIME = 12 * 3600
"""Seconds after which a socket of a team's user ends: its page comes back through the proxy, which asks again
who it is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entrance:
    """How the owner of a Parlour comes in, and on the network their guests."""

    running: RunningInstance
    launcher: Launcher
    network: NetworkListener
    lock: Lock


@dataclass(frozen=True, kw_only=True)
class Serving:
    """What answers requests that were let in, and what has to be started and ended with it."""

    app: ASGIApp
    shared: SharedParts
    first_page: ChangeSignal
    """Tells when the first page is connected."""
    shutdown: Callable[[], Awaitable[None]]
    """Ends what is under way, while pages are still connected; twice does no harm."""
    sharing: Sharing | None = None
    leave: Callable[[], Awaitable[None]] | None = None
    """Lets what is answered end after SIGTERM, or leaves it to other nodes; `None` if all ends at once."""

    def start(self, stack: AsyncExitStack, *, on_imported: Callable[[], None] = lambda: None) -> None:
        """Begin what goes on beside the pages; the stack ends it. `on_imported` is as in `warm_up`."""
        shared, agent = self.shared, self.shared.agents.first.ref
        warming = warm_up(self.first_page, shared.models, agent, on_imported=on_imported)
        start_task(warming, 'warm up', stack)
        start_task(shared.mcp_servers.open(self.first_page), 'connect MCP servers', stack)


async def serve_one(
    app: FastAPI,
    settings: Settings,
    storage: Storage,
    entrance: Entrance,
    stack: AsyncExitStack,
    agent_config: AgentConfig | None,
) -> Serving:
    """Have an app serve one person and their guests; the stack closes what that takes."""
    shared = await build_shared(settings, storage, stack, agent_config)
    context = await build_context(shared, storage, entrance.network, stack, entrance.lock)
    await shared.start(stack)
    first_page = ChangeSignal()
    mount_routes(app, context, entrance.running, entrance.launcher, first_page)
    return Serving(
        app=app,
        shared=shared,
        first_page=first_page,
        shutdown=context.shutdown,
        sharing=context.sharing,
    )


def guard_options(
    settings: Settings, *, host: str | None = None, port: int | None = None, token: str, lock: Lock
) -> dict[str, Any]:
    """Return by what `SecurityMiddleware` knows who sends a request, and from where.

    Host and port are those of the listener; `None` if it is another app's.
    """
    if proxy := settings.sign_in_proxy:
        return {'authenticator': ProxyAuthenticator(proxy), 'socket_lifetime': SOCKET_LIFETIME}
    user = settings.user_name if settings.database else ''
    return {'authenticator': owner_authenticator(host, port, token, user), 'lock': lock}
