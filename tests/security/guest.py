"""A guest without a browser: a link is taken up, and its cookie kept."""

from dataclasses import dataclass

from tests.security.raw import Answer, Headers, ask
from tests.security.sockets import Page, read_page
from tests.security.target import Target


@dataclass(frozen=True, slots=True, kw_only=True)
class Guest:
    """Somebody who came by an invite."""

    url: str
    conversation_id: str
    invite_id: str
    token: str
    cookie: str

    def ask(self, path: str, method: str = 'GET', headers: Headers = (), body: bytes = b'') -> Answer:
        """Ask the listener on the network, as this guest."""
        return ask(self.url, method, path, [('Cookie', self.cookie), *headers], body)

    def page(self) -> Page:
        """Their page, as it is served to them."""
        return read_page(self.url, f'/c/{self.conversation_id}', self.cookie)


def come(target: Target, allows: str, conversation_id: str = '', seconds: float = 3600) -> Guest:
    """Have somebody invited, and take up the link."""
    url: str = target.tell('urls')[0]
    invite_id, token = target.tell('invite', allows, conversation_id, seconds)
    answer = ask(url, path=f'/join/{token}')
    assert answer.status == 303, answer
    return Guest(
        url=url, conversation_id=conversation_id, invite_id=invite_id, token=token, cookie=answer.cookie
    )
