"""What NiceGUI 3.18 does not offer, in one place: its private members, and what is changed in it.

Each entry says what it does, why, and when it can go. `tests/ui/test_nicegui_compat.py` has a test for each
that fails as soon as NiceGUI does it itself. No other module may name a private member of NiceGUI.
"""

import asyncio
import logging
import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Iterable
from functools import lru_cache
from types import MethodType
from typing import Any, Protocol, TypeAlias, cast
from weakref import WeakKeyDictionary

from jinja2 import BaseLoader, Environment
from nicegui import Client, app, helpers, ui
from nicegui import client as client_module
from nicegui.client import templates
from nicegui.dependencies import generate_resources
from nicegui.element import Element
from nicegui.json import dumps

from chat.nicegui_compat.delivery import deliver_without_tasks
from chat.nicegui_compat.small_elements import make_elements_small
from chat.nicegui_compat.sockets import set_ping_interval

log = logging.getLogger(__name__)

RECONNECT_TIMEOUT = 120
"""Seconds after which a page that lost its connection is forgotten; coming back later, it loads anew."""

MAX_REPLAYED_MESSAGES = 5000
"""Messages kept to be sent again after an outage: more than an answer sends in `RECONNECT_TIMEOUT`."""

Handler: TypeAlias = Callable[..., Any]

_installed: list[bool] = []


def install() -> None:
    """Change what needs no more than NiceGUI itself; to do so again changes nothing."""
    if not _installed:
        _installed.append(True)
        app.on_startup(set_ping_interval)  # pyright: ignore[reportUnknownMemberType]  # its handlers are not typed
        helpers.expects_arguments = expects_arguments
        deliver_without_tasks()
        make_elements_small()


# --- Pages -------------------------------------------------------------------------------------------------


EARLY_PAGE_ID = 'early-page'
"""The id of what a page shows before it runs. Where it is, the scripts of NiceGUI's page do not start."""


def add_nonce_to_templates(nonce: str) -> None:
    """Have the script tags of NiceGUI's page say a nonce, a Jinja expression; to do so again changes nothing.

    NiceGUI has none. Only the tags of its template get it, not those that a page adds to it. Can go when
    NiceGUI takes a nonce.

    A page in which there is something to be seen before it runs starts its scripts itself: they are loaded,
    but are of the type "later". Can go when NiceGUI paints something before it runs.
    """

    def change(source: str) -> str:
        waiting = DEFERRED_SCRIPT.sub(WAITING_SCRIPT, source).replace(
            '<script type="module">', WAITING_MODULE
        )
        return waiting.replace('<script', f'<script nonce="{{{{ {nonce} }}}}"')

    _change_template('nonce', change)


def deliver_styles_together(url: str) -> None:
    """Have NiceGUI's page import `nicegui_styles` from a URL in place of its own; twice is as once.

    Args:
        url: Where they are, without the prefix of the page.
    """
    imported = f'@import url("{{{{ prefix | safe }}}}{url}");'
    _change_template(
        'styles', lambda source: STYLE_IMPORT.sub('', STYLE_IMPORT.sub(imported, source, count=1))
    )


def _change_template(name: str, change: Callable[[str], str]) -> None:
    environment = templates.env
    if environment.loader and name not in _template_changes:
        _template_changes.add(name)
        environment.loader = ChangedLoader(environment.loader, change)


_template_changes = set[str]()


class ChangedLoader(BaseLoader):
    """Wraps a template loader, and changes what it gives."""

    def __init__(self, loader: BaseLoader, change: Callable[[str], str]) -> None:
        self._loader = loader
        self._change = change

    def get_source(
        self, environment: Environment, template: str
    ) -> tuple[str, str | None, Callable[[], bool] | None]:
        source, path, is_current = self._loader.get_source(environment, template)
        return self._change(source), path, is_current


HAS_EARLY_PAGE = f"""'id="{EARLY_PAGE_ID}"' in body_html"""

DEFERRED_SCRIPT = re.compile(r'<script defer src="([^"]*)"></script>')

WAITING_SCRIPT = (
    rf'{{% if {HAS_EARLY_PAGE} %}}<link rel="preload" as="script" href="\1">'
    r'<script type="later" src="\1"></script>'
    r'{% else %}<script defer src="\1"></script>{% endif %}'
)

WAITING_MODULE = f'<script type="{{{{ "later" if {HAS_EARLY_PAGE} else "module" }}}}">'

STYLE_IMPORT = re.compile(r'@import url\("[^"]*"\) layer\(\w+\);')


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
    router.current_path, router.is_initial_request = path, False
    shown._set_match(shown._find_matching_path())  # noqa: SLF001
    shown._rendered_path = path  # noqa: SLF001
    state = dumps(path)
    pages.client.run_javascript(f'history.pushState({{page: {state}}}, "", (path_prefix || "") + {state})')


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


class Cancellable(Protocol):
    """What goes on for an element, such as a task."""

    def cancel(self) -> object: ...


def cancel_on_deletion(element: Element, work: Cancellable) -> None:
    """Have something end with an element, of whatever kind; see `DeletionHook`."""
    under_way = _under_way.setdefault(element, [])
    under_way.append(work)
    if isinstance(work, asyncio.Task):
        task = cast(asyncio.Task[Any], work)
        task.add_done_callback(under_way.remove)


def _cancel_and_delete(self: Element) -> None:
    for work in _under_way.pop(self, []).copy():
        work.cancel()
    _delete(self)


_under_way = WeakKeyDictionary[Element, list[Cancellable]]()
_delete = Element._handle_delete  # noqa: SLF001  # pyright: ignore[reportPrivateUsage]
Element._handle_delete = _cancel_and_delete  # noqa: SLF001  # pyright: ignore[reportPrivateUsage]


class ContentHook(ui.markdown, ABC):
    """A `ui.markdown` that leaves it to its children how content is shown.

    NiceGUI renders all of it at once, and tells nobody before it sends an element; and the first one of a
    process waits for styles of code that nobody sees here. Can go when `ui.markdown` takes another renderer
    that may send parts.
    """

    @abstractmethod
    def show_content(self, content: str) -> None:
        """Show content that was set."""

    @abstractmethod
    def set_initial_props(self) -> None:
        """Set the properties with which it is sent as a whole, which is about to happen."""

    def _handle_content_change(self, content: str) -> None:
        self.show_content(content)

    @staticmethod
    def _generate_codehilite_css() -> str:  # pyright: ignore[reportIncompatibleVariableOverride]  # that is cached
        return ''

    def _to_dict(self) -> dict[str, Any]:
        with self.props.suspend_updates():
            self.set_initial_props()
        return super()._to_dict()


# --- Modules of the browser --------------------------------------------------------------------------------


def deliver_components_together(names: Collection[str], import_name: str, url: str) -> None:
    """Have every page load these components from one module, which exports `components` by their tags.

    The module also exports `beforeMount`, which is given the app of Vue, and may take several turns.

    NiceGUI has a page ask for the module of each component, and later for each that it did not begin with;
    for DOMPurify only when it runs. Called again, another module takes the place of the one before. Can go
    when it takes a module of several.

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
            f'import {{ beforeMount, components }} from "{import_name}";',
            'Object.entries(components).forEach(([tag, component]) => app.component(tag, component));',
            'await beforeMount(app);',
        ]
        preloaded += [imports['dompurify'], prefix + url]
        return *styles, {**imports, import_name: prefix + url}, scripts, preloaded

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
