"""A conversation as messages for other programs: pydantic-ai's JSON, and lines as OpenAI takes them."""

import base64
import json
from collections.abc import Iterator, Sequence
from typing import Any

from pydantic_ai import (
    BinaryContent,
    ModelMessage,
    ModelMessagesTypeAdapter,
    ModelRequest,
    ModelResponse,
    SystemPromptPart,
    TextPart,
    ToolCallPart,
    ToolReturnPart,
    UserPromptPart,
)

from chat.conversation.content.messages import is_continuation
from chat.conversation.whole_conversation import WholeConversation
from chat.exchange.versions import other_branches


def pydantic_ai_file(whole: WholeConversation) -> Iterator[bytes]:
    """Yield the branch that is shown as `ModelMessagesTypeAdapter` reads it; files are in it."""
    separator = b'[\n'
    for message in whole.messages:
        yield separator + ModelMessagesTypeAdapter.dump_json([message], fallback=repr, warnings=False)[1:-1]
        separator = b',\n'
    yield b'\n]\n' if whole.messages else b'[]\n'


def openai_lines(whole: WholeConversation, *, all_versions: bool = False) -> Iterator[bytes]:
    """Yield the branch that is shown as a line of JSON: no thinking, and only whole pairs of tool calls.

    With all versions, a line for each other branch follows, in which images are named like other files.
    """
    for branch in (whole.messages, *(other_branches(whole) if all_versions else ())):
        messages = [*_system(whole, branch), *_messages(branch)]
        yield json.dumps({'messages': messages}, ensure_ascii=False).encode('utf-8', 'replace') + b'\n'


def _system(whole: WholeConversation, messages: Sequence[ModelMessage]) -> Iterator[dict[str, Any]]:
    told = [
        part.content for message in messages for part in message.parts if isinstance(part, SystemPromptPart)
    ]
    if content := whole.metadata.instructions or '\n\n'.join(told):
        yield {'role': 'system', 'content': content}


def _messages(messages: Sequence[ModelMessage]) -> Iterator[dict[str, Any]]:
    answered = {
        part.tool_call_id
        for message in messages
        for part in message.parts
        if isinstance(part, ToolReturnPart)
    }
    called = {
        part.tool_call_id
        for message in messages
        for part in message.parts
        if isinstance(part, ToolCallPart) and part.tool_call_id in answered
    }
    for message in messages:
        if isinstance(message, ModelResponse):
            yield from _said(message, called)
        elif not is_continuation(message):
            yield from _asked(message, called)


def _said(message: ModelResponse, called: set[str]) -> Iterator[dict[str, Any]]:
    text = '\n\n'.join(part.content for part in message.parts if isinstance(part, TextPart) and part.content)
    calls = [
        {
            'id': part.tool_call_id,
            'type': 'function',
            'function': {'name': part.tool_name, 'arguments': part.args_as_json_str()},
        }
        for part in message.parts
        if isinstance(part, ToolCallPart) and part.tool_call_id in called
    ]
    if text or calls:
        yield {'role': 'assistant', 'content': text or None} | ({'tool_calls': calls} if calls else {})


def _asked(message: ModelRequest, called: set[str]) -> Iterator[dict[str, Any]]:
    for part in message.parts:
        if isinstance(part, ToolReturnPart) and part.tool_call_id in called:
            content = part.model_response_str()
            yield {'role': 'tool', 'tool_call_id': part.tool_call_id, 'content': content}
        elif isinstance(part, UserPromptPart):
            yield {'role': 'user', 'content': _content(part)}


def _content(part: UserPromptPart) -> str | list[dict[str, Any]]:
    """Return the text, with images as such; of other files the names."""
    if isinstance(part.content, str):
        return part.content
    return [
        {'type': 'text', 'text': item} if isinstance(item, str) else _file(item)
        for item in part.content
        if isinstance(item, str | BinaryContent)
    ]


def _file(item: BinaryContent) -> dict[str, Any]:
    if item.is_image and item.data:
        data = base64.b64encode(item.data).decode()
        return {'type': 'image_url', 'image_url': {'url': f'data:{item.media_type};base64,{data}'}}
    return {'type': 'text', 'text': f'[File: {item.identifier}]'}
