"""LibreChat: one conversation, as a flat list of messages or as a tree of them."""

import re
from collections.abc import Iterator

from chat.exchange.formats.content import content_parts, file_at, tool_call
from chat.exchange.formats.documents import Document, Reader
from chat.exchange.formats.records import Chat, File, Node, Note, Part, Text, Thinking, ToolResult
from chat.exchange.formats.values import (
    Json,
    as_text,
    fields,
    first_string,
    flag,
    items,
    moment,
    name_of,
    number,
    objects,
    string,
)

_THOUGHT = re.compile(r'\s*:::thinking\s*\n(.*?)\n\s*:::\s*', re.DOTALL)

MAX_FAILURE_LENGTH = 500
"""Characters of what an answer says that is a report of a failure."""


class LibreChat(Reader):
    """The export of a conversation of LibreChat."""

    id = 'librechat'
    name = 'LibreChat'

    def begins(self, first: Json) -> bool:
        return 'conversationId' in first and bool({'messages', 'messagesTree', 'exportAt'} & first.keys())

    def chat(self, value: Json, document: Document) -> Chat:
        options = fields(value.get('options'))
        nodes = [
            _node(message, parent)
            for message, parent in _flat(value.get('messagesTree') or value.get('messages'))
        ]
        return Chat(
            id=name_of(value.get('conversationId')),
            title=first_string(value.get('title'), options.get('title')),
            created=moment(value.get('createdAt'))
            or min((node.time for node in nodes if node.time), default=None),
            updated=moment(value.get('updatedAt')),
            model=string(options.get('model')),
            instructions=first_string(
                *(options.get(name) for name in ('promptPrefix', 'system', 'instructions'))
            ),
            temperature=number(options.get('temperature')),
            nodes=nodes,
        )


def _flat(messages: object) -> Iterator[tuple[Json, str]]:
    """Yield each message, and the id of the one that it is in; '' of one that is in the list itself."""
    pending = [(message, '') for message in reversed([*objects(messages)])]
    while pending:
        message, parent = pending.pop()
        yield message, parent
        own = name_of(message.get('messageId'))
        pending += [(child, own) for child in reversed([*objects(message.get('children'))])]


def _node(message: Json, parent: str) -> Node:
    is_question = flag(message.get('isCreatedByUser')) is True
    text = string(message.get('text'))
    has_failed = flag(message.get('error')) is True
    if has_failed:
        parts: list[Part] = [Note(' '.join(text.split())[:MAX_FAILURE_LENGTH])] if text else []
    else:
        parts = [*_content(message)] or _texts(text, is_question=is_question)
    return Node(
        id=name_of(message.get('messageId')),
        parent=parent or name_of(message.get('parentMessageId')) or None,
        role='user' if is_question else 'assistant',
        parts=[*parts, *_files(message)],
        time=moment(message.get('createdAt')),
        model='' if is_question else string(message.get('model')),
        is_stopped=not is_question and flag(message.get('unfinished')) is True,
        failure=text[:MAX_FAILURE_LENGTH] if has_failed else '',
    )


def _texts(text: str, *, is_question: bool) -> list[Part]:
    thought = None if is_question else _THOUGHT.match(text)
    if thought:
        return [Thinking(thought[1].strip()), Text(text[thought.end() :])]
    return [Text(text)] if text else []


def _content(message: Json) -> Iterator[Part]:
    for item in items(message.get('content')):
        part = fields(item)
        match part.get('type'):
            case 'tool_call':
                call = fields(part.get('tool_call'))
                yield tool_call(call)
                if (output := call.get('output')) is not None:
                    yield ToolResult(content=output, id=name_of(call.get('id')))
            case 'error':
                yield Note(as_text(part.get('error'))[:MAX_FAILURE_LENGTH])
            case 'image_file':
                yield _file(fields(part.get('image_file')))
            case _:
                yield from content_parts([item])


def _files(message: Json) -> Iterator[File]:
    for name in ('files', 'attachments'):
        yield from (
            _file(file) for file in objects(message.get(name)) if file.keys() & {'filename', 'filepath'}
        )


def _file(file: Json) -> File:
    path = string(file.get('filepath'))
    return file_at(path, name=string(file.get('filename')), media_type=string(file.get('type')))
