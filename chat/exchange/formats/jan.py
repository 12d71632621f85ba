"""Jan: a folder for each thread, with a line for each message; or the export of one thread."""

from collections.abc import Iterator

from chat.errors import ImportRefused
from chat.exchange.formats.content import content_parts, file_of_text, split_thinking, tool_call
from chat.exchange.formats.documents import Document, Read, Sample, chat_of, each_value
from chat.exchange.formats.records import Chat, File, Node, Part, Role, Text, ToolResult
from chat.exchange.formats.values import (
    Json,
    fields,
    first_object,
    first_string,
    items,
    moment,
    name_of,
    objects,
    string,
)
from chat.exchange.json_items import read_whole

THREAD_FILE = 'thread.json'
"""Beside the messages of a thread: its title and its settings."""

ROLES: dict[str, Role] = {'user': 'user', 'system': 'system', 'tool': 'tool'}


class Jan:
    """Threads of Jan, as they are in its folder or as it exports them."""

    id = 'jan'
    name = 'Jan'

    def recognises(self, sample: Sample) -> bool:
        first = fields(sample.first)
        message = fields(next(iter(items(first.get('messages'))), None))
        is_export = 'exported_at' in first or _is_message(message)
        return _is_message(first) or ('messages' in first and is_export)

    def read(self, document: Document) -> Iterator[Read]:
        if _is_message(fields(document.sample.first)):
            thread = {**_thread(document), 'messages': [*document.values()]}
            yield chat_of(thread, lambda value: _chat(fields(value)))
        else:
            yield from each_value(document, lambda value: _chat(fields(value)))


def _is_message(message: Json) -> bool:
    value = fields(first_object(message.get('content')).get('text'))
    is_written_so = 'role' in message and 'value' in value and 'created_at' in message
    return message.get('object') == 'thread.message' or is_written_so


def _thread(document: Document) -> Json:
    member = document.beside(THREAD_FILE)
    try:
        return fields(read_whole(member)) if member else {}
    except ImportRefused:
        return {}


def _chat(value: Json) -> Chat:
    assistant = first_object(value.get('assistants'))
    messages = [*objects(value.get('messages'))]
    nodes = _nodes(messages)
    metadata = fields(value.get('metadata'))
    return Chat(
        id=name_of(value.get('id')) or next((name_of(each.get('thread_id')) for each in messages), ''),
        title=first_string(value.get('title'), metadata.get('title')),
        created=moment(value.get('created')),
        updated=moment(value.get('updated')),
        model=first_string(fields(assistant.get('model')).get('id'), fields(value.get('model')).get('id')),
        instructions=string(assistant.get('instructions')),
        is_pinned=metadata.get('is_favorite') is True or value.get('isFavorite') is True,
        current=_shown(messages, nodes),
        nodes=nodes,
    )


def _nodes(messages: list[Json]) -> list[Node]:
    nodes: list[Node] = []
    before = None
    for place, message in enumerate(messages):
        metadata = fields(message.get('metadata'))
        node = _node(message, metadata)
        node.id = node.id or str(place)
        node.parent = name_of(metadata.get('parentId')) or None if 'parentId' in metadata else before
        nodes.append(node)
        before = node.id
    return nodes


def _shown(messages: list[Json], nodes: list[Node]) -> str:
    """Return the last message that is shown: each names the one after it, of those that follow."""
    following = {
        node.id: name_of(fields(message.get('metadata')).get('activeChildId'))
        for node, message in zip(nodes, messages, strict=True)
    }
    shown = next((node.id for node in nodes if node.parent is None and following[node.id]), '')
    seen = set[str]()
    while shown not in seen and following.get(shown) in following:
        seen.add(shown)
        shown = following[shown]
    return shown


def _node(message: Json, metadata: Json) -> Node:
    role = ROLES.get(string(message.get('role')), 'assistant')
    parts = [part for each in objects(message.get('content')) for part in _parts(each, role)]
    if isinstance(message.get('content'), str):
        parts = content_parts(message.get('content'))
    parts += [part for call in objects(metadata.get('tool_calls')) for part in _old_call(call)]
    parts += _files(message, metadata)
    assistant = fields(metadata.get('assistant'))
    return Node(
        id=name_of(message.get('id')),
        parent=None,
        role=role,
        parts=parts,
        time=moment(message.get('created_at')),
        model=first_string(metadata.get('modelId'), fields(assistant.get('model')).get('id')),
        is_stopped=role == 'assistant' and message.get('status') in ('stopped', 'pending'),
        failure=first_string(message.get('error_code'), 'An error')
        if message.get('status') == 'error'
        else '',
    )


def _parts(each: Json, role: Role) -> Iterator[Part]:
    if each.get('type') == 'tool_call':
        yield tool_call(each)
        if (output := each.get('output')) is not None:
            yield ToolResult(content=output, id=name_of(each.get('tool_call_id')))
        return
    for part in content_parts([each]):
        if isinstance(part, Text) and role == 'assistant':
            yield from split_thinking(part.text)
        else:
            yield part


def _old_call(call: Json) -> Iterator[Part]:
    """Yield a call as it was stored before it was a part of the content."""
    tool = fields(call.get('tool'))
    yield tool_call(tool)
    response = call.get('response')
    if response is not None:
        yield ToolResult(content=fields(response).get('content', response), id=name_of(tool.get('id')))


def _files(message: Json, metadata: Json) -> Iterator[File]:
    for file in objects(metadata.get('inline_file_contents')):
        yield file_of_text(first_string(file.get('name'), 'file.txt'), string(file.get('content')))
    for file in objects(message.get('attachments')):
        yield File(name=first_string(file.get('name'), file.get('file_id'), 'file'))
