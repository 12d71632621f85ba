"""Open WebUI: chats with a tree of messages, in which thinking and tools stand in HTML."""

import html
import re
from collections.abc import Iterator

from chat.exchange.formats.content import (
    content_parts,
    file_at,
    file_of_text,
    split_thinking,
    thinking_of,
    tool_call,
    tool_result,
    unknown_part,
    with_sources,
)
from chat.exchange.formats.documents import Document, Reader
from chat.exchange.formats.records import Chat, Cited, File, Node, Part, Text, Thinking, ToolCall, ToolResult
from chat.exchange.formats.tree import line
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
    parsed,
    string,
)

_DETAILS = re.compile(r'<details\b(?P<about>[^>]*)>(?P<content>.*?)(?:</details>\s*|\Z)', re.DOTALL)
_ATTRIBUTE = re.compile(r'(\w+)="([^"]*)"')
_SUMMARY = re.compile(r'<summary>.*?</summary>', re.DOTALL)
_QUOTE = re.compile(r'^(?:&gt;|>) ?', re.MULTILINE)


class OpenWebUI(Reader):
    """The export of Open WebUI: of one chat, of all, or what its interface answers."""

    id = 'open-webui'
    name = 'Open WebUI'

    def begins(self, first: Json) -> bool:
        chat = fields(first.get('chat')) or first
        history = fields(chat.get('history'))
        return 'messages' in history or ('chat' in first and isinstance(chat.get('messages'), list))

    def chat(self, value: Json, document: Document) -> Chat:
        chat = fields(value.get('chat')) or value
        history, params = fields(chat.get('history')), fields(chat.get('params'))
        messages = fields(history.get('messages'))
        flat = [*objects(chat.get('messages'))]
        if messages:
            nodes = [_node(key, fields(message)) for key, message in messages.items()]
        else:
            nodes = [_node(str(place), message) for place, message in enumerate(flat)]
            nodes = nodes if any('parentId' in message for message in flat) else line(nodes)
        return Chat(
            id=name_of(value.get('id')) or name_of(chat.get('id')),
            title=first_string(value.get('title'), chat.get('title')),
            created=moment(value.get('created_at')) or moment(chat.get('timestamp')),
            updated=moment(value.get('updated_at')),
            model=next(iter(map(string, items(chat.get('models')))), ''),
            instructions=first_string(chat.get('system'), params.get('system')),
            temperature=number(params.get('temperature')),
            is_pinned=flag(value.get('pinned')) is True,
            is_archived=flag(value.get('archived')) is True,
            current=name_of(history.get('currentId')),
            nodes=nodes,
        )


def _node(key: str, message: Json) -> Node:
    role = string(message.get('role'))
    is_answer = role not in {'user', 'system'}
    error = message.get('error')
    failure = first_string(fields(error).get('content'), fields(error).get('message'), error)
    parts = _answer(message) if is_answer else content_parts(message.get('content'))
    return Node(
        id=name_of(message.get('id')) or key,
        parent=name_of(message.get('parentId')) or None,
        role='assistant' if is_answer else 'user' if role == 'user' else 'system',
        parts=[*parts, *_files(message)],
        time=moment(message.get('timestamp')),
        model=string(message.get('model')),
        is_stopped=is_answer and flag(message.get('done')) is False,
        failure=failure,
    )


def _answer(message: Json) -> list[Part]:
    """Return the parts of an answer, which are in `content` and, in newer versions, once more in `output`."""
    content = message.get('content')
    written = _parts_in(string(content)) if isinstance(content, str) else content_parts(content)
    put_out = [part for item in objects(message.get('output')) for part in _output_parts(item)]
    said = [part for part in written if isinstance(part, Text)]
    if not put_out:
        parts = written
    elif _text(written) in {'', _text(put_out)}:
        parts = put_out
    else:  # somebody has changed the text, which is done in one place only
        parts = [*(part for part in put_out if not isinstance(part, Text)), *said]
    sources = tuple(_sources(message))
    return with_sources(parts, sources)


def _text(parts: list[Part]) -> str:
    return ' '.join(' '.join(part.text for part in parts if isinstance(part, Text)).split())


def _parts_in(content: str) -> list[Part]:
    """Return the parts of a text in which thinking and calls are elements of HTML."""
    parts: list[Part] = []
    end = 0
    for found in _DETAILS.finditer(content):
        about = {name: html.unescape(value) for name, value in _ATTRIBUTE.findall(found['about'])}
        if about.get('type') not in {'reasoning', 'tool_calls', 'code_interpreter'}:
            continue
        parts += _texts(content[end : found.start()])
        parts += _details(about, _SUMMARY.sub('', found['content']).strip())
        end = found.end()
    return [*parts, *(split_thinking(content) if not end else _texts(content[end:]))]


def _texts(text: str) -> list[Part]:
    return [Text(text.strip())] if text.strip() else []


def _details(about: dict[str, str], content: str) -> Iterator[Part]:
    if about['type'] == 'reasoning':
        yield Thinking(html.unescape(_QUOTE.sub('', content)).strip())
    elif about['type'] == 'code_interpreter':
        yield ToolCall(name='code_interpreter', args=content)
        yield ToolResult(content=as_text(parsed(about.get('output', ''))))
    else:
        call = about.get('id', '')
        yield ToolCall(name=about.get('name', ''), args=parsed(about.get('arguments', '')), id=call)
        if 'result' in about:
            yield ToolResult(content=as_text(parsed(about['result'])), id=call)


def _output_parts(item: Json) -> Iterator[Part]:
    match kind := string(item.get('type')):
        case 'reasoning':
            yield from thinking_of(item)
        case 'message':
            yield from content_parts(item.get('content'))
        case 'function_call':
            yield tool_call(item)
        case 'function_call_output':
            yield tool_result(item)
        case 'open_webui:code_interpreter':
            yield ToolCall(name='code_interpreter', args=string(item.get('code')))
            yield ToolResult(content=as_text(item.get('output')))
        case _:
            yield unknown_part(kind, item)


def _files(message: Json) -> Iterator[File]:
    for file in objects(message.get('files')):
        inner = fields(file.get('file'))
        meta = fields(inner.get('meta'))
        name = first_string(file.get('name'), inner.get('filename'), meta.get('name'))
        content = string(fields(inner.get('data')).get('content'))
        if content:
            yield file_of_text(name or 'file.txt', content)
        else:
            kind = 'image' if file.get('type') == 'image' else 'file'
            yield file_at(string(file.get('url')), name=name, kind=kind)


def _sources(message: Json) -> Iterator[Cited]:
    for each in (
        objects(message.get('sources')) if 'sources' in message else objects(message.get('citations'))
    ):
        source = fields(each.get('source'))
        name = first_string(source.get('name'), source.get('id'))
        yield Cited(url=first_string(source.get('url'), name if '://' in name else ''), title=name)
