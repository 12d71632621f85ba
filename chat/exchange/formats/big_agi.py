"""big-AGI: chats that are lines of messages, each of fragments; a backup has API keys, which are not read."""

from collections.abc import Iterator

from chat.exchange.formats.content import file_of_text, unknown_part, with_sources
from chat.exchange.formats.documents import Document, Read, Reader, chat_of, each_value
from chat.exchange.formats.records import (
    Chat,
    Cited,
    File,
    Node,
    Note,
    Part,
    Role,
    Text,
    Thinking,
    ToolCall,
    ToolResult,
)
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
    number,
    objects,
    string,
)

ROLES: dict[str, Role] = {'user': 'user', 'system': 'system'}

SILENT_PARTS = {'ph', '_pt_sentinel', 'annotations'}
"""Parts that say nothing; the sources of an answer are read with its text."""

STOPPED_REASONS = {'client-abort', 'out-of-tokens', 'issue', 'client-abort-signal'}


class BigAGI(Reader):
    """A chat of big-AGI, or a backup of all."""

    id = 'big-agi'
    name = 'big-AGI'

    def begins(self, first: Json) -> bool:
        return any(map(_is_chat, (first, *items(first.get('conversations')))))

    def read(self, document: Document) -> Iterator[Read]:
        if 'conversations' not in fields(document.sample.first):
            yield from each_value(document, lambda value: _chat(fields(value), {}))
            return
        folders = {
            name_of(chat): string(folder.get('title'))
            for folder in map(fields, document.items('folders', 'folders'))
            for chat in items(folder.get('conversationIds'))
        }
        for place, value in enumerate(document.items('conversations'), 1):
            yield chat_of(value, lambda value: _chat(fields(value), folders), place)


def _is_chat(value: object) -> bool:
    chat = fields(value)
    message = fields(next(iter(items(chat.get('messages'))), None))
    is_own = 'fragments' in message or {'sender', 'tokenCount', 'text'} <= message.keys()
    return 'messages' in chat and ('systemPurposeId' in chat or is_own)


def _chat(value: Json, folders: dict[str, str]) -> Chat:
    chat_id = name_of(value.get('id'))
    nodes = line([_node(message) for message in objects(value.get('messages'))])
    return Chat(
        id=chat_id,
        title=first_string(value.get('userTitle'), value.get('autoTitle')),
        created=moment(value.get('created')),
        updated=moment(value.get('updated')),
        model=next((node.model for node in reversed(nodes) if node.model), ''),
        is_archived=flag(value.get('isArchived')) is True,
        folder=folders.get(chat_id, ''),
        nodes=nodes,
    )


def _node(message: Json) -> Node:
    role = ROLES.get(string(message.get('role')), 'assistant')
    generator = fields(message.get('generator'))
    fragments = [
        fields(fragment.get('part')) | {'fragment': fragment}
        for fragment in objects(message.get('fragments'))
    ]
    parts = [part for each in fragments for part in _part(each)]
    if not fragments and (text := string(message.get('text'))):
        parts.append(Text(text))
    return Node(
        id=name_of(message.get('id')),
        parent=None,
        role=role,
        parts=with_sources(parts, tuple(source for each in fragments for source in _sources(each))),
        time=moment(message.get('created')),
        model='' if role != 'assistant' else first_string(generator.get('name'), message.get('originLLM')),
        is_stopped=role == 'assistant'
        and (
            string(generator.get('tokenStopReason')) in STOPPED_REASONS
            or flag(message.get('pendingIncomplete')) is True
        ),
    )


def _part(part: Json) -> Iterator[Part]:
    match kind := string(part.get('pt')):
        case 'text':
            yield Text(string(part.get('text')))
        case 'ma':
            yield Thinking(first_string(part.get('aText'), part.get('text')))
        case 'doc':
            yield _document(part)
        case 'image_ref' | 'reference' | 'audio_ref' | 'image':
            yield _reference(part)
        case 'error':
            yield Note(first_string(part.get('error'), 'An error'))
        case 'tool_invocation' | 'tool_response':
            yield _tool(part)
        case _ if kind in SILENT_PARTS:
            return
        case _:
            yield unknown_part(kind, part)


def _tool(part: Json) -> Part:
    call, result = fields(part.get('invocation')), fields(part.get('response'))
    call_id = name_of(part.get('id'))
    if result:
        return ToolResult(content=result.get('result'), id=call_id, has_failed=bool(part.get('error')))
    args = call.get('args', call.get('code'))
    return ToolCall(name=first_string(call.get('name'), 'code'), args=args, id=call_id)


def _document(part: Json) -> File:
    fragment = fields(part.get('fragment'))
    meta = fields(part.get('meta'))
    name = first_string(
        meta.get('srcFileName'), fragment.get('title'), part.get('l1Title'), part.get('ref'), 'text.txt'
    )
    return file_of_text(name, string(fields(part.get('data')).get('text')))


def _reference(part: Json) -> File:
    """Return a file by what it is called: the bytes of none are in a backup."""
    fragment = fields(part.get('fragment'))
    data = fields(part.get('dataRef'))
    name = first_string(
        fragment.get('title'), part.get('altText'), part.get('assetUuid'), data.get('url'), 'image'
    )
    return File(name=name, media_type=string(data.get('mimeType')))


def _sources(part: Json) -> Iterator[Cited]:
    for each in objects(part.get('annotations')) if part.get('pt') == 'annotations' else ():
        within = first_object(each.get('ranges'))
        yield Cited(
            url=string(each.get('url')),
            title=string(each.get('title')),
            start=int(number(within.get('startIndex')) or 0),
            end=int(number(within.get('endIndex')) or 0),
        )
