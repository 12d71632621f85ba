"""How a server of tools is reached, and what is kept of those that were added in the page."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, cast
from urllib.parse import urlsplit

import httpx2

from chat.error_body import cause_of
from chat.errors import ChatError
from chat.redaction import MIN_SECRET_LENGTH, REDACTED, SECRET_NAMES, encodings_of, passwords_in

MCP_KEY = 'mcp:'

CALL_TIMEOUT = 300.0
"""Seconds for one call of a tool, if its server's entry gives none."""

ENDED = 'It ended before it was ready.'

TransportKind = Literal['command', 'http', 'sse']


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerEntry:
    """How one server is reached; with `problem`, why it cannot be."""

    name: str
    kind: TransportKind = 'http'
    command: str = ''
    """Set in entries of files only: nothing that comes from a page has one."""
    args: tuple[str, ...] = field(default=(), repr=False)
    env: Mapping[str, str] = field(default_factory=dict[str, str], repr=False)
    cwd: str | None = None
    url: str = field(default='', repr=False)
    headers: Mapping[str, str] = field(default_factory=dict[str, str], repr=False)
    is_disabled: bool = False
    timeout: float = CALL_TIMEOUT
    """Seconds for one call."""
    always_allow: frozenset[str] = frozenset()
    """Tools that run without asking."""
    problem: str = ''
    is_added: bool = False
    """Whether it was added in the page."""
    expanded: tuple[str, ...] = field(default=(), repr=False)
    """The values of variables that stand in it."""

    def is_same_server(self, other: 'ServerEntry') -> bool:
        """Return whether another entry leads to the same place, whatever else is said of it."""
        here, there = (
            (each.name, each.kind, each.command, each.args, each.cwd, each.url) for each in (self, other)
        )
        return here == there

    @property
    def address(self) -> str:
        """What a page shows of where it is: never arguments, passwords or the query of an address."""
        if self.command:
            return self.command
        parts = urlsplit(self.url)
        return f'{parts.scheme}://{parts.netloc.rpartition("@")[2]}{parts.path}' if parts.netloc else ''

    @property
    def secrets(self) -> list[str]:
        """All that is to be hidden in logs and pages."""
        values = [*self.env.values(), *self.headers.values(), *self.expanded, *passwords_in(self.url)]
        bearers = [value.partition(' ')[2] for value in self.headers.values()]
        query = [part.partition('=')[2] for part in urlsplit(self.url).query.split('&')]
        return [value for value in (*values, *bearers, *query) if len(value) >= MIN_SECRET_LENGTH]

    @property
    def keys(self) -> list[str]:
        """The secrets that are to be hidden in results of tools too; an ordinary path in `env` is none."""
        named = [value for name, value in self.env.items() if SECRET_NAMES.search(name)]
        bearers = [value.partition(' ')[2] or value for value in self.headers.values()]
        return [
            value for value in (*named, *bearers, *passwords_in(self.url)) if len(value) >= MIN_SECRET_LENGTH
        ]

    def without_keys(self, value: Any) -> Any:
        """Return what the server has said without its own keys: models and exports have no use for them."""
        forms = {form for key in self.keys for form in encodings_of(key)}
        longest_first = sorted(forms, key=len, reverse=True)  # one may begin with another
        return _without(value, re.compile('|'.join(map(re.escape, longest_first)))) if forms else value


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredServer:
    """What is kept of one, besides its key. There is no command: such servers stand in files only."""

    name: str
    url: str = ''
    """'' if it stands in a file; then only the tools that are off are kept."""
    tools_off: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class McpKey:
    """The lock of a server of tools."""

    name: str

    @property
    def prefix(self) -> str:
        return f'{MCP_KEY}{self.name.lower()}'

    @property
    def variables(self) -> tuple[tuple[str, ...], ...]:
        return ((self.key_variable,),)

    @property
    def key_variable(self) -> str:
        """So named that it is seen as a secret; see `redaction.SECRET_NAMES`."""
        return f'PARLOUR_MCP_{self.name.upper().replace("-", "_")}_KEY'


def url_problem(url: str) -> str:
    """Return why this is not the address of a server, as a sentence; '' if it may be one."""
    try:
        parts = urlsplit(url)
        is_address = parts.scheme in ('http', 'https') and bool(parts.hostname) and parts.port != 0
    except ValueError:
        is_address = False
    return '' if is_address else 'That is not a valid address. Enter one like https://example.com/mcp.'


def _without(value: Any, secrets: re.Pattern[str]) -> Any:
    match value:
        case str():
            return secrets.sub(REDACTED, value)
        case list():
            return [_without(item, secrets) for item in cast('list[Any]', value)]
        case dict():
            return {key: _without(item, secrets) for key, item in cast('dict[str, Any]', value).items()}
        case _:
            return value


def trouble_of(error: Exception, entry: ServerEntry, timeout: float) -> str:
    """Return why a server could not be connected, as a sentence."""
    match error:
        case ChatError():
            return str(error)
        case TimeoutError():
            return f'It did not answer within {timeout:g} seconds.'
        case FileNotFoundError() | PermissionError() if entry.command:
            return f'The command “{entry.command}” cannot be run: {error.strerror}.'
        case httpx2.ConnectError():
            return 'Nothing answers at its address. Is it running?'
        case _ if 'Connection closed' in str(error):
            return ENDED
        case _:
            return f'It cannot be reached. {cause_of(error).removeprefix("MCPError: ")}'
