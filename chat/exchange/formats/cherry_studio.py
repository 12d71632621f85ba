"""Cherry Studio: a backup whose topics name messages, whose messages name blocks.

Titles and instructions are in its settings, which are JSON in JSON in JSON; the API keys beside them are
not read.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from chat.errors import ImportRefused
from chat.exchange.formats.content import fenced, file_at, unknown_part, with_sources
from chat.exchange.formats.documents import Document, Read, Reader, chat_of
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
    parsed,
    string,
)

SETTINGS_KEY = 'persist:cherry-studio'

FILES_FOLDER = 'Data/Files/'
"""Where the files of a backup are, each under its id."""


class CherryStudio(Reader):
    """A backup of Cherry Studio."""

    id = 'cherry-studio'
    name = 'Cherry Studio'

    def begins(self, first: Json) -> bool:
        return 'localStorage' in first and {'indexedDB', 'version', 'time'} & first.keys() != set()

    def read(self, document: Document) -> Iterator[Read]:
        about = _settings(document)
        blocks = defaultdict[str, list[Json]](list)
        for block in map(fields, document.items('indexedDB', 'message_blocks')):
            blocks[name_of(block.get('messageId'))].append(block)
        for place, topic in enumerate(document.items('indexedDB', 'topics'), 1):
            reader = _Topic(document, blocks, about.get(name_of(fields(topic).get('id')), {}))
            yield chat_of(topic, lambda value, reader=reader: reader.chat(fields(value)), place)


def _settings(document: Document) -> dict[str, Json]:
    """Return what is told of each topic: its own fields, and the assistant that it belongs to."""
    try:
        stored = next(document.values_at('localStorage', SETTINGS_KEY), None)
    except ImportRefused:  # what matters of the file is read all the same
        stored = None
    assistants = fields(parsed(fields(parsed(stored)).get('assistants')))
    everyone = [*objects(assistants.get('assistants')), *objects([assistants.get('defaultAssistant')])]
    return {
        name_of(topic.get('id')): {**topic, 'assistant': assistant}
        for assistant in everyone
        for topic in objects(assistant.get('topics'))
    }


@dataclass(frozen=True, slots=True)
class _Topic:
    """Reads one topic."""

    document: Document
    blocks: Mapping[str, list[Json]]
    about: Json

    def chat(self, topic: Json) -> Chat:
        assistant = fields(self.about.get('assistant'))
        nodes, current = self._nodes(topic)
        settings = fields(assistant.get('settings'))
        return Chat(
            id=name_of(topic.get('id')),
            title=first_string(self.about.get('name'), topic.get('name')),
            created=moment(self.about.get('createdAt')),
            updated=moment(self.about.get('updatedAt')),
            model=next((node.model for node in reversed(nodes) if node.model), ''),
            instructions=first_string(self.about.get('prompt'), assistant.get('prompt')),
            temperature=number(settings.get('temperature'))
            if flag(settings.get('enableTemperature')) is not False
            else None,
            is_pinned=flag(self.about.get('pinned')) is True,
            current=current,
            nodes=nodes,
        )

    def _nodes(self, topic: Json) -> tuple[list[Node], str]:
        """Return the messages, a line but for answers of several models, and the last one shown."""
        nodes: list[Node] = []
        asked = last = ''
        selected: dict[str, str] = {}
        for place, message in enumerate(objects(topic.get('messages'))):
            node = self._node(message, str(place))
            question = name_of(message.get('askId'))
            if node.role == 'assistant' and question and question == asked:
                node.parent = asked
                if flag(message.get('foldSelected')) is True or asked not in selected:
                    selected[asked] = last = node.id
            else:
                node.parent, last = last or None, node.id
            asked = node.id if node.role == 'user' else asked
            nodes.append(node)
        return nodes, last

    def _node(self, message: Json, place: str) -> Node:
        is_question = message.get('role') == 'user'
        message_id = name_of(message.get('id'))
        blocks = self._blocks_of(message)
        parts = [part for block in blocks for part in self._parts(block)]
        parts = with_sources(parts, tuple(source for block in blocks for source in _sources(block)))
        if not parts and (text := string(message.get('content'))):
            parts.append(Text(text))
        elif not parts and items(message.get('blocks')):
            parts.append(Note('What was said here is not in the backup'))
        model = fields(message.get('model'))
        return Node(
            id=message_id or place,
            parent=None,
            role='user' if is_question else 'system' if message.get('role') == 'system' else 'assistant',
            parts=parts,
            time=moment(message.get('createdAt')),
            model=''
            if is_question
            else first_string(model.get('id'), model.get('name'), message.get('modelId')),
            is_stopped=not is_question and message.get('status') == 'paused',
        )

    def _blocks_of(self, message: Json) -> list[Json]:
        found = self.blocks.get(name_of(message.get('id')), [])
        order = [name_of(each) for each in items(message.get('blocks'))]
        known = {name_of(block.get('id')): block for block in found}
        return [known[each] for each in order if each in known] or found

    def _parts(self, block: Json) -> Iterator[Part]:
        content = string(block.get('content'))
        match kind := string(block.get('type')):
            case 'main_text' | 'translation' | 'compact':
                yield Text(content)
            case 'code':
                yield Text(fenced(content, string(block.get('language'))))
            case 'thinking':
                yield Thinking(content)
            case 'image' | 'file' | 'video':
                yield self._file(block, kind)
            case 'tool':
                yield from _tool(block)
            case 'error':
                yield Note(first_string(fields(block.get('error')).get('message'), 'An error'))
            case 'unknown' | 'citation':
                return
            case _:
                yield unknown_part(kind, block)

    def _file(self, block: Json, kind: str) -> File:
        file = fields(block.get('file'))
        name = first_string(file.get('origin_name'), file.get('name'), kind)
        stored = first_string(file.get('name'), f'{name_of(file.get("id"))}{string(file.get("ext"))}')
        member = self.document.beside(FILES_FOLDER + stored) if stored else None
        if member:
            return File(name=name, open=member.attachment)
        return file_at(string(block.get('url')), name=name if file else '', kind=kind)


def _tool(block: Json) -> Iterator[Part]:
    raw = fields(fields(block.get('metadata')).get('rawMcpToolResponse'))
    tool = fields(raw.get('tool'))
    call = name_of(block.get('toolId')) or name_of(raw.get('id'))
    name = first_string(block.get('toolName'), tool.get('name'))
    yield ToolCall(name=name, args=block.get('arguments', raw.get('arguments')), id=call)
    result = block.get('content', raw.get('response'))
    if result is not None:
        yield ToolResult(content=result, id=call, has_failed=block.get('status') == 'error')


def _sources(block: Json) -> Iterator[Cited]:
    response = fields(block.get('response')) if block.get('type') == 'citation' else {}
    results = fields(response.get('results')) or response
    for each in [
        *objects(results.get('results')),
        *objects(response.get('results')),
        *objects(block.get('knowledge')),
    ]:
        url = first_string(each.get('url'), each.get('uri'), each.get('sourceUrl'))
        yield Cited(url=url, title=string(each.get('title')))
