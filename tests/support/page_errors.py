"""What a browser must not do while a test looks at it."""

from urllib.parse import urlsplit

from playwright.async_api import BrowserContext, ConsoleMessage, Page, Request, WebError, WebSocket

LOCAL_HOSTS = frozenset({'127.0.0.1', 'localhost', '[::1]', '::1'})
INTERNAL_SCHEMES = frozenset({'data', 'blob', 'about', 'chrome', 'devtools'})
"""Schemes of addresses that lead nowhere."""
LOST_CONNECTION_ERRORS = (
    'ERR_CONNECTION_REFUSED',
    'ERR_CONNECTION_RESET',
    'ERR_CONNECTION_CLOSED',
    'ERR_EMPTY_RESPONSE',
    'Connection closed before receiving a handshake response',
    'WebSocket is already in CLOSING or CLOSED state',
)


class PageErrors:
    """Collects what goes wrong in all pages of one test: errors, and requests that leave this computer."""

    def __init__(self, *near: str) -> None:
        """`near` are other computers that may be asked."""
        self._near = LOCAL_HOSTS | frozenset(near)
        self.errors: list[str] = []
        """Uncaught exceptions and console errors."""
        self.outside: list[str] = []
        """Addresses elsewhere that were asked for; the browser cannot reach them."""
        self._expected: list[str] = []

    def watch(self, context: BrowserContext) -> None:
        context.on('weberror', self._see_exception)
        context.on('console', self._see_console)
        context.on('requestfailed', self._see_request)  # all that would leave this computer fail
        context.on('page', self._see_page)
        for page in context.pages:
            self._see_page(page)

    def unwatch(self, context: BrowserContext) -> None:
        context.remove_listener('weberror', self._see_exception)
        context.remove_listener('console', self._see_console)
        context.remove_listener('requestfailed', self._see_request)
        context.remove_listener('page', self._see_page)
        for page in context.pages:
            page.remove_listener('websocket', self._see_websocket)

    def expect_error(self, *words: str) -> None:
        """Errors with any of these words are part of the test."""
        self._expected += words

    def expect_lost_connection(self) -> None:
        """The app will be away while a page is open, and the page will try to reach it."""
        self.expect_error(*LOST_CONNECTION_ERRORS)

    def check(self) -> None:
        """See that nothing went wrong.

        Raises:
            AssertionError: With all that did.
        """
        errors = [error for error in self.errors if not any(words in error for words in self._expected)]
        assert not errors, '\n'.join(['The page had errors:', *errors])
        assert not self.outside, '\n'.join(['Requests left this computer:', *self.outside])

    def _see_exception(self, error: WebError) -> None:
        self.errors.append(f'{error.page.url if error.page else "?"}: {error.error}')

    def _see_console(self, message: ConsoleMessage) -> None:
        if message.type == 'error':
            self.errors.append(f'{message.location["url"]}: {message.text}')

    def _see_request(self, request: Request) -> None:
        self._see_address(request.url)

    def _see_page(self, page: Page) -> None:
        page.on('websocket', self._see_websocket)

    def _see_websocket(self, websocket: WebSocket) -> None:
        self._see_address(websocket.url)

    def _see_address(self, address: str) -> None:
        parts = urlsplit(address)
        if parts.scheme not in INTERNAL_SCHEMES and parts.hostname not in self._near:
            self.outside.append(address)
