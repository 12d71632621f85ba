"""Claude: conversations whose messages name the one before them; those of before 2025 are a line."""

import re
from collections.abc import Iterator

from chat.exchange.formats.content import (
    content_parts,
    fenced,
    file_of_text,
    plain_content,
    tool_call,
    tool_result,
    unknown_part,
)
from chat.exchange.formats.documents import Document, Reader
from chat.exchange.formats.records import Chat, Cited, File, Node, Part, Text, Thinking
from chat.exchange.formats.tree import line
from chat.exchange.formats.values import (
    Json,
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

PLACEHOLDER = re.compile(r'(?:```\s*)?This block is not supported on your current device yet\.?(?:\s*```)?')
"""Stands in `text` for each part that is in `content`."""

_ARTIFACT = re.compile(r'<antArtifact\b(?P<about>[^>]*)>(?P<source>.*?)(?:</antArtifact>|\Z)', re.DOTALL)
_ATTRIBUTE = re.compile(r'(\w+)="([^"]*)"')
_THOUGHT = re.compile(r'<antThinking>(.*?)(?:</antThinking>|\Z)', re.DOTALL)

SILENT_KINDS = {'token_budget', 'flag'}
"""Parts that say nothing to anybody."""


class Claude(Reader):
    """The export of Claude."""

    id = 'claude'
    name = 'Claude'

    def begins(self, first: Json) -> bool:
        return isinstance(first.get('chat_messages'), list)

    def chat(self, value: Json, document: Document) -> Chat:
        messages = [*objects(value.get('chat_messages'))]
        nodes = [_node(message) for message in messages]
        is_tree = any('parent_message_uuid' in message for message in messages)
        project = fields(value.get('project'))
        settings = fields(value.get('settings'))
        return Chat(
            id=name_of(value.get('uuid')),
            title=string(value.get('name')),
            created=moment(value.get('created_at')),
            updated=moment(value.get('updated_at')),
            model=first_string(value.get('model'), settings.get('model')),
            is_pinned=flag(value.get('is_starred')) is True,
            folder=string(project.get('name')),
            current=name_of(value.get('current_leaf_message_uuid')),
            nodes=nodes if is_tree else line(nodes),
        )


def _node(message: Json) -> Node:
    is_question = message.get('sender') in ('human', 'user')
    said = [part for block in objects(message.get('content')) for part in _block(block)]
    if not any(not isinstance(part, File) for part in said):
        text = PLACEHOLDER.sub('', string(message.get('text'))).strip()
        said = [*_texts(text), *said]
    return Node(
        id=name_of(message.get('uuid')),
        parent=name_of(message.get('parent_message_uuid')) or None,
        role='user' if is_question else 'assistant',
        parts=[*said, *_files(message)],
        time=moment(message.get('created_at')),
        model=string(message.get('model')),
        is_stopped=not is_question and flag(message.get('truncated')) is True,
    )


def _block(block: Json) -> Iterator[Part]:
    match kind := string(block.get('type')):
        case 'text':
            yield from _cited(block)
        case 'thinking' | 'redacted_thinking':
            summaries = [string(each.get('summary')) for each in objects(block.get('summaries'))]
            thought = string(block.get('thinking')) or '\n\n'.join(filter(None, summaries))
            yield from [Thinking(thought)] if thought else []
        case 'tool_use' | 'server_tool_use':
            yield tool_call(block)
        case 'tool_result' | 'web_search_tool_result':
            yield from _result(block)
        case _ if kind in SILENT_KINDS:
            return
        case 'image' | 'document' | 'file':
            yield from content_parts([block])
        case _:
            yield unknown_part(kind, block)


def _cited(block: Json) -> Iterator[Part]:
    text = string(block.get('text'))
    sources = tuple(
        Cited(
            url=first_string(details.get('url'), each.get('url')),
            title=first_string(details.get('title'), each.get('title')),
            start=int(number(each.get('start_index')) or 0),
            end=int(number(each.get('end_index')) or 0),
        )
        for each in objects(block.get('citations'))
        for details in [fields(each.get('details'))]
    )
    parts = _texts(PLACEHOLDER.sub('', text))
    if sources and parts == [Text(text)]:
        parts = [Text(text, sources)]
    elif sources and parts:  # the places in the text are others now
        first = next((part for part in parts if isinstance(part, Text)), Text(''))
        pages = tuple(Cited(url=each.url, title=each.title) for each in sources)
        parts = [Text(part.text, pages) if part is first else part for part in parts]
    yield from parts


def _texts(text: str) -> list[Part]:
    """Return a text, with thoughts apart and the source of an artifact as code."""
    thoughts = [Thinking(thought.strip()) for thought in _THOUGHT.findall(text) if thought.strip()]
    text = _ARTIFACT.sub(_artifact_source, _THOUGHT.sub('', text)) if '<ant' in text else text
    return [*thoughts, Text(text)] if text.strip() else [*thoughts]


def _artifact_source(artifact: re.Match[str]) -> str:
    about = dict(_ATTRIBUTE.findall(artifact['about']))
    source = artifact['source'].strip('\n')
    language = about.get('language') or about.get('type', '').rpartition('/')[2].rpartition('.')[2]
    return f'\n\n**{about.get("title", "Artifact")}**\n\n{fenced(source, language)}\n\n'


def _result(block: Json) -> Iterator[Part]:
    """Yield what a tool returned; of a picture there is only the name."""
    content = block.get('content')
    pictures = [each for each in objects(content) if each.get('type') in ('image', 'local_resource')]
    rest = [each for each in items(content) if each not in pictures] if pictures else content
    yield tool_result({**block, 'content': plain_content(rest)})
    for picture in pictures:
        yield from content_parts([picture | {'type': 'image'}])


def _files(message: Json) -> Iterator[File]:
    for attachment in objects(message.get('attachments')):
        name = first_string(attachment.get('file_name'), 'attachment.txt')
        yield file_of_text(name, string(attachment.get('extracted_content')))
    named = [*objects(message.get('files')), *objects(message.get('files_v2'))]
    names = [first_string(file.get('file_name'), file.get('file_uuid'), 'file') for file in named]
    yield from (File(name=name) for name in dict.fromkeys(names))
