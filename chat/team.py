"""A node of a team: one process for many people, each of whom has what they alone have open."""

from collections.abc import Collection, MutableMapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from functools import partial
from typing import Any, Protocol

from fastapi import FastAPI
from nicegui import Client, ui
from nicegui import app as nicegui_app
from starlette.types import ASGIApp, Receive, Scope, Send

from chat.agent_config import AgentConfig
from chat.change_signal import ChangeSignal
from chat.context_building import SharedParts, build_context, build_shared
from chat.errors import StorageUnavailable
from chat.mounting import PERSONAL_PATHS, add_personal_routes, add_routes, make_app, mount_pages
from chat.people import People
from chat.server.instance import instance_routes
from chat.server.ready import ready_route
from chat.server.security.authentication import session_in, visitor_in
from chat.server.security.error_page import RequestRejected
from chat.server.security.pages import NON_PAGE_PATHS
from chat.server.security.request_head import HEAD_KEY, RequestHead
from chat.serving import Entrance, Serving
from chat.settings import Settings
from chat.sharing.access import Owner
from chat.sharing.lock import Lock
from chat.sharing.no_listener import NoListener
from chat.storage_opening import TeamStorage, open_team_storage
from chat.ui.app_context import AppContext
from chat.ui.page_builder import PageBuilder

NOT_SHARED = 'Chats of a team are not shared by links.'


class PersonalStorage(Protocol):
    """What is asked of the storage of one person besides what a `Storage` is for."""

    @property
    def is_answering(self) -> bool:
        """Whether something was said here that is not stored yet."""
        ...


@dataclass(frozen=True)
class Member:
    """What one person has open here."""

    context: AppContext
    pages: PageBuilder
    routes: ASGIApp
    """Serves what they have, and nothing of anybody else."""
    storage: PersonalStorage

    @property
    def is_busy(self) -> bool:
        return self.context.is_busy or self.storage.is_answering

    async def shutdown(self) -> None:
        await self.context.shutdown()


async def serve_team(
    app: FastAPI,
    settings: Settings,
    entrance: Entrance,
    stack: AsyncExitStack,
    agent_config: AgentConfig | None,
) -> Serving:
    """Have an app serve everybody who has signed in; the stack closes what that takes.

    Raises:
        StartFailed: If the database cannot be used.
    """
    from chat.server.metrics import metrics_route  # here: its packages are those of a team

    add_routes(app, instance_routes(entrance.running, entrance.launcher.raise_window))
    storage = await open_team_storage(settings, stack)
    shared = await build_shared(settings, storage.shared, stack, agent_config)
    team = Team(storage, shared, admins=settings.admins)
    stack.push_async_callback(team.people.close)
    await shared.start(stack)
    node = storage.node
    add_routes(app, ready_route(lambda: not node.is_leaving))
    node.poller.on_wanted = team.visit
    add_routes(app, metrics_route(node.database.metrics.registry, team, node.name))
    return Serving(
        app=team.mount(app),
        shared=shared,
        first_page=team.first_page,
        shutdown=team.people.shutdown,
        leave=partial(node.drain, settings.drain),
    )


class Team:
    """The people who use this node."""

    def __init__(self, storage: TeamStorage, shared: SharedParts, *, admins: Collection[str] = ()) -> None:
        self.first_page = ChangeSignal()
        """Notified when a page is connected."""
        self.shared = shared
        self.people = People(self._open)
        self._storage = storage
        self._admins = frozenset(admins)

    @property
    def people_count(self) -> int:
        """How many have something open."""
        return len(self.people.here)

    @property
    def run_count(self) -> int:
        """How many answers are being given here."""
        return sum(len(member.context.conversations.answering) for member in self.people.here.values())

    async def _open(self, user: str, stack: AsyncExitStack) -> Member:
        storage = await self._storage.open(user, stack)
        network = NoListener(NOT_SHARED)
        administration = self._storage.administration if user in self._admins else None
        context = await build_context(
            self.shared, storage, network, stack, Lock(), user=user, administration=administration
        )
        routes = make_app()
        add_personal_routes(routes, context)
        return Member(context, PageBuilder(context), routes, storage)

    async def visit(self, user: str) -> None:
        """Open what somebody has for whom another node has left something to do; it closes by itself."""
        async with self.people.visit(user):
            pass

    def mount(self, app: FastAPI) -> ASGIApp:
        """Add the pages to an app; return what has to be asked in its place."""
        mount_pages(app, self._show)
        nicegui_app.on_connect(self._tell)  # pyright: ignore[reportUnknownMemberType]  # its handlers are not typed
        nicegui_app.on_disconnect(self._tell)  # pyright: ignore[reportUnknownMemberType]  # as above
        return PersonalRoutes(app, self.people)

    def _show(self, scope: MutableMapping[str, Any]) -> None:
        """Build a page, and have what its person has stay open until it is deleted."""
        user = user_in(scope)
        member, leave = self.people.stay(user)
        ui.context.client.on_delete(leave)  # pyright: ignore[reportUnknownMemberType]  # its handlers are not typed
        member.pages.show(visitor_in(scope))

    def _tell(self, client: Client) -> None:
        """Tell those who look that a browser of theirs has come, or is away."""
        self.first_page.notify()
        if member := self.people.here.get(user_in(client.request.scope)):
            member.context.presence.changed.notify_soon()


class PersonalRoutes:
    """Has each request find open what its person has: their pages and their routes, and no others."""

    def __init__(self, app: ASGIApp, people: People[Member]) -> None:
        self.app = app
        self._people = people

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        user = user_in(scope) if scope['type'] == 'http' else ''
        head: RequestHead | None = scope.get(HEAD_KEY)
        is_personal = head is not None and head.path.startswith(PERSONAL_PATHS)
        if not user or head is None or (head.path.startswith(NON_PAGE_PATHS) and not is_personal):
            await self.app(scope, receive, send)
            return
        try:
            async with self._people.visit(user) as member:
                await (member.routes if is_personal else self.app)(scope, receive, send)
        except StorageUnavailable as error:
            raise RequestRejected(503, str(error), title='Try again') from error


def user_in(scope: MutableMapping[str, Any]) -> str:
    """Return the name of the person who sends a request; '' if nobody has to."""
    visitor = session_in(scope).visitor
    return visitor.user if isinstance(visitor, Owner) else ''
