"""A file with the usual `mcpServers` JSON: which servers there are, and what is wrong with entries of it.

It is read here and not by pydantic-ai, whose reader gives up at the first wrong entry, knows no `disabled`,
`timeout` and `alwaysAllow`, and does not say which server an error is about.
"""

import json
import logging
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Any, cast
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from chat.agent.mcp.entries import CALL_TIMEOUT, ServerEntry, TransportKind, url_problem
from chat.errors import StartFailed

log = logging.getLogger(__name__)

FILE_NAME = 'mcp.json'
"""In the data folder."""

VARIABLE = re.compile(r'\$\{([A-Za-z_][A-Za-z0-9_]*)(?::-([^}]*))?\}')
"""`${NAME}` or `${NAME:-default}`."""

TYPES: dict[str, TransportKind] = {
    'stdio': 'command',
    'http': 'http',
    'streamable-http': 'http',
    'streamableHttp': 'http',
    'streamable_http': 'http',
    'sse': 'sse',
}
"""What programs write as the `type` of an entry."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ServersFile:
    """What stands in a file."""

    path: Path
    entries: tuple[ServerEntry, ...] = ()
    problem: str = ''
    """Why nothing could be read of it, as a sentence."""


class _VariableMissing(Exception):
    """A variable without a default is not set."""


def _as_text(value: object) -> object:
    """Return numbers and flags as text: files often have them as values of `env`."""
    return json.dumps(value) if isinstance(value, bool | int | float) else value


def _or_empty(value: object) -> object:
    return {} if value is None else value


def _validate_type(kind: str) -> str:
    if kind not in TYPES:
        raise ValueError(f'“{kind}” is no type of server; use stdio, http or sse')
    return kind


_Text = Annotated[str, BeforeValidator(_as_text)]
_Texts = Annotated[dict[str, _Text], BeforeValidator(_or_empty)]


class _Entry(BaseModel):
    """An entry as it is written; what else stands in it is for other programs."""

    model_config = ConfigDict(extra='allow', strict=True)

    command: str | None = None
    args: Annotated[list[_Text], BeforeValidator(lambda value: [] if value is None else value)] = []
    env: _Texts = {}
    cwd: str | None = None
    url: str | None = None
    headers: _Texts = {}
    type: Annotated[str, AfterValidator(_validate_type)] | None = None
    disabled: bool = False
    timeout: Annotated[float, Field(gt=0, le=86_400, strict=False)] = CALL_TIMEOUT
    alwaysAllow: list[str] = []  # noqa: N815  # as it is called in such files


def read_servers_files(
    option: Path | None, folder: Path | None, environment: Mapping[str, str]
) -> list[ServersFile]:
    """Read the file of `--mcp`, whose entries win, and that of the data folder. Blocks.

    Raises:
        StartFailed: If nothing can be read of the first.
    """
    files = [read_servers_file(option, environment, is_optional=False)] if option else []
    if folder:
        files.append(read_servers_file(folder / FILE_NAME, environment, is_optional=True))
    return files


def read_servers_file(path: Path, environment: Mapping[str, str], *, is_optional: bool) -> ServersFile:
    """Read a file with servers. Blocks.

    Args:
        path: The file.
        environment: Values for `${NAME}`.
        is_optional: Whether no file, or one that makes no sense, is to be told on the page only.

    Raises:
        StartFailed: If it is not optional and nothing can be read of it.
    """
    try:
        found = _servers(path)
    except FileNotFoundError:
        if is_optional:
            return ServersFile(path=path)
        raise StartFailed(f'--mcp: there is no file {path}.') from None
    except (OSError, ValueError) as error:
        problem = f'{path} cannot be used: {_reason(error)}'
        if not is_optional:
            raise StartFailed(f'--mcp: {problem}') from None
        log.warning('%s', problem)
        return ServersFile(path=path, problem=problem)
    entries = tuple(_entry(name, value, environment) for name, value in found.items())
    _name_unknown_keys(path, found)
    for entry in entries:
        if entry.problem:
            log.warning('%s: “%s”: %s', path.name, entry.name, entry.problem)
    return ServersFile(path=path, entries=entries)


def read_again(files: Sequence[ServersFile], environment: Mapping[str, str]) -> list[ServersFile]:
    """Read files anew; of one of which nothing can be read now, what was read before stays. Blocks."""
    now = [read_servers_file(file.path, environment, is_optional=True) for file in files]
    return [
        replace(new, entries=old.entries) if new.problem else new for old, new in zip(files, now, strict=True)
    ]


def _servers(path: Path) -> dict[str, Any]:
    """Return what stands in a file, by the names of the servers.

    Raises:
        OSError, ValueError: If it cannot be read, or is something else.
    """
    content: object = json.loads(path.read_text(encoding='utf-8-sig'))
    servers = content.get('mcpServers') if isinstance(content, dict) else None  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]  # from JSON
    if not isinstance(servers, dict):
        raise ValueError('it needs an object “mcpServers” with a server by each name.')
    return servers  # pyright: ignore[reportUnknownVariableType]  # as above


def _reason(error: OSError | ValueError) -> str:
    """Return what is wrong with a file, without quoting it."""
    match error:
        case OSError():
            return f'{error.strerror}.'
        case json.JSONDecodeError():
            return f'it is no JSON (line {error.lineno}, column {error.colno}: {error.msg}).'
        case UnicodeDecodeError():
            return 'it is not in UTF-8.'
        case _:
            return str(error)


def _entry(name: str, value: object, environment: Mapping[str, str]) -> ServerEntry:
    values: list[str] = []
    try:
        written = _Entry.model_validate(_expanded(value, environment, values))
    except _VariableMissing as error:
        return ServerEntry(name=name, problem=str(error))
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        place = '.'.join(map(str, first['loc'])) or 'The entry'
        return ServerEntry(name=name, problem=f'{place}: {first["msg"].removeprefix("Value error, ")}.')
    if written.url and (wrong := url_problem(written.url)):  # what cannot be taken apart is kept nowhere
        return ServerEntry(name=name, is_disabled=written.disabled, problem=wrong)
    return ServerEntry(
        name=name,
        kind=_kind(written),
        command=written.command or '',
        args=tuple(written.args),
        env=written.env,
        cwd=written.cwd,
        url=written.url or '',
        headers=written.headers,
        is_disabled=written.disabled,
        timeout=written.timeout,
        always_allow=frozenset(written.alwaysAllow),
        problem=_problem(written),
        expanded=tuple(values),
    )


def _kind(written: _Entry) -> TransportKind:
    if written.command:
        return 'command'
    if written.type:
        return TYPES[written.type]
    return 'sse' if urlsplit(written.url or '').path.rstrip('/').endswith('/sse') else 'http'


def _problem(written: _Entry) -> str:
    """Return why an entry cannot be connected, as a sentence; '' if it can."""
    if written.command and written.url:
        return 'There is both a command and a url. Use one of them.'
    if not written.command and not written.url:
        return 'There is neither a command nor a url.'
    if written.type and (TYPES[written.type] == 'command') != bool(written.command):
        return f'The type {written.type} needs a {"url" if written.command else "command"}.'
    return ''


def _expanded(value: Any, environment: Mapping[str, str], values: list[str]) -> Any:
    """Return JSON with its variables replaced, and add what has replaced them to `values`."""
    if isinstance(value, str):
        return VARIABLE.sub(lambda found: _value_of(found, environment, values), value)
    if isinstance(value, list):
        return [_expanded(item, environment, values) for item in value]  # pyright: ignore[reportUnknownVariableType]  # from JSON
    if isinstance(value, dict):
        return {key: _expanded(item, environment, values) for key, item in value.items()}  # pyright: ignore[reportUnknownVariableType]  # as above
    return value


def _value_of(found: re.Match[str], environment: Mapping[str, str], values: list[str]) -> str:
    name: str = found[1]
    default: str | None = found[2]
    value = environment.get(name, default)
    if value is None:
        raise _VariableMissing(f'The variable {name} is not set. Set it, or write ${{{name}:-default}}.')
    if name in environment:
        values.append(value)
    return value


def _name_unknown_keys(path: Path, found: Mapping[str, object]) -> None:
    entries = [cast('dict[str, object]', entry) for entry in found.values() if isinstance(entry, dict)]
    unknown = {key for entry in entries for key in entry} - set(_Entry.model_fields)
    if unknown:
        log.warning('%s: these keys mean nothing here: %s', path.name, ', '.join(sorted(unknown)))
