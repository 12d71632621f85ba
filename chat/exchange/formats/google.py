"""Google: what Takeout has of Gemini, a chat of one turn for each prompt, and the files of AI Studio."""

from collections.abc import Iterator

from chat.errors import ImportRefused
from chat.exchange.formats.content import content_parts, file_in_base64
from chat.exchange.formats.documents import Document, Read, Reader, Sample, chat_of, each_value
from chat.exchange.formats.html_markdown import markdown_of
from chat.exchange.formats.records import (
    Chat,
    Cited,
    File,
    Node,
    Note,
    Part,
    Text,
    Thinking,
    ToolCall,
    ToolResult,
)
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
    string,
)

PROMPTED = 'Prompted '
"""What stands before each prompt in English; in other languages there are other words, and they stay."""

MAX_TITLE_LENGTH = 200

_PRODUCTS = ('gemini', 'bard')


class Takeout(Reader):
    """The activity of Gemini in an export of a Google account."""

    id = 'gemini'
    name = 'Google Takeout'

    def recognises(self, sample: Sample) -> bool:
        if _is_page(sample):
            return True
        first = fields(sample.first)
        about = as_text([first.get('header'), first.get('products')]).lower()
        return {'title', 'time'} <= first.keys() and any(name in about for name in _PRODUCTS)

    def read(self, document: Document) -> Iterator[Read]:
        if _is_page(document.sample):
            raise ImportRefused(
                f'{document.name} is a page, from which chats cannot be taken. In Google Takeout, '
                'set the format of “My Activity” to JSON, and export again.'
            )
        for read in each_value(document, lambda value: _activity(fields(value), document)):
            if not isinstance(read, Chat) or any(node.parts for node in read.nodes):
                yield read


def _is_page(sample: Sample) -> bool:
    head = sample.head.lstrip().lower()
    return head.startswith(b'<') and b'my activity' in head and b'gemini apps' in head


def _activity(value: Json, document: Document) -> Chat:
    """Return the chat that an activity is; without parts in its messages if there was no prompt."""
    said = string(value.get('title'))
    answers = [markdown_of(string(each.get('html'))) for each in objects(value.get('safeHtmlItem'))]
    prompt = said.removeprefix(PROMPTED)
    is_chat = bool(answers) or prompt != said
    time = moment(value.get('time'))
    names = [*map(string, items(value.get('attachedFiles'))), string(value.get('imageFile'))]
    files = [_file(document, name) for name in dict.fromkeys(filter(None, names))]
    question: list[Part] = [Text(prompt), *files]
    answer: list[Part] = [Text('\n\n'.join(filter(None, answers)))] if any(answers) else []
    nodes = [
        Node(id='0', parent=None, role='user', parts=question if is_chat else [], time=time),
        Node(id='1', parent='0', role='assistant', parts=answer if is_chat else [], time=time),
    ]
    return Chat(title=' '.join(prompt.split())[:MAX_TITLE_LENGTH], created=time, updated=time, nodes=nodes)


def _file(document: Document, name: str) -> File:
    member = document.beside(name)
    return File(name=name, open=member.attachment if member else None)


class AIStudio(Reader):
    """A prompt of Google AI Studio, as it is in Google Drive."""

    id = 'ai-studio'
    name = 'Google AI Studio'

    def begins(self, first: Json) -> bool:
        return isinstance(first.get('chunkedPrompt'), dict)

    def read(self, document: Document) -> Iterator[Read]:
        for value in document.values():
            yield chat_of(value, lambda value: _studio_chat(fields(value), document.name))


def _studio_chat(value: Json, name: str) -> Chat:
    settings = fields(value.get('runSettings'))
    instructions = fields(value.get('systemInstruction'))
    nodes: list[Node] = []
    for chunk in objects(fields(value.get('chunkedPrompt')).get('chunks')):
        node = _chunk_node(str(len(nodes)), chunk)
        if nodes and nodes[-1].role == node.role:
            _join(nodes[-1], node)
        else:
            nodes.append(node)
    return Chat(
        title=name.removesuffix('.json'),
        model=string(settings.get('model')).removeprefix('models/'),
        temperature=number(settings.get('temperature')),
        instructions='\n\n'.join(
            part.text for part in _chunk_parts(instructions) if isinstance(part, Text) and part.text
        ),
        nodes=line(nodes),
    )


def _join(node: Node, rest: Node) -> None:
    """Add a neighbour by the same author; what a model says comes in pieces."""
    before, following = node.parts[-1:], rest.parts[:1]
    if node.role == 'assistant' and before and following:
        match before[0], following[0]:
            case Text(text, sources), Text(more, others):
                node.parts[-1:], rest.parts = [Text(text + more, sources + others)], rest.parts[1:]
            case Thinking(text), Thinking(more):
                node.parts[-1:], rest.parts = [Thinking(text + more)], rest.parts[1:]
            case _:
                pass
    node.parts += rest.parts
    node.time = node.time or rest.time
    node.is_stopped, node.failure = rest.is_stopped, rest.failure or node.failure


def _chunk_node(node_id: str, chunk: Json) -> Node:
    role = 'user' if chunk.get('role') == 'user' else 'assistant'
    finish = string(chunk.get('finishReason'))
    return Node(
        id=node_id,
        parent=None,
        role=role,
        parts=[*_chunk_parts(chunk)],
        time=moment(chunk.get('createTime')),
        is_stopped=role == 'assistant' and finish not in {'', 'STOP', 'FINISH_REASON_UNSPECIFIED'},
        failure=string(chunk.get('errorMessage')),
    )


def _chunk_parts(chunk: Json) -> Iterator[Part]:
    """Yield what is in a chunk: a text, or parts that make up the same text, files, code and sources."""
    sources = tuple(_grounding(fields(chunk.get('grounding'))))
    texts = [string(chunk.get('text'))] if chunk.get('text') else []
    texts = texts or [string(each.get('text')) for each in objects(chunk.get('parts'))]
    if text := ''.join(texts):
        yield Thinking(text) if flag(chunk.get('isThought')) is True else Text(text, sources)
    for name, value in chunk.items():
        if inner := fields(value):
            yield from _inner_part(name, inner)
    for part in objects(chunk.get('parts')):
        yield from (found for name in part for found in _inner_part(name, fields(part[name])))


def _inner_part(name: str, value: Json) -> Iterator[Part]:
    if name.startswith('inline') and value.get('data'):
        media_type = string(value.get('mimeType'))
        yield file_in_base64(media_type.replace('/', '.'), string(value.get('data')), media_type)
    elif name.startswith('drive'):
        kind = name.removeprefix('drive').lower()
        yield File(name=f'{kind} {name_of(value.get("id"))} of Google Drive')
    elif name == 'youtubeVideo':
        yield Note(f'A video: https://www.youtube.com/watch?v={name_of(value.get("id"))}')
    elif name == 'executableCode':
        yield ToolCall(name='code', args={'language': value.get('language'), 'code': value.get('code')})
    elif name == 'codeExecutionResult':
        outcome = string(value.get('outcome'))
        yield ToolResult(content=string(value.get('output')), has_failed='OK' not in outcome.upper())
    elif name in {'functionCall', 'functionResponse'}:
        yield from content_parts([value | {'type': 'tool_call' if name == 'functionCall' else 'tool_result'}])


def _grounding(grounding: Json) -> Iterator[Cited]:
    for name in ('groundingSources', 'sources', 'groundingChunks'):
        for each in objects(grounding.get(name)):
            page = fields(each.get('web')) or each
            yield Cited(url=first_string(page.get('uri'), page.get('url')), title=string(page.get('title')))
