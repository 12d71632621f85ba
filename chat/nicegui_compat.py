"""What NiceGUI 3.18 does not offer, in one place: its private members, and what is changed in it.

Each entry says what it does, why, and when it can go. `tests/ui/test_nicegui_compat.py` has a test for each
that fails as soon as NiceGUI does it itself. No other module may name a private member of NiceGUI.
"""

import asyncio
import inspect
import logging
import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Generator, Iterable, Mapping
from contextlib import contextmanager
from functools import lru_cache
from types import MethodType
from typing import Any, Protocol, TypeAlias, cast

from jinja2 import BaseLoader, Environment
from nicegui import Client, app, core, helpers, ui
from nicegui import client as client_module
from nicegui.client import templates
from nicegui.dependencies import generate_resources
from nicegui.element import Element
from nicegui.json import dumps
from socketio.exceptions import ConnectionRefusedError as Refusal  # pyright: ignore[reportMissingTypeStubs]

log = logging.getLogger(__name__)

RECONNECT_TIMEOUT = 120
"""Seconds after which a page that lost its connection is forgotten; coming back later, it loads anew."""

MAX_REPLAYED_MESSAGES = 5000
"""Messages kept to be sent again after an outage: more than an answer sends in `RECONNECT_TIMEOUT`."""

PING_INTERVAL = 8
"""Seconds from one sign of life to the next."""

PING_TIMEOUT = 12
"""Seconds until a sign of life that is not answered means that the connection is lost."""

CHECKED_EVENTS = ('handshake', 'event', 'javascript_response', 'ack', 'log')
"""All events of NiceGUI that name a page."""

MALFORMED_ERRORS = (AttributeError, KeyError, TypeError, ValueError)
"""Exceptions that NiceGUI raises for a malformed event; those of our own handlers are logged."""

Handler: TypeAlias = Callable[..., Any]

_installed: list[bool] = []
_original_handlers: dict[str, Handler] = {}


def install() -> None:
    """Change what needs no more than NiceGUI itself; to do so again changes nothing."""
    if not _installed:
        _installed.append(True)
        app.on_startup(_set_ping_interval)  # pyright: ignore[reportUnknownMemberType]  # its handlers are not typed
        helpers.expects_arguments = expects_arguments


# --- Signs of life -----------------------------------------------------------------------------------------


def _set_ping_interval() -> None:
    """Have signs of life sent often, though pages are waited for long.

    NiceGUI makes one depend on the other: to wait for two minutes would mean that a page notices only after
    more than two minutes that nothing comes any more. Can go when `ui.run_with` takes both.
    """
    server = _socket_server().eio
    server.ping_interval = PING_INTERVAL
    server.ping_timeout = PING_TIMEOUT


# --- Sockets -----------------------------------------------------------------------------------------------


class SocketServer(Protocol):
    """The part of python-socketio's server that is used here; it has no types."""

    eio: Any
    handlers: dict[str, dict[str, Handler]]

    def on(self, event: str, handler: Handler) -> object: ...

    def get_environ(self, sid: str) -> dict[str, Any] | None: ...


def check_sockets(
    may_connect: Callable[[Mapping[str, Any]], bool],
    may_send: Callable[[str, object, Mapping[str, Any]], bool],
) -> None:
    """Have every connection and event checked from now on; called again, other checks take their place.

    NiceGUI runs the handlers of any page that an event names, so knowing its id would grant access; and it
    logs a traceback for what it cannot read. Only websockets are let in: HTTP long polling would need the
    same checks again. Can go when NiceGUI asks us before it connects a socket and handles an event.

    Args:
        may_connect: Is given the environ of the connection.
        may_send: Is given the name of an event, its message and the environ of its connection.
    """
    app.config.socket_io_js_transports = ['websocket']
    sockets = _socket_server()
    sockets.eio.transports = ['websocket']
    sockets.eio.cors_allowed_origins = []
    for event in ('connect', *CHECKED_EVENTS):
        _original_handlers.setdefault(event, sockets.handlers['/'][event])
    sockets.on('connect', _checked_connect(may_connect))
    for event in CHECKED_EVENTS:
        sockets.on(event, _checked(event, may_send))


def _checked_connect(may_connect: Callable[[Mapping[str, Any]], bool]) -> Handler:
    connect = _original_handlers['connect']

    async def checked(socket_id: str, environ: dict[str, Any], auth: object = None) -> None:
        if not may_connect(environ):
            raise Refusal('Implicit handshake failed')  # the message at which NiceGUI's page reloads
        await connect(socket_id, environ, auth)

    return checked


def _checked(event: str, may_send: Callable[[str, object, Mapping[str, Any]], bool]) -> Handler:
    handler = _original_handlers[event]

    async def checked(socket_id: str, message: object = None, *_: object) -> object:
        environ = _socket_server().get_environ(socket_id)
        if not environ or not may_send(event, message, environ):
            return False
        try:
            result = handler(socket_id, message)
            return await result if inspect.isawaitable(result) else result
        except MALFORMED_ERRORS:
            log.debug('A socket sent a malformed %s', event)
            return False

    return checked


def _socket_server() -> SocketServer:
    return cast(SocketServer, core.sio)  # pyright: ignore[reportUnknownMemberType]  # it has no types


def event_type(client: Client, element_id: object, listener_id: object) -> str | None:
    """Return what a page calls an event that it sends to an element; `None` if nobody listens to it.

    NiceGUI gives listeners an id that only it can look up. Can go when events are checked by NiceGUI.
    """
    element: Any = client.elements.get(element_id) if isinstance(element_id, int) else None
    listener = element._event_listeners.get(str(listener_id)) if element else None  # noqa: SLF001
    return listener.type if listener else None


# --- Pages -------------------------------------------------------------------------------------------------


def add_nonce_to_templates(nonce: str) -> None:
    """Have the script tags of NiceGUI's page say a nonce, a Jinja expression; to do so again changes nothing.

    NiceGUI has none. Only the tags of its template get it, not those that a page adds to it. Its fonts are
    not linked: they take 310 KB for our icons. Can go when NiceGUI takes a nonce, and no fonts.
    """
    environment = templates.env
    if environment.loader and not isinstance(environment.loader, NonceLoader):
        environment.loader = NonceLoader(environment.loader, nonce)


class NonceLoader(BaseLoader):
    """Wraps a template loader, adds the nonce to script tags, and leaves out the fonts."""

    def __init__(self, loader: BaseLoader, nonce: str) -> None:
        self._loader = loader
        self._nonce = nonce

    def get_source(
        self, environment: Environment, template: str
    ) -> tuple[str, str | None, Callable[[], bool] | None]:
        source, path, is_current = self._loader.get_source(environment, template)
        source = FONTS_IMPORT.sub('', source)
        return source.replace('<script', f'<script nonce="{{{{ {self._nonce} }}}}"'), path, is_current


FONTS_IMPORT = re.compile(r'@import url\("[^"]*/fonts\.css"\)[^;]*;')


def is_left(page: Client) -> bool:
    """Return whether a page was connected, and is only kept for a reconnect."""
    return not page.has_socket_connection and bool(_deletions(page))


def forget(page: Client) -> None:
    """Delete a page that was left now, not when its time is over.

    NiceGUI keeps the tasks that wait for that to itself, and does not end them with the page: each would
    delete it a second time. Can go when a page can be told to be deleted at once.
    """
    for deletion in _deletions(page).values():
        deletion.cancel()
    page.delete()


def _deletions(page: Any) -> dict[str, asyncio.Task[None]]:
    return page._delete_tasks  # noqa: SLF001


def move_sub_page(pages: ui.sub_pages, path: str) -> None:
    """Give the page that is shown another address, which would show the same.

    NiceGUI builds it anew. Can go when a page can be told that it has an address now.
    """
    router: Any = pages.client.sub_pages_router
    shown: Any = pages
    router.current_path = path
    router.is_initial_request = False
    shown._set_match(shown._find_matching_path())  # noqa: SLF001
    shown._rendered_path = path  # noqa: SLF001
    page = dumps(path)
    pages.client.run_javascript(
        f'history.pushState({{page: {page}}}, "", (window.path_prefix || "") + {page})'
    )


# --- Elements ----------------------------------------------------------------------------------------------


class DeletionHook(Element, ABC):
    """A base of elements that have something to do when they are deleted, also with their whole page.

    NiceGUI has no event for that. Can go when there is one.
    """

    @abstractmethod
    def on_delete(self) -> None:
        """Do it."""

    def _handle_delete(self) -> None:
        self.on_delete()
        super()._handle_delete()


class ContentHook(ui.markdown, ABC):
    """A `ui.markdown` that leaves it to its children how content is shown.

    NiceGUI renders all of it at once, with its own renderer. Can go when `ui.markdown` takes another one that
    may send parts.
    """

    @abstractmethod
    def show_content(self, content: str) -> None:
        """Show content that was set."""

    def _handle_content_change(self, content: str) -> None:
        self.show_content(content)


# --- Modules of the browser --------------------------------------------------------------------------------


def deliver_components_together(names: Collection[str], import_name: str, url: str) -> None:
    """Have every page load these components from one module, which exports `components` by their tags.

    NiceGUI has a page ask for the module of each component, and later for each that it did not begin with.
    Called again, another module takes the place of the one before. Can go when it takes a module of several.

    Args:
        names: What NiceGUI calls the components.
        import_name: What the module is called in imports.
        url: Where it is, without the prefix of the page.
    """

    def resources(prefix: str, elements: Iterable[Element]) -> tuple[Any, ...]:
        shown = list(elements)
        others = (one for one in shown if one.component is None or one.component.name not in names)
        *styles, imports, scripts, preloaded = generate_resources(prefix, others)
        for outbox in {one.client.outbox for one in shown}:
            outbox._loaded_components.update(names)  # noqa: SLF001  # pyright: ignore[reportPrivateUsage]
        scripts += [
            f'import {{ components }} from "{import_name}";',
            'Object.entries(components).forEach(([tag, component]) => app.component(tag, component));',
        ]
        return *styles, {**imports, import_name: prefix + url}, scripts, [*preloaded, prefix + url]

    client_module.generate_resources = resources  # pyright: ignore[reportPrivateImportUsage]


# --- What handlers take ------------------------------------------------------------------------------------


_read_signature = cast(Handler, helpers.expects_arguments)  # pyright: ignore[reportUnknownMemberType]  # not typed


def expects_arguments(handler: Handler) -> bool:
    """Return whether a handler must be given an argument, without reading the signature of a method again.

    NiceGUI asks that of the same three methods for each element that it makes, which is a sixth of what a
    page costs. Can go when NiceGUI asks once.
    """
    if isinstance(handler, MethodType):
        return _method_expects_arguments(handler.__func__)
    return _read_signature(handler)


@lru_cache(maxsize=256)
def _method_expects_arguments(function: Handler) -> bool:
    return _read_signature(MethodType(function, object()))


# --- One app in a process ----------------------------------------------------------------------------------


_claims: list[object] = []
"""Who has the one app of this process, if anybody has."""


def claim_process(claim: object) -> None:
    """Claim NiceGUI, which can have one app in a process, for the app that is being made.

    Raises:
        RuntimeError: If another one has it.
    """
    if _claims not in ([], [claim]):
        raise RuntimeError(
            'There is a Parlour in this process already, and there can be one: start a process for each.'
        )
    _claims[:] = [claim]


@contextmanager
def released_on_failure(claim: object) -> Generator[None]:
    """Let another app be made if the block fails, in which NiceGUI is not used yet."""
    try:
        yield
    except BaseException:
        if _claims == [claim]:
            _claims.clear()
        raise
