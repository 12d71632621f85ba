"""llama.cpp's interface: chats as lines of JSON, and as one JSON before June 2026."""

import re
from collections.abc import Iterator

from chat.exchange.formats.content import content_parts, file_at, file_in_base64, file_of_text, tool_calls
from chat.exchange.formats.documents import Document, Read, Reader, chat_of, each_value
from chat.exchange.formats.records import Chat, File, Node, Part, Role, Text, Thinking, ToolResult
from chat.exchange.formats.values import Json, fields, first_string, moment, name_of, objects, string

ROLES: dict[str, Role] = {'user': 'user', 'system': 'system', 'tool': 'tool'}

_MARKED_THOUGHT = re.compile(
    r'<<<reasoning_content_start>>>(.*?)(?:<<<reasoning_content_end>>>|\Z)', re.DOTALL
)


class LlamaCpp(Reader):
    """The export of the interface that llama.cpp's server shows."""

    id = 'llama.cpp'
    name = 'llama.cpp'

    def begins(self, first: Json) -> bool:
        if first.get('type') == 'session' and {'id', 'currNode', 'name', 'harness'} & first.keys():
            return True
        inner = fields(first.get('message'))
        return isinstance(first.get('conv'), dict) or {'convId', 'parent'} <= inner.keys()

    def read(self, document: Document) -> Iterator[Read]:
        if isinstance(fields(document.sample.first).get('conv'), dict):
            yield from each_value(document, lambda value: _chat(fields(value)))
        else:
            yield from (
                chat_of(session, lambda value: _chat(fields(value))) for session in _sessions(document)
            )


def _sessions(document: Document) -> Iterator[Json]:
    """Yield the chats of a file of lines in the form that they had before, one at a time."""
    messages: list[object] = []
    session: Json = {'conv': {}, 'messages': messages, 'odd': 0}
    for value in document.values():
        line = fields(value)
        if line.get('type') == 'session':
            if messages or session['conv']:
                yield session
            messages = []
            session = {'conv': line, 'messages': messages, 'odd': 0}
        elif line.get('type') == 'message':
            messages.append(line.get('message'))
        else:
            session['odd'] += 1
    yield session


def _chat(value: Json) -> Chat:
    conversation = fields(value.get('conv'))
    chat = Chat(
        id=name_of(conversation.get('id')),
        title=string(conversation.get('name')),
        updated=moment(conversation.get('lastModified')),
        current=name_of(conversation.get('currNode')),
        nodes=[_node(message) for message in objects(value.get('messages'))],
    )
    if odd := value.get('odd'):
        chat.problems.append(f'{odd} of its lines are neither a chat nor a message, and were left out.')
    chat.model = next((node.model for node in reversed(chat.nodes) if node.model), '')
    return chat


def _node(message: Json) -> Node:
    role = ROLES.get(string(message.get('role')), 'assistant')
    parts: list[Part] = []
    if thought := first_string(message.get('reasoningContent'), message.get('thinking')):
        parts.append(Thinking(thought))
    if role == 'tool':
        parts.append(ToolResult(content=message.get('content'), id=name_of(message.get('toolCallId'))))
    elif role == 'assistant':
        parts += _said(string(message.get('content')))
    else:
        parts += content_parts(message.get('content'))
    parts += [_file(extra) for extra in objects(message.get('extra'))]
    return Node(
        id=name_of(message.get('id')),
        parent=name_of(message.get('parent')) or None,
        role=role,
        parts=parts + tool_calls(message.get('toolCalls')),
        time=moment(message.get('timestamp')),
        model=string(message.get('model')),
        is_hidden=message.get('type') == 'root',
    )


def _said(text: str) -> Iterator[Part]:
    """Yield a text, with the thoughts apart that stood in it for a while."""
    for thought in _MARKED_THOUGHT.findall(text):
        yield Thinking(thought.strip())
    if text := _MARKED_THOUGHT.sub('', text):
        yield Text(text)


def _file(extra: Json) -> File:
    """Return a file; what kind it is, its fields say as well as its type, which was renamed."""
    name = first_string(extra.get('name'), extra.get('promptName'), extra.get('uri'), 'file')
    media_type = string(extra.get('mimeType'))
    if url := string(extra.get('base64Url')):
        return file_at(url, name=name, media_type=media_type)
    if data := string(extra.get('base64Data')):
        return file_in_base64(name, data, media_type)
    return file_of_text(name, string(extra.get('content')))
