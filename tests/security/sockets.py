"""NiceGUI's sockets by hand: a page that is read without a browser, and what can be sent in its name."""

import html
import json
import re
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from typing import Any, Self
from urllib.parse import urlencode, urlsplit

from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect

from tests.security.raw import Headers, ask, connected
from tests.support.timeouts import WAIT_TIMEOUT

SOCKET = '/_nicegui_ws/socket.io/'

PING, PONG = '2', '3'
"""Of Engine.IO; who does not answer is taken for gone after some 20 seconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A page that the app has served to somebody."""

    url: str
    client_id: str
    elements: Mapping[str, Any]
    cookie: str
    """Of the browser it was served to."""
    said: Headers = ()
    """What is said with each request besides: by a proxy, who it is and where it wants to go."""

    @property
    def path(self) -> str:
        return urlsplit(self.url).path

    @property
    def conversation(self) -> str:
        """The id of the chat that it shows."""
        props = (element.get('props', {}) for element in self.elements.values())
        return next(each['conversation'] for each in props if 'conversation' in each)

    def listener(self, event: str) -> tuple[int, str]:
        """The ids of an element and of its listener to an event."""
        return next(
            (int(element_id), listener['listener_id'])
            for element_id, element in self.elements.items()
            for listener in element.get('events', [])
            if listener['type'] == event
        )


def read_page(url: str, path: str = '/', cookie: str = '', said: Headers = ()) -> Page:
    """Have a page served, as a browser with this cookie; for `said` see `Page`."""
    headers = [('Accept', 'text/html'), *said, *([('Cookie', cookie)] if cookie else [])]
    answer = ask(url, path=path, headers=headers)
    assert answer.status == 200, answer
    found = re.search(r'parseElements\(String\.raw`(.*?)`\)', answer.body, re.DOTALL)
    client = re.search(r'"client_id": "([^"]+)"|\'client_id\': \'([^\']+)\'', answer.body)
    assert found, answer.body
    assert client, answer.body
    elements = json.loads(html.unescape(found[1]))
    return Page(
        url=url,
        client_id=client[1] or client[2],
        elements=elements,
        cookie=cookie or answer.cookie,
        said=said,
    )


class Socket:
    """A connection that speaks Socket.IO; as a context it is closed at the end."""

    def __init__(
        self,
        url: str,
        *,
        cookie: str = '',
        origin: str | None = 'same',
        host: str | None = None,
        said: Headers = (),
        public: str = '',
        source: str = '',
        path: str = SOCKET,
        **query: str,
    ) -> None:
        """Open it; `origin` and `host` are what it says of where it comes from, the truth if nothing is said.

        `said` are the headers of a proxy in front, which calls the app `public`; `source` is its address.

        Raises:
            InvalidStatus: If it is refused.
        """
        parts = urlsplit(url)
        asked = urlencode({'EIO': '4', 'transport': 'websocket', **query})
        address = f'ws://{public or parts.netloc}{path}?{asked}'
        added = {name: value for name, value in (('Cookie', cookie), ('Host', host)) if value}
        sent = f'http://{parts.netloc}' if origin == 'same' else origin
        opening = connect(
            address,
            origin=sent,  # pyright: ignore[reportArgumentType]  # any text is what an attacker would send
            additional_headers=added | dict(said),
            sock=connected(url, source),
            proxy=None,
            max_size=None,
            open_timeout=WAIT_TIMEOUT,
        )
        self._open = ExitStack()
        self.connection: ClientConnection = self._open.enter_context(opening)

    def join(self) -> bool:
        """Begin to speak; whether the app lets it."""
        self.connection.send('40')
        return next(frame for frame in self.rest() if frame.startswith('4')).startswith('40')

    def emit(self, event: str, message: object) -> None:
        self.connection.send('42' + json.dumps([event, message]))

    def ask(self, event: str, message: object) -> Any:
        """Send an event that is answered; `None` if with nothing."""
        self.connection.send('420' + json.dumps([event, message]))
        answer = next(frame for frame in self.rest() if frame.startswith('430'))
        return (json.loads(answer.removeprefix('430')) or [None])[0]

    def fire(self, page: Page, event: str, *arguments: object) -> None:
        """Have the page's listener called, as if its browser had said so."""
        self.emit('event', said_to(page, event, *arguments))

    def hear(self, words: str) -> None:
        """Wait until something with these words comes."""
        assert any(words in frame for frame in self.rest())

    def rest(self) -> Iterator[str]:
        """All that comes until it is closed; pings are answered, as a browser does.

        Raises:
            TimeoutError: If it stays open for `WAIT_TIMEOUT`.
        """
        deadline = time.monotonic() + WAIT_TIMEOUT
        with suppress(ConnectionClosed):
            while True:
                frame = str(self.connection.recv(timeout=max(0, deadline - time.monotonic())))
                if frame == PING:
                    with suppress(ConnectionClosed):  # what came before the end is still to be read
                        self.connection.send(PONG)
                yield frame

    def is_closed(self) -> bool:
        """Whether the app closes it, whatever comes before."""
        try:
            list(self.rest())
        except TimeoutError:
            return False
        return True

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()


def said_to(page: Page, event: str, *arguments: object) -> dict[str, object]:
    """What a browser sends to have the page's listener called."""
    element_id, listener_id = page.listener(event)
    return {
        'client_id': page.client_id,
        'id': element_id,
        'listener_id': listener_id,
        'args': [json.dumps(argument) for argument in arguments],
    }


def speaking_for(page: Page, cookie: str | None = None, tab: str = 'tab') -> Socket:
    """A socket that names this page, with the cookie of its own browser or another one."""
    return Socket(
        page.url,
        cookie=page.cookie if cookie is None else cookie,
        client_id=page.client_id,
        implicit_handshake='true',
        document_id='document',
        tab_id=tab,
        next_message_id='0',
    )


def status_of(url: str, **options: Any) -> int:
    """The status with which a socket is opened or refused."""
    try:
        with Socket(url, **options):
            return 101
    except InvalidStatus as refused:
        return refused.response.status_code
