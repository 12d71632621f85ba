"""People who have signed in at a proxy, which is this computer, and a node behind it."""

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.security.raw import Answer, Headers, ask
from tests.security.sockets import Page, Socket, read_page
from tests.support.launching import Launch
from tests.support.process import Parlour

HOST = 'chat.example.org'
PUBLIC_URL = f'http://{HOST}'
USER_HEADER = 'X-Forwarded-User'
STRANGER = '127.0.0.2'
"""An address of this computer that is none of the proxy."""


@contextmanager
def node_behind_proxy(
    folder: Path, database: str, launch: Launch, *options: str, base_url: str
) -> Generator[Parlour]:
    """A node that believes 127.0.0.1, and asks the models at this address."""
    team = ('--public-url', PUBLIC_URL, '--trusted-proxies', '127.0.0.1', '--user-header', USER_HEADER)
    arguments = ('--database', database, *team, *options)
    with Parlour(folder / 'none', *arguments, launch=launch, base_url=base_url) as node:
        node.wait_until_ready()
        yield node
        node.check()


@dataclass(frozen=True)
class SignedIn:
    """Somebody whose browser asks through the proxy."""

    url: str
    """Where the node is."""
    user: str

    @property
    def headers(self) -> dict[str, str]:
        return {'Host': HOST, USER_HEADER: self.user}

    def ask(self, path: str, method: str = 'GET', body: bytes = b'', headers: Headers = ()) -> Answer:
        return ask(self.url, method, path, [*self.headers.items(), *headers], body)

    def page(self, path: str = '/') -> Page:
        return read_page(self.url, path, said=[*self.headers.items()])

    def send(self, prompt: str) -> Answer:
        """Send a prompt as a program does, and read the answer to its end."""
        form = [('Content-Type', 'application/x-www-form-urlencoded')]
        return self.ask('/chat/', 'POST', f'prompt={prompt}'.encode(), form)

    def upload(self, content: bytes) -> Answer:
        kind = [('Content-Type', 'application/octet-stream')]
        return self.ask('/files/?name=note.txt', 'POST', content, kind)

    def socket(self, client_id: str = '', *, source: str = '', origin: str = PUBLIC_URL) -> Socket:
        """A socket that speaks for a page."""
        return Socket(
            self.url,
            origin=origin,
            said=[(USER_HEADER, self.user)] if self.user else (),
            public=HOST,
            source=source,
            client_id=client_id,
            implicit_handshake='true',
            document_id='document',
            tab_id='tab',
            next_message_id='0',
        )
