"""Which routes an app has: our own, and NiceGUI's below them."""

from collections.abc import Callable, MutableMapping
from functools import partial
from typing import Any

from fastapi import APIRouter, FastAPI, Request
from fastapi.responses import JSONResponse, Response
from nicegui import app as nicegui_app
from nicegui import ui
from starlette.types import Lifespan

from chat import nicegui_compat
from chat.change_signal import ChangeSignal
from chat.server.api import chat_routes
from chat.server.compression import CompressOnce
from chat.server.exchange import exchange_routes
from chat.server.files import can_view_by_conversation, file_routes
from chat.server.instance import RunningInstance, instance_routes
from chat.server.launcher import Launcher
from chat.server.printing import print_route
from chat.server.security.authentication import visitor_in
from chat.server.security.csp import sign_templates
from chat.server.security.pages import NON_PAGE_PATHS, PageMemory
from chat.server.security.request_head import HEAD_KEY, RequestHead
from chat.server.security.websocket import authorize_socket_events
from chat.startup_imports import without
from chat.ui.app_context import AppContext
from chat.ui.page_builder import PageBuilder
from chat.ui.theme import ICON, UNCHANGING_PATHS, VIEWPORT, install_assets

PERSONAL_PATHS = ('/chat/', '/export/', '/files/', '/import/', '/print/')
"""Path prefixes of what `add_personal_routes` adds."""


_build_page: Any = nicegui_app.exception_handlers[404]
"""How NiceGUI answers what it does not find: since it has no other routes for pages, by one."""


def make_app(lifespan: Lifespan[FastAPI] | None = None) -> FastAPI:
    """Return an app without any route, also none of FastAPI's own."""
    return FastAPI(docs_url=None, redoc_url=None, openapi_url=None, lifespan=lifespan)


def secure_nicegui() -> None:
    """Check scripts and events of NiceGUI from now on; call this once, after it has its routes."""
    sign_templates()
    authorize_socket_events()


def mount_routes(
    app: FastAPI,
    context: AppContext,
    running: RunningInstance,
    launcher: Launcher,
    first_page: ChangeSignal,
    memory: PageMemory | None = None,
) -> None:
    """Add all routes of a Parlour of one's own to an app; `first_page` is told when a page is connected.

    `memory` collects what closed pages leave; without it that waits for its usual quiet time.
    """
    pages = PageBuilder(context)
    with without('pydantic.v1'):  # of which FastAPI asks whether a parameter is one
        add_routes(app, instance_routes(running, launcher.raise_window))
        add_personal_routes(app, context)
        mount_pages(app, lambda scope: pages.show(visitor_in(scope)), memory)
    pages.follow_connections(first_page)


def add_personal_routes(app: FastAPI, context: AppContext) -> None:
    """Add the routes that serve what one person has."""
    chats = context.conversations
    add_routes(app, chat_routes(chats))
    add_routes(app, print_route(chats))
    add_routes(app, exchange_routes(lambda each: context.exports.get(each), context.import_uploads))
    may_see = can_view_by_conversation(chats, context.uploads)
    add_routes(
        app, file_routes(context.attachments, context.uploads, may_see, chats.temporary, chats.documents)
    )


def add_routes(app: FastAPI, router: APIRouter) -> None:
    """Add routes as they are.

    `include_router` of FastAPI 0.165 has each built once more for the first request, which takes 30 ms.
    """
    app.router.routes.extend(router.routes)


def mount_pages(
    app: FastAPI, show: Callable[[MutableMapping[str, Any]], None], memory: PageMemory | None = None
) -> None:
    """Add the pages to an app; `show` builds the one that is asked for, given the scope of the request.

    `memory` is as of `mount_routes`.
    """
    install_assets()
    nicegui_compat.install()
    memory = memory or PageMemory()
    nicegui_app.add_exception_handler(404, _page_if_it_is_one)
    nicegui_app.on_connect(memory.leave_out_many)  # pyright: ignore[reportUnknownMemberType]  # its handlers are not typed
    nicegui_app.on_delete(memory.collect_soon)  # pyright: ignore[reportUnknownMemberType]  # nor these
    ui.run_with(  # pyright: ignore[reportUnknownMemberType]  # its middleware argument is not typed
        app,
        root=lambda: show(ui.context.client.request.scope),
        title='Parlour',
        viewport=VIEWPORT,
        favicon=ICON,
        dark=None,
        tailwind=False,
        reconnect_timeout=nicegui_compat.RECONNECT_TIMEOUT,
        message_history_length=nicegui_compat.MAX_REPLAYED_MESSAGES,
        binding_refresh_interval=None,  # nothing here is bound by polling
        show_welcome_message=False,
        gzip_middleware_factory=partial(CompressOnce, unchanging=UNCHANGING_PATHS),
    )


async def _page_if_it_is_one(request: Request, error: Exception) -> Response:
    """Build a page for no path of anything else: these may be asked for by who may see no page."""
    head: RequestHead | None = request.scope.get(HEAD_KEY)
    if (head.path if head else request.url.path).startswith(NON_PAGE_PATHS):
        return JSONResponse({'detail': 'Not found.'}, 404)
    return await _build_page(request, error)
