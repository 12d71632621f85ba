"""The file of an export that says how a person works with Parlour: settings, assistants, prompts and servers.

It has no key, token, passcode, link for guests or tool that is allowed: nothing that gives access.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, TypeAlias
from urllib.parse import urlsplit, urlunsplit

from pydantic import TypeAdapter, ValidationError
from pydantic_core import to_json

from chat.agent.added_servers import AddedServer
from chat.agent.mcp.entries import StoredServer
from chat.conversation.content.chat_settings import Preferences
from chat.conversation.content.folders import ChatFolder
from chat.conversation.content.library import Assistant, SavedPrompt
from chat.conversation.whole_conversation import Json, is_list, is_object
from chat.errors import ImportRefused
from chat.exchange.json_items import read_whole
from chat.exchange.sources import Source

SETTINGS_FILE = 'settings.parlour'
"""Where an archive has them."""

FORMAT_NAME = 'parlour-settings'
FORMAT_VERSION = 1

MAX_SETTINGS_BYTES = 20_000_000

PREFERENCE_NAMES: Mapping[str, str] = {
    'model': 'default model',
    'assistant': 'default assistant',
    'instructions': 'system prompt',
    'refines_titles': 'titles by a model',
    'title_model': 'title model',
    'send_key': 'key that sends',
    'limit_answer': 'tokens per answer',
    'limit_day': 'tokens per day',
}
"""The preferences that go along, and what a person calls them; not when chats go, nor what tools may do."""

DEFAULTS = Preferences()

_PREFERENCES = TypeAdapter(Preferences)

MAX_NAMED = 5
"""Things of a kind that are named; the rest is counted."""

LEFT_OUT = '…'
"""Stands in an address for what may be a secret."""

_PLAIN_PIECE = r'[A-Za-z]?[a-z]{0,15}\d{0,2}[a-z]?'
_PLAIN_STEP = re.compile(rf'{_PLAIN_PIECE}(?:[-_.]{_PLAIN_PIECE})*|v\d+[a-z]*')
"""A step of a path that is words or a version, as those are not that some services hand out as a key."""

Thing: TypeAlias = Assistant | SavedPrompt | ChatFolder | AddedServer | StoredServer


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of things that are kept in numbers."""

    name: str
    """Its list in the file."""
    label: str
    """What a person calls one of them."""
    adapter: TypeAdapter[Any]

    def documents(self, things: Iterable['Thing']) -> list[Json]:
        """Return things as JSON."""
        return [self.adapter.dump_python(each, mode='json') for each in things]


KINDS = (
    Kind('assistants', 'assistant', TypeAdapter(Assistant)),
    Kind('prompts', 'saved prompt', TypeAdapter(SavedPrompt)),
    Kind('folders', 'folder', TypeAdapter(ChatFolder)),
    Kind('servers', 'server', TypeAdapter(AddedServer)),
    Kind('mcp_servers', 'MCP server', TypeAdapter(StoredServer)),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportedSettings:
    """What is in such a file."""

    preferences: Mapping[str, object] = field(default_factory=dict[str, object])
    """Those that are not the default, by the name of their field."""
    things: Mapping[str, Sequence[Thing]] = field(default_factory=dict[str, Sequence[Thing]])
    """By the name of their kind."""

    def without_defaults(self) -> 'ExportedSettings':
        """Return it without the preferences that are as nobody has set them."""
        is_set = {name: each for name, each in self.preferences.items() if each != getattr(DEFAULTS, name)}
        return replace(self, preferences=is_set)

    def and_things_of(self, other: 'ExportedSettings') -> 'ExportedSettings':
        """Return it with the things of another one, too."""
        kinds = {*self.things, *other.things}
        both = {kind: [*self.things.get(kind, ()), *other.things.get(kind, ())] for kind in kinds}
        return replace(self, things=both)

    def document(self) -> Json:
        """Return it as JSON."""
        lists = {
            kind.name: [
                kind.adapter.dump_python(each, mode='json') for each in self.things.get(kind.name, ())
            ]
            for kind in KINDS
        }
        return {
            'format': FORMAT_NAME,
            'version': FORMAT_VERSION,
            'preferences': dict(self.preferences),
            **lists,
        }


NO_SETTINGS = ExportedSettings()


def exported_settings(preferences: Preferences, things: Mapping[str, Iterable[Thing]]) -> ExportedSettings:
    """Return what an export has of these; addresses lose what may be a password or a token in them."""
    settings = ExportedSettings(
        preferences={name: getattr(preferences, name) for name in PREFERENCE_NAMES},
        things={kind: [bare for each in them if (bare := bare_of(each))] for kind, them in things.items()},
    )
    return settings.without_defaults()


def settings_json(settings: ExportedSettings) -> str:
    """Return the file."""
    return to_json(settings.document(), indent=2).decode() + '\n'


def read_settings(source: Source) -> ExportedSettings | None:
    """Return what a source has of it, without what makes no sense; `None` if there is no such file.

    Raises:
        ImportRefused: If it is too large, or if a newer version has written it.
    """
    member = source.members.get(SETTINGS_FILE)
    if member is None or b'"parlour-settings"' not in member.head(200):
        return None
    document = read_whole(member, MAX_SETTINGS_BYTES)
    if not is_object(document) or document.get('format') != FORMAT_NAME:
        return None
    if document.get('version') != FORMAT_VERSION:
        raise ImportRefused(
            f'{SETTINGS_FILE} was written by a newer version of Parlour. Update Parlour to take it over.'
        )
    return parsed_settings(document)


def parsed_settings(document: Json) -> ExportedSettings:
    """Return what JSON says, without what makes no sense."""
    preferences = document.get('preferences')
    return ExportedSettings(
        preferences=dict(_valid_preferences(preferences)) if is_object(preferences) else {},
        things={kind.name: list(_valid_things(kind, document.get(kind.name))) for kind in KINDS},
    )


def named_lines(settings: ExportedSettings) -> list[str]:
    """Return what there is of it, a line for each kind, with the names and the addresses."""
    lines = list[str]()
    for kind in KINDS:
        if names := [_named(each) for each in settings.things.get(kind.name, ())]:
            plural = f'{len(names):,} {kind.label}{"s" * (len(names) != 1)}'
            lines.append(f'{plural}: {joined(names)}.')
    if settings.preferences:
        lines.append(f'Settings: {joined([PREFERENCE_NAMES[name] for name in settings.preferences])}.')
    return lines


def _named(thing: Thing) -> str:
    return f'{thing.name} ({thing.url})' if isinstance(thing, (AddedServer, StoredServer)) else thing.name


def joined(names: Sequence[str]) -> str:
    """Return the first of some names, and how many more there are."""
    more = [f'{len(names) - MAX_NAMED:,} more'] if len(names) > MAX_NAMED else []
    return ', '.join([*(' '.join(name.split()) or 'Unnamed' for name in names[:MAX_NAMED]), *more])


def key_of(thing: Thing) -> str:
    """Return what tells a thing from the others of its kind."""
    return thing.name.lower() if isinstance(thing, (AddedServer, StoredServer)) else thing.id


def bare_of(thing: Thing) -> Thing | None:
    """Return what may go along; `None` if nothing of it does, as of an MCP server that stands in a file."""
    match thing:
        case AddedServer():
            return replace(thing, url=_bare_url(thing.url))
        case StoredServer():
            return StoredServer(name=thing.name, url=_bare_url(thing.url)) if thing.url else None
        case _:
            return thing


def _bare_url(url: str) -> str:
    """Return an address without what may be a password or a token; in its path, that is marked."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return ''
    steps = (step if _PLAIN_STEP.fullmatch(step) else LEFT_OUT for step in parts.path.split('/'))
    return urlunsplit((parts.scheme, parts.netloc.rpartition('@')[2], '/'.join(steps), '', ''))


def _valid_things(kind: Kind, documents: object) -> Iterator[Thing]:
    for document in documents if is_list(documents) else ():
        try:
            thing: Thing = kind.adapter.validate_python(document)
        except ValidationError:
            continue
        if key_of(thing) and (bare := bare_of(thing)):
            yield bare


def _valid_preferences(document: Json) -> Iterator[tuple[str, object]]:
    for name in PREFERENCE_NAMES:
        if name in document:
            try:
                yield name, getattr(_PREFERENCES.validate_python({name: document[name]}), name)
            except ValidationError:
                continue
