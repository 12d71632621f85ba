"""One attack by one request, and the answers that it should and should not get."""

from dataclasses import dataclass

from tests.security.raw import Answer, Headers, ask


@dataclass(frozen=True, slots=True, kw_only=True)
class AttackCase:
    """A request, and its status with the guard and without.

    `{host}` and `{port}` in headers stand for those of the app.
    """

    name: str
    expected: int
    bare: int | None = 200
    """What would be answered without a guard; `None` where the server itself refuses."""
    method: str = 'GET'
    path: str = '/'
    headers: Headers = ()
    host: str | None = None
    body: bytes = b''

    def __str__(self) -> str:
        return self.name

    def send(self, url: str) -> Answer:
        netloc = url.split('/')[2]
        filled = {'{host}': netloc, '{port}': netloc.rpartition(':')[2]}
        headers = [(name, _filled(value, filled)) for name, value in self.headers]
        host = None if self.host is None else _filled(self.host, filled)
        return ask(url, self.method, self.path, headers, self.body, host=host)


def _filled(text: str, values: dict[str, str]) -> str:
    for name, value in values.items():
        text = text.replace(name, value)
    return text
