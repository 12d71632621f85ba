"""SillyTavern: chats with one character or several, a line a message; swipes are versions of an answer."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime

from chat.exchange.formats.content import file_at, file_of_text
from chat.exchange.formats.documents import Document, Read, Reader, Sample, chat_of
from chat.exchange.formats.records import Chat, File, Node, Part, Text, Thinking
from chat.exchange.formats.values import (
    Json,
    fields,
    first_object,
    first_string,
    flag,
    items,
    moment,
    number,
    objects,
    string,
)

_DATE_WITH_AT = re.compile(
    r'(\d{4})-(\d{1,2})-(\d{1,2})\s*@\s*(\d{1,2})h\s*(\d{1,2})m\s*(\d{1,2})s(?:\s*\d+ms)?'
)

_WRITTEN_DATES = ('%B %d, %Y %I:%M%p', '%B %d, %Y %I:%M %p', '%B %d, %Y %H:%M')
"""In English, without a zone."""

_HEAD_KEYS = {'user_name', 'character_name', 'chat_metadata', 'create_date'}


class SillyTavern(Reader):
    """The chats of SillyTavern, as they are in its folder or as it exports them."""

    id = 'sillytavern'
    name = 'SillyTavern'

    def recognises(self, sample: Sample) -> bool:
        first = fields(sample.first)
        is_head = len(_HEAD_KEYS & first.keys()) > 1
        return not sample.is_list and (is_head or {'mes', 'is_user'} <= first.keys())

    def read(self, document: Document) -> Iterator[Read]:
        values = [*document.values()]
        yield chat_of(values, lambda _: _chat(values))


def _chat(values: list[object]) -> Chat:
    lines = [*map(fields, values)]
    head = first_object([line for line in lines if 'mes' not in line])
    messages = [line for line in lines if 'mes' in line]
    speakers = {
        string(each.get('name')) for each in messages if not _is_question(each) and not _is_hidden(each)
    }
    character = first_string(_name(head.get('character_name')), *sorted(speakers))
    users = [each.get('name') for each in messages if _is_question(each)]
    user = first_string(_name(head.get('user_name')), *users)
    is_group = len(speakers - {''}) > 1
    nodes, current = _nodes(messages, {'user': user, 'char': character}, is_group=is_group)
    chat = Chat(
        title=', '.join(sorted(speakers - {''})) if is_group else character,
        created=_time(head.get('create_date')),
        model=next((node.model for node in reversed(nodes) if node.model), ''),
        current=current,
        nodes=nodes,
    )
    if odd := sum(isinstance(value, ValueError) for value in values):
        chat.problems.append(f'{odd} of its lines are no JSON, and were left out.')
    return chat


def _name(value: object) -> str:
    """Return the name in a head, in the place of which newer versions have a word."""
    return '' if value == 'unused' else string(value)


def _is_question(message: Json) -> bool:
    return flag(message.get('is_user')) is True


def _is_hidden(message: Json) -> bool:
    return flag(message.get('is_system')) is True


def _nodes(messages: list[Json], names: dict[str, str], *, is_group: bool) -> tuple[list[Node], str]:
    """Return all versions of all messages, and the last one shown; what follows belongs to the one shown."""
    nodes: list[Node] = []
    current = ''
    for place, message in enumerate(messages):
        versions = [*_versions(message)]
        selected = int(number(message.get('swipe_id')) or 0)
        if not 0 <= selected < len(versions):
            selected = 0
        for index, version in enumerate(versions):
            node = _node(f'{place}.{index}', version, names, is_group=is_group)
            node.parent = current or None
            nodes.append(node)
        current = f'{place}.{selected}'
    return nodes, current


def _versions(message: Json) -> Iterator[Json]:
    """Yield a message in each of its versions; the one that is shown is whole in the message itself."""
    swipes = (
        []
        if _is_question(message)
        else [each for each in items(message.get('swipes')) if isinstance(each, str)]
    )
    selected = number(message.get('swipe_id')) or 0
    if not swipes or not 0 <= selected < len(swipes):
        yield message
        return
    about = [fields(each) for each in items(message.get('swipe_info'))]
    for index, swipe in enumerate(swipes):
        if index == selected:
            yield message
        else:
            own = about[index] if index < len(about) else {}
            extra = fields(own.get('extra'))
            yield {**message, 'mes': swipe, 'extra': extra, 'send_date': own.get('send_date')}


def _node(node_id: str, message: Json, names: dict[str, str], *, is_group: bool) -> Node:
    extra = fields(message.get('extra'))
    text = _with_names(string(message.get('mes')), names)
    author = string(message.get('name'))
    is_question = _is_question(message)
    if is_group and not is_question and text:
        text = f'**{author}:** {text}'
    parts: list[Part] = [Thinking(thought)] if (thought := string(extra.get('reasoning'))) else []
    return Node(
        id=node_id,
        parent=None,
        role='user' if is_question else 'assistant',
        parts=[*parts, *([Text(text)] if text else []), *_files(extra)],
        author=author,
        time=_time(message.get('send_date')),
        model='' if is_question else string(extra.get('model')),
        is_hidden=_is_hidden(message),
    )


def _with_names(text: str, names: dict[str, str]) -> str:
    for name, value in names.items():
        text = text.replace(f'{{{{{name}}}}}', value) if value else text
    return text


def _files(extra: Json) -> Iterator[File]:
    for url in dict.fromkeys(
        map(string, [extra.get('image'), extra.get('video'), *items(extra.get('image_swipes'))])
    ):
        if url:
            yield file_at(url, kind='image')
    for file in [*objects(extra.get('files')), *objects([extra.get('file')])]:
        name = first_string(file.get('name'), 'file')
        yield (
            file_of_text(name, text)
            if (text := string(file.get('text')))
            else file_at(string(file.get('url')), name=name)
        )


def _time(value: object) -> datetime | None:
    """Return a time as people read it, in milliseconds or in ISO 8601."""
    text = string(value).strip()
    if found := _DATE_WITH_AT.fullmatch(text):
        year, month, day, hour, minute, second = map(int, found.groups())
        text = f'{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}'
    for pattern in _WRITTEN_DATES:
        try:
            return moment(datetime.strptime(text, pattern).replace(tzinfo=UTC).isoformat())
        except ValueError:
            continue
    return moment(text or value)
