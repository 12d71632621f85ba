"""Jan: a folder for each thread, with a line for each message; or the export of one thread."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime

from chat.errors import ImportRefused
from chat.exchange.formats.content import content_parts, file_of_text, split_thinking, tool_call
from chat.exchange.formats.documents import Document, Read, Reader, chat_of, each_value
from chat.exchange.formats.records import Chat, File, Node, Part, Role, Text, ToolResult
from chat.exchange.formats.tree import line
from chat.exchange.formats.values import (
    Json,
    fields,
    first_object,
    first_string,
    flag,
    items,
    moment,
    name_of,
    objects,
    string,
)
from chat.exchange.json_items import read_whole

THREAD_FILE = 'thread.json'
"""Beside the messages of a thread: its title and its settings."""

UNKNOWN_TIME = datetime.min.replace(tzinfo=UTC)

ROLES: dict[str, Role] = {'user': 'user', 'system': 'system', 'tool': 'tool'}


class Jan(Reader):
    """Threads of Jan, as they are in its folder or as it exports them."""

    id = 'jan'
    name = 'Jan'

    def begins(self, first: Json) -> bool:
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
        is_pinned=flag(metadata.get('is_favorite')) is True or flag(value.get('isFavorite')) is True,
        folder=string(fields(metadata.get('project')).get('name')),
        current=_shown(messages, nodes, name_of(metadata.get('activeRootId'))),
        nodes=nodes,
    )


def _nodes(messages: list[Json]) -> list[Node]:
    """Return the messages in a line or, once one of them names another one, in a tree."""
    nodes = [_node(message) for message in messages]
    for place, node in enumerate(nodes):
        node.id = node.id or str(place)
    links = [fields(message.get('metadata')) for message in messages]
    if not any({'parentId', 'activeChildId'} & each.keys() for each in links):
        return line(nodes)
    before = None
    for node, link in zip(nodes, links, strict=True):
        is_detached = node.role == 'assistant' and not link.get('parentId')
        node.parent = None if is_detached else name_of(link.get('parentId', before)) or None
        before = node.id
    _attach(nodes)
    return nodes


def _attach(nodes: list[Node]) -> None:
    """Let each answer that Jan has lost from its tree follow the question before it.

    What was asked next then follows the answer, where the program took it for another follow-up question.
    """
    question: Node | None = None
    answers: dict[str, Node] = {}
    """By the id of a question: the answer to it that was lost."""
    for node in sorted(nodes, key=lambda node: node.time or UNKNOWN_TIME):
        if node.role == 'user':
            if answer := answers.pop(node.parent or '', None):
                node.parent = answer.id
            question = node
        elif node.role == 'assistant' and node.parent is None and question:
            node.parent = question.id
            answers[question.id] = node


def _shown(messages: list[Json], nodes: list[Node], root: str) -> str:
    """Return the last message that is shown: each names the one after it, else that is the newest."""
    named = {
        node.id: name_of(fields(message.get('metadata')).get('activeChildId'))
        for node, message in zip(nodes, messages, strict=True)
    }
    children = defaultdict[str | None, list[Node]](list)
    for node in sorted(nodes, key=lambda node: node.time or UNKNOWN_TIME):
        children[node.parent].append(node)
    shown, following = '', children[None]
    wanted = root
    while following:
        shown = next((node.id for node in following if node.id == wanted), following[-1].id)
        wanted, following = named[shown], children.pop(shown, [])
    return shown


def _node(message: Json) -> Node:
    metadata = fields(message.get('metadata'))
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
