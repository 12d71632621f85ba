"""Messages of pydantic-ai as JSON, of every version: read part by part, so that an odd one hinders no other.

What a version calls otherwise is read as well. Up to 0.0.12 a message was what is a part today, told apart by
its `role`; up to 0.0.14 the arguments of a call stood in `args_json` or `args_dict`, and calls had no id.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from chat.exchange.formats.content import file_at, file_in_base64, plain_content, unknown_part
from chat.exchange.formats.documents import Document, Read, Reader, Sample, chat_of, each_value
from chat.exchange.formats.records import Chat, Cited, File, Node, Part, Text, Thinking, ToolCall, ToolResult
from chat.exchange.formats.tree import line
from chat.exchange.formats.values import (
    Json,
    as_text,
    fields,
    first_object,
    first_string,
    items,
    moment,
    name_of,
    number,
    objects,
    string,
)

_LISTS = ('messages', 'all_messages', 'new_messages', 'message_history', 'history')

_URL_SAFE = str.maketrans('-_', '+/')

OLD_ROLES = {
    'model-text-response': 'text',
    'model-structured-response': 'tool-call',
    'tool-return': 'tool-return',
    'retry-prompt': 'retry-prompt',
}
"""Roles of before 0.0.13, and what is called so today."""

OLD_ARGS = ('args_json', 'args_dict', 'args_object')

CALL_KINDS = {'tool-call', 'builtin-tool-call'}
RESULT_KINDS = {'tool-return', 'builtin-tool-return', 'retry-prompt'}


class PydanticAI(Reader):
    """The messages of an agent, as `ModelMessagesTypeAdapter` writes them."""

    id = 'pydantic-ai'
    name = 'pydantic-ai'

    def recognises(self, sample: Sample) -> bool:
        first = sample.first
        if any(string(fields(item).get('role')) in OLD_ROLES for item in sample.items):
            return True
        return any(map(_is_message, (first, first_object(first), *map(first_object, _lists_in(first)))))

    def read(self, document: Document) -> Iterator[Read]:
        first = document.sample.first
        if _is_message(first) or 'role' in fields(first):
            values = [*document.values()]
            yield chat_of(values, lambda _: chat_of_messages(values))
        else:
            yield from each_value(document, _chat)


def _lists_in(value: object) -> list[object]:
    return [fields(value).get(name) for name in _LISTS]


def _is_message(value: object) -> bool:
    message = fields(value)
    return message.get('kind') in ('request', 'response') and isinstance(message.get('parts'), list)


def _chat(value: object) -> Chat:
    found = next((each for each in _lists_in(value) if _is_message(first_object(each))), None)
    return chat_of_messages(items(found) or items(value))


def chat_of_messages(messages: Sequence[Any]) -> Chat:
    """Return the chat that these messages are."""
    known = [_with_parts(fields(message)) for message in messages]
    nodes = line([node for place, message in enumerate(known) for node in _nodes(str(place), message)])
    chat = Chat(
        id=next((found for each in known if (found := string(each.get('conversation_id')))), ''),
        model=next((node.model for node in reversed(nodes) if node.model), ''),
        instructions=next((found for each in known if (found := string(each.get('instructions')))), ''),
        nodes=nodes,
    )
    if odd := sum(not items(each.get('parts')) for each in known):
        chat.problems.append(f'{odd} of its messages have no parts, and were left out.')
    return chat


def _with_parts(message: Json) -> Json:
    """Return a message as newer versions have it."""
    role = string(message.get('role'))
    if 'parts' in message or role not in {**OLD_ROLES, 'user': '', 'system': ''}:
        return message
    kind = OLD_ROLES.get(role, f'{role}-prompt')
    said = [*objects(message.get('calls'))] or [message]
    parts = [{**part, 'part_kind': kind} for part in said]
    parts = [{**part, 'tool_call_id': part.get('tool_id')} for part in parts]
    is_answer = role.startswith('model-')
    return {**message, 'kind': 'response' if is_answer else 'request', 'parts': parts}


def _nodes(message_id: str, message: Json) -> Iterator[Node]:
    """Yield a response, or what is in a request: prompts, results of tools, and what the system says."""
    parts = [*objects(message.get('parts'))]
    is_request = message.get('kind') == 'request' or any(
        part.get('part_kind') in ('user-prompt', 'system-prompt') for part in parts
    )
    if parts and not is_request:
        yield _response(message_id, message, parts)
        return
    has_results = any(part.get('part_kind') == 'tool-return' for part in parts)
    for place, part in enumerate(parts):
        yield _requested(f'{message_id}.{place}', message, part, is_of_tool=has_results)


def _response(message_id: str, message: Json, parts: Iterable[Json]) -> Node:
    usage = {name: value for name, value in fields(message.get('usage')).items() if value}
    return Node(
        id=message_id,
        parent=None,
        role='assistant',
        parts=[each for part in parts for each in _response_parts(part)],
        time=moment(message.get('timestamp')),
        model=string(message.get('model_name')),
        is_stopped=message.get('state') in ('interrupted', 'incomplete'),
        extra={'usage': usage} if usage else {},
    )


def _requested(node_id: str, message: Json, part: Json, *, is_of_tool: bool) -> Node:
    node = Node(
        id=node_id,
        parent=None,
        role='tool',
        time=moment(part.get('timestamp')) or moment(message.get('timestamp')),
    )
    match part.get('part_kind'):
        case 'user-prompt' if is_of_tool:  # what the tool has shown to the model besides
            found = [*_contents(part.get('content'))]
            node.parts = [each for each in found if isinstance(each, File)]
            node.extra = {'shown': text} if (text := _text(found)) else {}
        case 'user-prompt':
            node.role, node.parts = 'user', [*_contents(part.get('content'))]
        case 'system-prompt':
            node.role, node.parts = 'system', [Text(string(part.get('content')))]
        case kind if kind == 'tool-return' or (kind == 'retry-prompt' and part.get('tool_name')):
            node.parts = [*_result(part)]
        case _:  # for the model only
            node.is_hidden, node.extra = True, {'part': part}
    return node


def _response_parts(part: Json) -> Iterator[Part]:
    content = part.get('content')
    match kind := string(part.get('part_kind')):
        case 'text':
            yield Text(_said(content), tuple(_citations(part)))
        case 'thinking':
            yield Thinking(_said(content))
        case _ if kind in CALL_KINDS:
            args = fields(part.get('args'))
            names = [name for name in OLD_ARGS if name in args]
            old = args[names[0]] if names and len(args) == 1 else None
            call_id = name_of(part.get('tool_call_id'))
            yield ToolCall(
                name=string(part.get('tool_name')), args=part.get('args') if old is None else old, id=call_id
            )
        case _ if kind in RESULT_KINDS:
            yield from _result(part)
        case 'file':
            yield from _contents([content])
        case 'speech':
            yield Text(string(part.get('transcript')))
            yield from _contents([part.get('audio')] if part.get('audio') else [])
        case _:
            yield unknown_part(kind, part)


def _said(content: object) -> str:
    return string(content) or as_text(content)


def _result(part: Json) -> Iterator[Part]:
    """Yield what a tool has returned, and the files among it."""
    content = part.get('content')
    found = [each for each in items(content) or [content] if fields(each).get('kind') == 'binary']
    rest = [each for each in items(content) if each not in found] if items(content) else content
    yield ToolResult(
        content=plain_content(None if found and rest == content and not items(content) else rest),
        id=name_of(part.get('tool_call_id')),
        name=string(part.get('tool_name')),
        has_failed=part.get('part_kind') == 'retry-prompt' or part.get('outcome') in ('failed', 'retried'),
    )
    yield from _contents(found)


def _contents(content: object) -> Iterator[Part]:
    """Yield the parts of what a person has sent: texts, files, and addresses of files."""
    for item in items(content) or [content]:
        value = fields(item)
        kind = string(value.get('kind'))
        if isinstance(item, str):
            yield Text(string(item))
        elif kind == 'binary':
            data = string(value.get('data')).translate(_URL_SAFE)
            name = string(value.get('identifier'))
            media_type = string(value.get('media_type'))
            name = name if '.' in name else f'{name or "file"}.{media_type.rpartition("/")[2]}'
            yield file_in_base64(name, data, media_type)
        elif kind.endswith('-url'):
            yield file_at(string(value.get('url')), kind=kind.removesuffix('-url'))
        elif kind == 'uploaded-file':
            yield File(name=first_string(value.get('file_id'), 'file'))
        elif value and kind != 'cache-point':
            yield unknown_part(kind, value)


def _text(parts: Iterable[Part]) -> str:
    return '\n\n'.join(part.text for part in parts if isinstance(part, Text))


def _citations(part: Json) -> Iterator[Cited]:
    for citation in objects(part.get('citations')):
        anchor = fields(citation.get('anchor'))
        for source in objects(citation.get('sources')):
            yield Cited(
                url=string(source.get('url')),
                title=first_string(source.get('title'), source.get('document_id')),
                start=int(number(anchor.get('start')) or 0),
                end=int(number(anchor.get('end')) or 0),
            )
