"""A blank page with our scripts and styles, on which one component is shown without a server behind it."""

import mimetypes
import re
from collections.abc import Mapping
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any, Self

import nicegui
from playwright.async_api import Page

from chat.ui.javascript import COMPONENTS, JS, THEME_SCRIPT
from chat.ui.theme import STYLE_NAMES, page_metadata

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
FOLDERS = {
    '/modules/': JS,
    '/assets/': ROOT / 'assets',
    '/nicegui/': Path(nicegui.__file__).parent / 'static',
    '/': HERE,
}
"""What is below each address."""

HEAD = '\n'.join(
    [
        *page_metadata(),
        f'<script src="/modules/{THEME_SCRIPT}"></script>',
        '<script type="module" src="/modules/index.js"></script>',
        *(f'<link rel="stylesheet" href="/assets/styles/{name}.css">' for name in STYLE_NAMES),
    ]
)
"""What the head of a page has, but each file by itself: a test may use any module."""

FORGET_PROPERTY = """async ([style, name]) => {
    const link = document.querySelector(`link[href$="/${style}.css"]`);
    const text = await (await fetch(link.href)).text();
    const changed = Object.assign(document.createElement("style"), {
        textContent: text.replace(new RegExp(`(?<!-)${name}(?=:)`, "g"), "no-such-property"),
    });
    link.replaceWith(changed);
}"""

EXPORT = re.compile(r'^export (?:async )?(?:function|const|class) (\w+)', re.MULTILINE)
"""Finds the names of what a module exports."""


class StageServer:
    """Serves the page and what it loads."""

    def __init__(self) -> None:
        self._server = ThreadingHTTPServer(('127.0.0.1', 0), _Handler)
        self.url = f'http://127.0.0.1:{self._server.server_port}'

    def __enter__(self) -> Self:
        Thread(target=self._server.serve_forever, kwargs={'poll_interval': 0.05}, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = 'HTTP/1.1'

    def do_GET(self) -> None:
        path = self.path.partition('?')[0]
        if path == '/':
            page = (HERE / 'stage.html').read_text().replace('HEAD', HEAD)
            self._answer(page.encode(), 'text/html; charset=utf-8', 'no-store')
            return
        address = next(each for each in FOLDERS if path.startswith(each))
        file = FOLDERS[address] / path.removeprefix(address)
        if file.is_file():
            self._answer(file.read_bytes(), mimetypes.guess_type(file)[0] or '', 'max-age=3600, immutable')
        else:
            self.send_error(HTTPStatus.NOT_FOUND)

    def _answer(self, body: bytes, kind: str, caching: str) -> None:
        self.send_response(HTTPStatus.OK)
        self.send_header('Content-Type', kind)
        self.send_header('Content-Length', str(len(body)))
        self.send_header('Cache-Control', caching)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the name is the library's
        """Say nothing."""


class Mounted:
    """One component on the stage, from the side of the server."""

    def __init__(self, page: Page, number: int) -> None:
        self._page = page
        self.number = number

    async def emitted(self, name: str, count: int = 0) -> list[list[Any]]:
        """Wait until this was said so many times; return what was said with it, each time a list."""
        look = f'() => stage.told({self.number}, "{name}").length >= {count}'
        if count:
            await self._page.wait_for_function(look)
        return await self._page.evaluate(f'stage.told({self.number}, "{name}")')

    async def call(self, method: str, *args: object) -> Any:
        """Run a method of the component, as the server does."""
        return await self._page.evaluate(
            '([number, name, args]) => stage.call(number, name, args)', [self.number, method, args]
        )

    async def change(self, **props: object) -> None:
        """Give it other properties, and wait until they are shown."""
        await self._page.evaluate('([number, props]) => stage.change(number, props)', [self.number, props])

    async def remove(self) -> None:
        await self._page.evaluate(f'stage.remove({self.number})')


class Stage:
    """The page. It is the same for all tests of a worker, and loaded anew for each."""

    def __init__(self, page: Page, url: str) -> None:
        self.page = page
        self._url = url

    async def clear(self) -> None:
        """Begin anew, with nothing in the page and nothing in the storage of the browser."""
        await self.page.goto(f'{self._url}/?fresh')

    async def reload(self) -> None:
        """Load the page anew, as a person does: what the browser has stored stays."""
        await self.page.goto(f'{self._url}/')

    async def show(self, html: str) -> None:
        """Put what a component has around it on the stage."""
        await self.page.evaluate('(html) => (document.querySelector("#stage").innerHTML = html)', html)

    async def forget_property(self, style: str, name: str) -> None:
        """Have the page read one of our styles as a browser does that does not know this property."""
        await self.page.evaluate(FORGET_PROPERTY, [style, name])

    async def mount(
        self, name: str, props: Mapping[str, object] | None = None, *, inside: str = '#stage', slot: str = ''
    ) -> Mounted:
        """Show a component; `name` is that of its file, `slot` is HTML."""
        module = f'parlour/{COMPONENTS.name}/{name}.js'
        number = await self.page.evaluate(
            '([module, props, inside, slot]) => stage.mount(module, props, inside, slot)',
            [module, dict(props or {}), inside, slot],
        )
        return Mounted(self.page, number)

    async def use(self, module: str, code: str) -> Any:
        """Run code that has what a module exports by name; return what it returns, as JSON.

        For example `use('menu', 'openMenu(button, "Menu", items)')`.
        """
        names = '{ ' + ', '.join(sorted(set(EXPORT.findall((JS / f'{module}.js').read_text())))) + ' }'
        return await self.page.evaluate(
            f'async () => {{ const {names} = await import("parlour/{module}.js"); return {code}; }}'
        )

    async def connect(self, *, connected: bool) -> None:
        """Say whether there is a connection to the server."""
        await self.page.evaluate(
            """(connected) => {
                socket.connected = connected;
                document.dispatchEvent(new Event(connected ? 'socket-connect' : 'socket-disconnect'));
            }""",
            connected,
        )

    async def pass_time(self, milliseconds: int) -> None:
        """Let time go on; only where it stands still otherwise."""
        await self.page.clock.run_for(milliseconds)
