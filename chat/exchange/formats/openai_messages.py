"""Lists of messages as OpenAI's interface has them, and as ShareGPT and other data sets do."""

from collections.abc import Iterable, Iterator
from typing import Any

from chat.exchange.formats.content import content_parts, split_thinking, tool_calls
from chat.exchange.formats.documents import Document, Read, Reader, Sample, chat_of, each_value
from chat.exchange.formats.records import Chat, Node, Part, Role, Text, Thinking, ToolResult
from chat.exchange.formats.tree import line
from chat.exchange.formats.values import (
    Json,
    fields,
    first_string,
    items,
    moment,
    name_of,
    number,
    objects,
    parsed,
    string,
)

ROLES: dict[str, Role] = {
    'user': 'user',
    'human': 'user',
    'prompter': 'user',
    'system': 'system',
    'developer': 'system',
    'assistant': 'assistant',
    'gpt': 'assistant',
    'chatgpt': 'assistant',
    'bing': 'assistant',
    'bard': 'assistant',
    'bot': 'assistant',
    'model': 'assistant',
    'ai': 'assistant',
    'function_call': 'assistant',
    'tool': 'tool',
    'function': 'tool',
    'function_response': 'tool',
    'observation': 'tool',
}

_LISTS = ('messages', 'conversations', 'conversation', 'history')
_TEXTS = ('content', 'value', 'text')


class OpenAIMessages(Reader):
    """Lists of messages, a chat each; also a single list, or one message a line."""

    id = 'messages'
    name = 'OpenAI messages'

    def recognises(self, sample: Sample) -> bool:
        first = sample.first
        if _is_message(first) or _is_message(next(iter(items(first)), None)):
            return True
        return any(_is_message(next(objects(fields(first).get(name)), None)) for name in _LISTS)

    def read(self, document: Document) -> Iterator[Read]:
        if _is_message(document.sample.first):
            yield chat_of({'messages': [*document.values()]}, _chat)
        else:
            yield from each_value(document, _chat_of_item)


def _is_message(value: object) -> bool:
    message = fields(value)
    return any(name in message for name in ('role', 'from')) and any(
        name in message for name in (*_TEXTS, 'tool_calls', 'function_call', 'parts')
    )


def _chat_of_item(item: object) -> Chat:
    return _chat(fields(item) or {'messages': items(item)})


def _chat(item: Json) -> Chat:
    nothing: list[Any] = []
    listed = next((found for name in _LISTS if (found := items(item.get(name)))), nothing)
    nodes = line([node_of(str(place), message) for place, message in enumerate(objects(listed))])
    chat = Chat(
        id=name_of(item.get('id')),
        title=first_string(item.get('title'), item.get('name')),
        created=moment(item.get('created_at', item.get('created'))),
        model=string(item.get('model')),
        instructions=first_string(item.get('system'), item.get('system_prompt')),
        temperature=number(item.get('temperature')),
        nodes=nodes,
    )
    if (left_out := len(listed) - len(nodes)) > 0:
        chat.problems.append(f'{left_out} of its messages are none.')
    return chat


def node_of(node_id: str, message: Json) -> Node:
    """Return a message with `role` and `content`, or `from` and `value`, whatever else it has."""
    said = first_string(message.get('role'), message.get('from')).lower()
    role = ROLES.get(said, 'user' if said.startswith('user') else 'assistant')
    if role == 'tool':
        parts: list[Part] = [_result(message)]
    else:
        spoken = _value_call(message) if said == 'function_call' else _spoken(message, role)
        parts = [*_thinking(message), *spoken, *_calls(message)]
    return Node(
        id=node_id,
        parent=None,
        role=role,
        parts=parts,
        author=string(message.get('name')) if role == 'assistant' else '',
        time=moment(message.get('timestamp', message.get('created_at'))),
        model=string(message.get('model')),
        extra={} if said in ROLES else {'role': said},
    )


def _result(message: Json) -> ToolResult:
    content = next((message[name] for name in _TEXTS if name in message), None)
    texts = [part.text for part in content_parts(content) if isinstance(part, Text)]
    return ToolResult(
        content='\n\n'.join(texts) if texts else content,
        id=name_of(message.get('tool_call_id')),
        name=string(message.get('name')),
    )


def _thinking(message: Json) -> Iterable[Thinking]:
    thought = first_string(message.get('reasoning_content'), message.get('reasoning'))
    return [Thinking(thought)] if thought else []


def _spoken(message: Json, role: Role) -> list[Part]:
    content = next((message[name] for name in (*_TEXTS, 'parts') if name in message), None)
    if role == 'assistant' and isinstance(content, str):
        return split_thinking(string(content))
    parts = content_parts(content)
    return [*parts, *content_parts(message.get('refusal'))] if 'refusal' in message else parts


def _value_call(message: Json) -> list[Part]:
    """Return the call that the value of a message is, as data sets have it."""
    return tool_calls([parsed(message.get('value'))]) or _spoken(message, 'tool')


def _calls(message: Json) -> list[Part]:
    old = fields(message.get('function_call'))
    return tool_calls(message.get('tool_calls')) + (tool_calls([old]) if old else [])
