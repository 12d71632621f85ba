"""What many programs have in common: lists of typed parts, data URLs, calls of tools, and marked thinking."""

import io
import re
from collections.abc import Iterator
from functools import partial
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import urlsplit

from chat.exchange.formats.records import Cited, File, Note, Part, Text, Thinking, ToolCall, ToolResult
from chat.exchange.formats.values import (
    Json,
    as_text,
    base64_content,
    data_url_content,
    fields,
    first_string,
    is_data_url,
    items,
    name_of,
    objects,
    parsed,
    string,
)

_THOUGHT = re.compile(
    r'\s*<(?P<tag>think|thinking|thought|reasoning)>(?P<thought>.*?)(?:</(?P=tag)>|\Z)', re.DOTALL
)

_TEXT_KINDS = {'text', 'input_text', 'output_text', 'refusal', 'markdown', ''}
_THINKING_KINDS = {'thinking', 'reasoning', 'think', 'thought', 'redacted_thinking'}
_PICTURE_KINDS = {'image_url', 'input_image', 'image'}
_CALL_KINDS = {'tool_use', 'tool_call', 'tool-call', 'function_call', 'server_tool_use'}
_RESULT_KINDS = {'tool_result', 'tool-result', 'function_call_output', 'web_search_tool_result'}


def content_parts(content: object) -> list[Part]:
    """Return the parts of a content: a text, a list of texts and typed objects, or one of them."""
    if isinstance(content, str):
        return [Text(string(content))] if content else []
    found = items(content) or ([] if content is None else [content])
    return [part for item in found for part in _parts_of(item)]


def _parts_of(item: object) -> Iterator[Part]:
    if isinstance(item, str):
        yield Text(string(item))
    elif isinstance(item, list):
        return  # lists in lists mean nothing anywhere
    elif not (typed := fields(item)):
        yield from [Text(as_text(item))] if item is not None and item != {} else []
    else:
        yield from _typed_part(string(typed.get('type')).lower(), typed)


def _typed_part(kind: str, typed: Json) -> Iterator[Part]:
    if kind in _TEXT_KINDS and (text := text_in(typed)):
        yield Text(text)
    elif kind in _TEXT_KINDS and kind:
        return  # an empty text
    elif kind in _THINKING_KINDS:
        yield from thinking_of(typed)
    elif kind in _CALL_KINDS:
        yield tool_call(typed)
    elif kind in _RESULT_KINDS:
        yield tool_result(typed)
    else:
        yield file_of(kind, typed) or unknown_part(kind, typed)


def text_in(typed: Json) -> str:
    """Return the text of a typed part, which some programs put into an object of its own."""
    text = typed.get('text')
    return first_string(
        text, fields(text).get('value'), typed.get('content'), typed.get('value'), typed.get('refusal')
    )


def thinking_of(typed: Json) -> Iterator[Part]:
    """Yield what a part says of thinking, under whichever name."""
    texts = [text_in(typed), *(string(typed.get(name)) for name in ('thinking', 'think', 'reasoning'))]
    texts += [text_in(each) for name in ('content', 'summary') for each in objects(typed.get(name))]
    if text := next(filter(None, texts), ''):
        yield Thinking(text)


def file_of(kind: str, typed: Json) -> File | None:
    """Return the file that a typed part is, if it is one."""
    if kind in _PICTURE_KINDS:
        source = fields(typed.get('source'))
        if data := string(source.get('data')):
            return file_in_base64('', data, string(source.get('media_type')))
        value = next((each for name in ('image_url', 'image', 'url') if (each := typed.get(name))), '')
        url = first_string(value, fields(value).get('url'), source.get('url'))
        return file_at(url, name=string(typed.get('name')), kind='image')
    if kind in {'input_audio', 'audio'} and (audio := fields(typed.get('input_audio', typed.get('audio')))):
        ending = string(audio.get('format')) or 'wav'
        return file_in_base64(f'audio.{ending}', string(audio.get('data')), f'audio/{ending}')
    if kind in {'file', 'input_file', 'document'}:
        inner = fields(typed.get('file')) or typed
        name = first_string(inner.get('filename'), inner.get('name'), inner.get('file_name'), 'file')
        return file_at(first_string(inner.get('file_data'), inner.get('url')), name=name)
    return None


def unknown_part(kind: str, value: Json) -> Part:
    """Return what stands for a part of a kind that is not known: its text, or else a line."""
    return Text(text) if (text := text_in(value)) else Note(f'A part of the kind “{kind or "?"}”, not shown')


def file_at(url: str, *, name: str = '', kind: str = 'file', media_type: str = '') -> File:
    """Return the file at an address: only data URLs have the bytes, and nothing is ever loaded."""
    if is_data_url(url):
        found = data_url_content(url)
        said = found[1] if found else ''
        ending = said.rpartition('/')[2].partition('+')[0]
        name = name or (f'{kind}.{ending}' if ending else kind)
        return file_of_bytes(name, found[0] if found else None, said or media_type)
    try:
        end = PurePosixPath(urlsplit(url).path).name
    except ValueError:
        end = ''
    return File(name=name or end or kind, media_type=media_type)


def file_in_base64(name: str, data: str, media_type: str) -> File:
    """Return a file that is written in base64, with or without what makes it a data URL."""
    if is_data_url(data):
        return file_at(data, name=name, media_type=media_type)
    name = name or media_type.replace('/', '.') or 'file'
    return file_of_bytes(name, base64_content(data) if data else None, media_type)


def file_of_bytes(name: str, content: bytes | None, media_type: str) -> File:
    """Return a file with these bytes; `None` or none at all if the export does not have them."""
    return File(name=name, media_type=media_type, open=partial(io.BytesIO, content) if content else None)


def file_of_text(name: str, text: str) -> File:
    """Return a file with this text."""
    return File(name=name, media_type='text/plain', open=partial(io.BytesIO, text.encode()) if text else None)


def with_sources(parts: list[Part], sources: tuple[Cited, ...]) -> list[Part]:
    """Return the parts of an answer with what its last text refers to."""
    last = next((part for part in reversed(parts) if isinstance(part, Text)), None)
    if last is None or not sources:
        return parts
    return [Text(last.text, sources) if part is last else part for part in parts]


def tool_calls(value: object) -> list[Part]:
    """Return the calls in a list, or in a text with the JSON of one."""
    return [tool_call(call) for call in objects(parsed(value))]


def tool_call(call: Json) -> ToolCall:
    """Return a call, in the form of OpenAI, of Anthropic, or of any that is like them."""
    function = fields(call.get('function')) or call
    args: Any = next(
        (function[name] for name in ('arguments', 'args', 'input', 'parameters') if name in function), None
    )
    name = first_string(function.get('name'), call.get('tool_name'), call.get('toolName'))
    return ToolCall(name=name, args=args, id=_call_id(call))


def tool_result(result: Json) -> ToolResult:
    """Return a result, in the form of OpenAI, of Anthropic, or of any that is like them."""
    content: Any = next((result[name] for name in ('content', 'output', 'result') if name in result), None)
    return ToolResult(
        content=plain_content(content),
        id=_call_id(result),
        name=first_string(result.get('name'), result.get('tool_name')),
        has_failed=bool(result.get('is_error')),
    )


def plain_content(content: object) -> Any:
    """Return a content as a text if it is nothing but texts, else as it is."""
    found = items(content)
    texts = [string(each) or string(fields(each).get('text')) for each in found]
    if found and all(texts) and all(isinstance(each, str) or set(each) <= {'type', 'text'} for each in found):
        return '\n\n'.join(texts)
    return string(content) if isinstance(content, str) else content


def _call_id(value: Json) -> str:
    names = ('tool_call_id', 'toolCallId', 'tool_use_id', 'call_id', 'id')
    return next((found for name in names if (found := name_of(value.get(name)))), '')


def split_thinking(text: str) -> list[Part]:
    """Return a text with what is marked as thinking at its beginning, which need not have an end."""
    parts: list[Part] = []
    while found := _THOUGHT.match(text):
        parts += [Thinking(thought)] if (thought := found['thought'].strip()) else []
        text = text[found.end() :]
    text = text.lstrip() if parts else text
    return [*parts, Text(text)] if text.strip() else parts


def fenced(code: str, language: str = '') -> str:
    """Return code as a block of Markdown, which no fence in it ends."""
    fence = '```'
    while fence in code:
        fence += '`'
    return f'{fence}{language}\n{code}\n{fence}'
