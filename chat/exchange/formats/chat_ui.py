"""Hugging Face's chat-ui: conversations with a tree of messages, and the files beside them."""

from collections.abc import Iterator

from chat.exchange.formats.content import file_in_base64, split_thinking
from chat.exchange.formats.documents import Document, Reader
from chat.exchange.formats.records import Chat, File, Node, Part, Role, Text, Thinking
from chat.exchange.formats.tree import line
from chat.exchange.formats.values import (
    Json,
    fields,
    first_string,
    flag,
    items,
    moment,
    name_of,
    objects,
    string,
)

ROLES: dict[str, Role] = {'user': 'user', 'system': 'system'}


class ChatUI(Reader):
    """The export of chat-ui."""

    id = 'chat-ui'
    name = 'Hugging Face chat-ui'

    def begins(self, first: Json) -> bool:
        message = fields(next(iter(items(first.get('messages'))), None))
        is_tree = {'ancestors', 'children'} <= message.keys() and 'from' in message
        return 'messages' in first and (is_tree or {'_id', 'rootMessageId'} <= first.keys())

    def chat(self, value: Json, document: Document) -> Chat:
        messages = [*objects(value.get('messages'))]
        nodes = [_node(message) for message in messages]
        if not any(items(message.get('ancestors')) for message in messages):
            nodes = line(nodes)
        first = next((node for node in nodes if node.role == 'user'), None)
        if first:
            first.parts += _files(messages, document)
        return Chat(
            id=_id(value.get('_id')) or _id(value.get('id')),
            title=string(value.get('title')),
            created=moment(_time(value.get('createdAt'))),
            updated=moment(_time(value.get('updatedAt'))),
            model=string(value.get('model')),
            instructions=string(value.get('preprompt')),
            nodes=nodes,
        )


def _id(value: object) -> str:
    """Return an id, which a database may have written as an object of its own."""
    return name_of(value) or string(fields(value).get('$oid'))


def _time(value: object) -> object:
    return fields(value).get('$date', value)


def _node(message: Json) -> Node:
    role = ROLES.get(string(message.get('from')), 'assistant')
    ancestors = items(message.get('ancestors'))
    text = string(message.get('content'))
    parts: list[Part] = [Thinking(thought)] if (thought := string(message.get('reasoning'))) else []
    parts += split_thinking(text) if role == 'assistant' else [Text(text)] if text else []
    return Node(
        id=name_of(message.get('id')),
        parent=name_of(ancestors[-1]) if ancestors else None,
        role=role,
        parts=parts,
        time=moment(_time(message.get('createdAt'))),
        model=string(fields(message.get('routerMetadata')).get('model')),
        is_stopped=role == 'assistant' and flag(message.get('interrupted')) is True,
    )


def _files(messages: list[Json], document: Document) -> Iterator[File]:
    """Yield each file once: every message of an export names all of its conversation."""
    seen = set[str]()
    for file in (file for message in messages for file in items(message.get('files'))):
        about = fields(file)
        name = first_string(file, about.get('name'), about.get('value'))
        if not name or name in seen:
            continue
        seen.add(name)
        member = document.beside(name)
        if about.get('type') == 'base64':
            yield file_in_base64(name, string(about.get('value')), string(about.get('mime')))
        else:
            yield File(
                name=name,
                media_type=string(about.get('mime')),
                open=member.attachment if member else None,
            )
