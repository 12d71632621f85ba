"""The messages of a chat of another program, as messages of pydantic-ai.

Tools of other programs never run here: their calls and results are parts of the response, as those are that
a provider has run, and no model is sent them. Thinking has no signature, since none is ours.
"""

import mimetypes
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from pydantic_ai import (
    BinaryContent,
    FilePart,
    ModelMessage,
    ModelRequest,
    ModelResponse,
    NativeToolCallPart,
    NativeToolReturnPart,
    TextPart,
    ThinkingPart,
    UserPromptPart,
)
from pydantic_ai.messages import (
    Citation,
    CitationSource,
    ContentCitationAnchor,
    DocumentCitationSource,
    ModelResponsePart,
    WebCitationSource,
)

from chat.conversation.answering.model_input import IMPORTED_KEY
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
from chat.exchange.formats.tool_pairs import with_paired_tools
from chat.exchange.formats.tree import text_of, tree_of
from chat.exchange.formats.values import as_text, fields, parsed, storable
from chat.exchange.imported import ImportedChat, ImportedFile, ImportedMessage

TIME_UNKNOWN_KEY = 'time_unknown'
"""Set under `IMPORTED_KEY` if the export does not say when the message was written."""

MAX_EXTRA_LENGTH = 8_000
"""Characters of JSON that are kept of what there is no place for in a message."""

EARLIEST_TIME = datetime(1990, 1, 1, tzinfo=UTC)
"""What is said to be older than this was not written to a model."""

MAX_CLOCK_LEAD = timedelta(days=2)
"""How far the clock of the computer may have been ahead on which a message was written."""

UNKNOWN_TIME = datetime.fromtimestamp(0, UTC)

DEFAULT_MEDIA_TYPE = 'application/octet-stream'


def imported_chat(source: str, chat: Chat) -> ImportedChat:
    """Return a chat as it is stored here."""
    _remove_odd_times(chat)
    tree = tree_of(chat)
    messages = _Messages(source, chat)
    return ImportedChat(
        source=source,
        id=chat.id,
        title=chat.title,
        created_at=chat.created,
        updated_at=chat.updated,
        messages=[messages.message_of(node) for node in tree.nodes],
        shown_id=tree.head,
        model=chat.model,
        instructions=tree.instructions,
        temperature=chat.temperature,
        is_pinned=chat.is_pinned,
        is_archived=chat.is_archived,
        folder=chat.folder,
        problems=[*dict.fromkeys(chat.problems)],
    )


def _remove_odd_times(chat: Chat) -> None:
    """Remove the times at which nobody can have written."""
    latest = datetime.now(UTC) + MAX_CLOCK_LEAD
    odd = list[datetime]()

    def plausible(time: datetime | None) -> datetime | None:
        if time is None or EARLIEST_TIME <= time <= latest:
            return time
        odd.append(time)
        return None

    chat.created, chat.updated = plausible(chat.created), plausible(chat.updated)
    for node in chat.nodes:
        node.time = plausible(node.time)
    if odd:
        chat.problems.append(
            f'It has times that cannot be right, such as {odd[0].date()}. They were left out.'
        )


@dataclass(eq=False)
class _Messages:
    """Makes messages of nodes, each behind its parent."""

    source: str
    chat: Chat
    _times: dict[str | None, datetime] = field(default_factory=dict[str | None, datetime])

    def message_of(self, node: Node) -> ImportedMessage:
        before = self._times.get(node.parent) or self.chat.created or self.chat.updated or UNKNOWN_TIME
        time = self._times[node.id] = node.time or before
        files = _Files(node)
        if node.role == 'user':
            message: ModelMessage = self._request(node, time, files)
        else:
            message = self._response(node, time, files)
        return ImportedMessage(
            id=node.id,
            parent_id=node.parent,
            message=message,
            time=node.time,
            files=files.by_key,
            is_stopped=node.is_stopped,
            failure=node.failure,
        )

    def _request(self, node: Node, time: datetime, files: '_Files') -> ModelRequest:
        contents = [files.content_of(part) for part in node.parts if isinstance(part, File)]
        notes = [part.text for part in node.parts if isinstance(part, Note)]
        said = '\n\n'.join(filter(None, (text_of(node), *map(_note_line, notes))))
        content = [said, *contents] if contents and said else contents or said
        return ModelRequest(
            parts=[UserPromptPart(content, timestamp=time)], timestamp=time, metadata=_metadata(node)
        )

    def _response(self, node: Node, time: datetime, files: '_Files') -> ModelResponse:
        return ModelResponse(
            parts=[*_response_parts(with_paired_tools(node.parts), f'{IMPORTED_KEY}:{self.source}', files)],
            model_name=node.model or None,
            timestamp=time,
            state='interrupted' if node.is_stopped else 'complete',
            metadata=_metadata(node),
        )


class _Files:
    """The files of a message, each with a key for its place in the message."""

    def __init__(self, node: Node) -> None:
        self._node = node.id
        self.by_key: dict[str, ImportedFile] = {}

    def content_of(self, file: File) -> BinaryContent:
        """Return what stands for a file in the message until its bytes are read."""
        key = f'{self._node}/{len(self.by_key)}'
        media_type = file.media_type or mimetypes.guess_type(file.name)[0] or DEFAULT_MEDIA_TYPE
        self.by_key[key] = ImportedFile(name=file.name, media_type=media_type, open=file.open)
        return BinaryContent.narrow_type(BinaryContent(b'', media_type=media_type, identifier=key))


def _note_line(text: str) -> str:
    return f'*[{text}]*'


def _metadata(node: Node) -> dict[str, Any]:
    """Return the metadata of a message: what there is no place for in it, as far as it is small."""
    extra: dict[str, Any] = {}
    for name, value in node.extra.items():
        if len(as_text({**extra, name: value})) <= MAX_EXTRA_LENGTH:
            extra[name] = storable(value)
    if node.author:
        extra['author'] = node.author
    if node.time is None:
        extra[TIME_UNKNOWN_KEY] = True
    return {IMPORTED_KEY: extra}


def _response_parts(parts: Sequence[Part], provider: str, files: _Files) -> Iterator[ModelResponsePart]:
    for part in parts:
        match part:
            case Text() if part.text.strip():
                yield TextPart(part.text, citations=[*_citations(part)] or None)
            case Thinking() if part.text.strip():
                yield ThinkingPart(part.text)
            case ToolCall():
                yield NativeToolCallPart(
                    part.name or 'tool', _args(part), tool_call_id=part.id, provider_name=provider
                )
            case ToolResult():
                yield _tool_return(part, provider)
            case File():
                yield FilePart(files.content_of(part))
            case Note():
                yield TextPart(_note_line(part.text))
            case _:
                pass


def _args(call: ToolCall) -> str | dict[str, Any] | None:
    args = storable(parsed(call.args))
    return args if args is None else fields(args) or ({} if args == {} else as_text(call.args))


def _tool_return(result: ToolResult, provider: str) -> NativeToolReturnPart:
    return NativeToolReturnPart(
        result.name or 'tool',
        storable(result.content),
        tool_call_id=result.id,
        provider_name=provider,
        outcome='failed' if result.has_failed else 'success',
        timestamp=UNKNOWN_TIME,
    )


def _citations(text: Text) -> Iterator[Citation]:
    for cited in text.sources:
        if cited.url or cited.title:
            is_within = 0 <= cited.start < cited.end <= len(text.text)
            anchor = ContentCitationAnchor(start=cited.start, end=cited.end) if is_within else None
            yield Citation([_source(cited)], anchor=anchor)


def _source(cited: Cited) -> CitationSource:
    """Return a page of the web, or a document: what no browser should open is only the name of one."""
    if cited.url.lower().startswith(('https://', 'http://')):
        return WebCitationSource(cited.url, title=cited.title or None)
    return DocumentCitationSource(title=cited.title or cited.url)
