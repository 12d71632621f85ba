"""What is in a message of ChatGPT: its kind of content, its files, and whether it is shown at all."""

from collections.abc import Iterator
from typing import Protocol

from chat.exchange.formats.chatgpt_citations import cited_text
from chat.exchange.formats.content import fenced
from chat.exchange.formats.records import (
    Chat,
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
from chat.exchange.formats.values import (
    Json,
    as_text,
    fields,
    first_string,
    flag,
    items,
    moment,
    name_of,
    objects,
    string,
)

ROLES: dict[str, Role] = {'user': 'user', 'assistant': 'assistant', 'tool': 'tool'}

CONTEXT_KINDS = {'user_editable_context', 'model_editable_context'}
"""Kinds of content that tell the model about the user, and that nobody sees."""

STOPPED_STATUSES = {'finished_partial_completion', 'in_progress'}
STOPPED_TYPES = {'interrupted', 'max_tokens', 'user_interrupted', 'client_stopped'}

UNFINISHED_CHANNELS = ('analysis', 'commentary')
"""Of what a model says before it is done."""


class Assets(Protocol):
    """The files of an export."""

    def file(self, pointer: str, name: str = '', media_type: str = '') -> File:
        """Return the file that a pointer or an id means."""
        ...


def node_of(node_id: str, entry: Json, chat: Chat, assets: Assets) -> Node:
    """Return a message, which may be none; what is said of the whole chat is put into the chat."""
    message = fields(entry.get('message'))
    author, content, metadata = (fields(message.get(name)) for name in ('author', 'content', 'metadata'))
    role = ROLES.get(string(author.get('role')), 'system')
    node = Node(
        id=node_id,
        parent=name_of(entry.get('parent')) or None,
        role=role,
        time=moment(message.get('create_time')),
        model=string(metadata.get('model_slug')),
        is_hidden=role == 'system' or _is_hidden(message, content, metadata, role),
        is_unfinished=flag(message.get('end_turn')) is False
        or string(message.get('channel')) in UNFINISHED_CHANNELS,
    )
    if node.is_hidden:
        _take_context(content, metadata, chat)
        node.extra = {'content': content} if role != 'system' and content else {}
        node.parts = [Text(_plain_text(content))] if role == 'system' else []
        return node
    if role == 'assistant':
        node.is_stopped = _is_stopped(message, metadata)
    parts = _Parts(message, content, metadata, assets, chat)
    node.parts = [*parts.of(role, string(author.get('name')))]
    if recap := content.get('content_type') == 'reasoning_recap':
        node.extra['reasoning_recap'] = string(content.get('content'))
    node.is_unfinished = node.is_unfinished or bool(recap)
    return node


def _is_hidden(message: Json, content: Json, metadata: Json, role: Role) -> bool:
    is_said_so = flag(metadata.get('is_visually_hidden_from_conversation')) is True and role != 'tool'
    return not message or is_said_so or string(content.get('content_type')) in CONTEXT_KINDS


def _take_context(content: Json, metadata: Json, chat: Chat) -> None:
    """Take what the user has told the model to do, if that is it."""
    if content.get('content_type') == 'user_editable_context' and not chat.instructions:
        told = fields(metadata.get('user_context_message_data'))
        chat.instructions = first_string(told.get('about_model_message'), content.get('user_instructions'))


def _is_stopped(message: Json, metadata: Json) -> bool:
    finish = string(fields(metadata.get('finish_details')).get('type'))
    return string(message.get('status')) in STOPPED_STATUSES or finish in STOPPED_TYPES


def _plain_text(content: Json) -> str:
    """Return whatever text there is in a content of any kind."""
    parts = '\n\n'.join(filter(None, map(string, items(content.get('parts')))))
    return parts or first_string(*(content.get(name) for name in ('text', 'result', 'content', 'summary')))


class _Parts:
    """The parts of one message."""

    def __init__(self, message: Json, content: Json, metadata: Json, assets: Assets, chat: Chat) -> None:
        self._message = message
        self._content = content
        self._metadata = metadata
        self._assets = assets
        self._chat = chat
        self._attachments = {name_of(each.get('id')): each for each in objects(metadata.get('attachments'))}

    def of(self, role: Role, author: str) -> Iterator[Part]:
        """Yield all parts: what was said, or a call of a tool or its result, and files."""
        recipient = string(self._message.get('recipient')) or 'all'
        if role == 'tool':
            yield from self._result(author)
        elif role == 'assistant' and recipient != 'all':
            yield ToolCall(name=recipient, args=_plain_text(self._content))
        else:
            yield from self._said()
        for attachment in self._attachments.values():
            yield self._attached(attachment)

    def _said(self) -> Iterator[Part]:
        content, kind = self._content, string(self._content.get('content_type'))
        match kind:
            case 'text' | 'multimodal_text' | '':
                yield from self._items()
            case 'code':
                language = string(content.get('language'))
                yield Text(fenced(_plain_text(content), '' if language == 'unknown' else language))
            case 'thoughts':
                thoughts = objects(content.get('thoughts'))
                texts = [first_string(each.get('content'), each.get('summary')) for each in thoughts]
                yield Thinking('\n\n'.join(filter(None, texts)))
            case 'reasoning_recap':
                return
            case _:
                yield self._unknown(kind, content)

    def _items(self) -> Iterator[Part]:
        for item in items(self._content.get('parts')):
            if isinstance(item, str):
                if text := string(item):
                    yield self._text(text)
            elif part := fields(item):
                yield from self._item(part)

    def _text(self, text: str) -> Text:
        return cited_text(text, self._metadata)

    def _item(self, part: Json) -> Iterator[Part]:
        match kind := string(part.get('content_type')):
            case 'audio_transcription':
                yield Text(string(part.get('text')))
            case 'image_asset_pointer' | 'audio_asset_pointer' | 'video_container_asset_pointer':
                yield self._pointed_at(part)
            case 'real_time_user_audio_video_asset_pointer':
                yield from map(self._pointed_at, objects([part.get('audio_asset_pointer')]))
                yield from map(self._pointed_at, objects(part.get('frames_asset_pointers')))
            case _:
                yield self._unknown(kind, part)

    def _unknown(self, kind: str, value: Json) -> Part:
        self._chat.problems.append(f'ChatGPT calls something in it “{kind or "?"}”, which is not known here.')
        text = _plain_text(value)
        return Text(text) if text else Note(f'“{kind or "?"}”, which cannot be shown')

    def _pointed_at(self, part: Json) -> File:
        pointer = string(part.get('asset_pointer'))
        attachment = self._attachments.pop(pointer.rpartition('/')[2], {})
        is_audio = part.get('content_type') == 'audio_asset_pointer'
        name = string(attachment.get('name')) or (
            '' if not is_audio else f'voice.{part.get("format", "wav")}'
        )
        return self._assets.file(pointer, name, string(attachment.get('mime_type')))

    def _attached(self, attachment: Json) -> File:
        return self._assets.file(
            name_of(attachment.get('id')), string(attachment.get('name')), string(attachment.get('mime_type'))
        )

    def _result(self, author: str) -> Iterator[Part]:
        """Yield what a tool has returned, and the pictures that it made."""
        found = [part for part in self._items() if not isinstance(part, Text)]
        content = _plain_text(self._content)
        if not content and not found:
            rest = {name: value for name, value in self._content.items() if name != 'content_type'}
            content = as_text(rest) if rest else ''
        kind = string(self._content.get('content_type'))
        yield ToolResult(content=content, name=author, has_failed=kind == 'system_error')
        yield from (part for part in found if isinstance(part, File))
        if kind == 'computer_output':
            yield from map(self._pointed_at, objects([self._content.get('screenshot')]))
        aggregate = fields(self._metadata.get('aggregate_result'))
        for message in objects(aggregate.get('messages')):
            if url := string(message.get('image_url')):
                yield self._assets.file(url)
