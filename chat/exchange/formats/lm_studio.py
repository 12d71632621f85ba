"""LM Studio: a file for each chat, in which each place has versions, and each of them steps."""

from collections.abc import Iterator
from pathlib import PurePosixPath

from chat.exchange.formats.content import plain_content
from chat.exchange.formats.documents import Document, Reader
from chat.exchange.formats.records import Chat, File, Node, Part, Role, Text, Thinking, ToolCall, ToolResult
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

COMPLETE_STOPS = {'', 'eosFound', 'stopStringFound', 'toolCalls'}
"""Why an answer ended, if it is whole."""

SILENT_STEPS = {'debugInfoBlock', 'toolStatus'}
"""Steps that say nothing of what was said."""

CHATS_FOLDER = 'conversations'

FILES_FOLDER = 'user-files/'
"""The folder of what was attached; it is beside the folder of the chats."""

_OWN_KEYS = {'lastUsedModel', 'perChatPredictionConfig', 'userLastMessagedAt', 'usePerChatPredictionConfig'}


class LMStudio(Reader):
    """The chats of LM Studio, as they are in its folder."""

    id = 'lm-studio'
    name = 'LM Studio'

    def begins(self, first: Json) -> bool:
        versions = 'versions' in fields(next(iter(items(first.get('messages'))), None))
        return 'messages' in first and (versions or bool(_OWN_KEYS & first.keys()))

    def chat(self, value: Json, document: Document) -> Chat:
        nodes, current = _nodes(value, document)
        said = [moment(value.get(f'{who}LastMessagedAt')) for who in ('user', 'assistant')]
        model = fields(value.get('lastUsedModel'))
        return Chat(
            id=name_of(value.get('createdAt')) or document.name.partition('.')[0],
            title=string(value.get('name')),
            created=moment(value.get('createdAt')),
            updated=max(filter(None, said), default=None),
            model=first_string(model.get('identifier'), model.get('indexedModelIdentifier')),
            instructions=string(value.get('systemPrompt')) or string(_setting(value, 'systemPrompt')),
            temperature=number(_setting(value, 'temperature')),
            is_pinned=flag(value.get('pinned')) is True,
            folder=_folder_name(document),
            current=current,
            nodes=nodes,
        )


def _folder_name(document: Document) -> str:
    """Return the folder below that of all chats; '' if it is the folder of something else."""
    above = PurePosixPath(document.member.name).parent.parts
    if CHATS_FOLDER in above:
        return (above[above.index(CHATS_FOLDER) + 1 :] or ('',))[-1]
    return above[0] if len(above) == 1 else ''


def _setting(value: Json, name: str) -> object:
    for each in objects(fields(value.get('perChatPredictionConfig')).get('fields')):
        if each.get('key') == f'llm.prediction.{name}':
            found = each.get('value')
            switched = fields(found)
            return (switched.get('value') if switched.get('checked') else None) if switched else found
    return None


def _nodes(value: Json, document: Document) -> tuple[list[Node], str]:
    """Return all versions of all places, and the last one shown: what follows belongs to the one selected."""
    nodes: list[Node] = []
    current = ''
    for place, message in enumerate(objects(value.get('messages'))):
        versions = [*objects(message.get('versions'))]
        selected = number(message.get('currentlySelected')) or 0
        selected = min(max(int(selected), 0), len(versions) - 1)
        nodes += [
            _node(f'{place}.{index}', current or None, version, document)
            for index, version in enumerate(versions)
        ]
        current = f'{place}.{selected}' if versions else current
    return nodes, current


def _node(node_id: str, parent: str | None, version: Json, document: Document) -> Node:
    said = version.get('role')
    role: Role = 'user' if said == 'user' else 'system' if said == 'system' else 'assistant'
    node = Node(id=node_id, parent=parent, role=role)
    if role == 'assistant':
        node.model = string(fields(version.get('senderInfo')).get('senderName'))
    if 'steps' not in version:
        node.parts = [*_content(version, document)]
    for step in objects(version.get('steps')):
        info = fields(step.get('genInfo'))
        node.model = first_string(info.get('identifier'), info.get('indexedModelIdentifier'), node.model)
        reason = string(fields(info.get('stats')).get('stopReason'))
        node.is_stopped = node.is_stopped or reason not in COMPLETE_STOPS
        if string(step.get('type')) not in SILENT_STEPS:
            node.parts += _content(step, document)
    return node


def _content(block: Json, document: Document) -> Iterator[Part]:
    """Yield the parts of a block; its texts are pieces of one."""
    is_thinking = fields(block.get('style')).get('type') == 'thinking'
    pieces: list[str] = []
    for each in objects(block.get('content')):
        if each.get('type') == 'text':
            pieces += [] if flag(each.get('isStructural')) is True else [string(each.get('text'))]
        elif part := _part(each, document):
            yield part
    if text := ''.join(pieces):
        yield Thinking(text) if is_thinking else Text(text)


def _part(each: Json, document: Document) -> Part | None:
    match each.get('type'):
        case 'file':
            return _file(each, document)
        case 'toolCallRequest':
            call = fields(each.get('toolCallRequest')) or each
            return ToolCall(
                name=string(call.get('name')),
                args=call.get('arguments', call.get('parameters')),
                id=name_of(each.get('callId'))
                or name_of(call.get('id'))
                or name_of(each.get('toolCallRequestId')),
            )
        case 'toolCallResult':
            content = plain_content(each.get('content'))
            call_id = name_of(each.get('toolCallId')) or name_of(each.get('callId'))
            return ToolResult(content=content, id=call_id, name=string(each.get('name')))
        case _:
            return None


def _file(each: Json, document: Document) -> File:
    stored = first_string(each.get('fileIdentifier'), each.get('identifier'))
    end = f'{FILES_FOLDER}{stored}'
    members = document.source.members.items()
    member = next((member for name, member in members if stored and f'/{name}'.endswith(f'/{end}')), None)
    return File(
        name=first_string(each.get('name'), stored, 'file'), open=member.attachment if member else None
    )
