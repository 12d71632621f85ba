"""HTTP/1.1 and OpenAI's chat format, as far as the provider speaks them."""

import json
from asyncio import StreamReader
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from tests.support.replies import Reply

MODEL = 'parlour-test'
JSON_TYPE: Mapping[str, str] = {'content-type': 'application/json'}
STREAM_TYPE: Mapping[str, str] = {'content-type': 'text/event-stream', 'transfer-encoding': 'chunked'}
END_OF_STREAM = b'0\r\n\r\n'


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One HTTP request, whole."""

    method: str
    path: str
    headers: Mapping[str, str]
    """By name in lower case."""
    body: bytes


async def read_request(reader: StreamReader) -> Request:
    """Read the one request of a connection.

    Raises:
        asyncio.IncompleteReadError: If the client closes before its request is complete.
        ConnectionAbortedError: If it wants to encrypt.
    """
    beginning = await reader.readexactly(1)
    if beginning == b'\x16':  # of TLS: what follows has no lines to wait for
        raise ConnectionAbortedError('This server speaks plain HTTP.')
    lines = beginning + await reader.readuntil(b'\r\n\r\n')
    first, *rest = lines.decode('latin-1').strip().split('\r\n')
    method, path, _ = first.split(' ')
    fields = (line.partition(':') for line in rest)
    headers = {name.strip().lower(): value.strip() for name, _, value in fields}
    body = await reader.readexactly(int(headers.get('content-length', '0')))
    return Request(method=method, path=path, headers=headers, body=body)


def asks_for_title(body: Mapping[str, Any]) -> bool:
    """Whether Parlour wants to know how to call a conversation, and no person asks anything."""
    messages = body.get('messages') or [{'content': ''}]  # in the language of OpenAI
    return 'Reply with a title' in str(messages[0]['content'])


def head(status: int, headers: Mapping[str, str]) -> bytes:
    """The beginning of a response after which the connection closes."""
    known = status in {known.value for known in HTTPStatus}
    phrase = HTTPStatus(status).phrase if known else 'Overloaded'  # 529 is in no registry
    lines = [f'HTTP/1.1 {status} {phrase}', 'connection: close']
    lines += [f'{name}: {value}' for name, value in headers.items()]
    return ('\r\n'.join(lines) + '\r\n\r\n').encode('latin-1')


def whole(status: int, body: str, headers: Mapping[str, str] = JSON_TYPE) -> bytes:
    """A response that is not streamed."""
    content = body.encode()
    return head(status, {**headers, 'content-length': str(len(content))}) + content


def event(data: str) -> bytes:
    """One server-sent event, as one chunk of a chunked response."""
    content = f'data: {data}\n\n'.encode()
    return f'{len(content):x}\r\n'.encode() + content + b'\r\n'


def models(names: Sequence[str], besides: Mapping[str, Any]) -> str:
    """The list of models, with what it says of each besides."""
    listed = [{'id': name, 'object': 'model', 'created': 1, 'owned_by': 'tests', **besides} for name in names]
    return json.dumps({'object': 'list', 'data': listed})


def delta(content: Mapping[str, Any], finish: str | None = None) -> str:
    """One `chat.completion.chunk`."""
    choice = {'index': 0, 'delta': content, 'finish_reason': finish}
    return json.dumps(_envelope('chat.completion.chunk', [choice]))


def usage_delta(reply: Reply) -> str:
    """The last `chat.completion.chunk`: the usage and no choices."""
    return json.dumps({**_envelope('chat.completion.chunk', []), 'usage': _usage(reply)})


def completion(reply: Reply) -> str:
    """A `chat.completion` that is not streamed."""
    message: dict[str, Any] = {'role': 'assistant', 'content': reply.text, **tool_calls(reply)}
    choice = {'index': 0, 'message': message, 'finish_reason': finish_reason(reply)}
    return json.dumps({**_envelope('chat.completion', [choice]), 'usage': _usage(reply)})


def tool_calls(reply: Reply) -> dict[str, Any]:
    """The field `tool_calls` of a message or a delta; nothing if there are none."""
    calls = [
        {
            'index': index,
            'id': call.id,
            'type': 'function',
            'function': {'name': call.name, 'arguments': call.arguments},
        }
        for index, call in enumerate(reply.calls)
    ]
    return {'tool_calls': calls} if calls else {}


def finish_reason(reply: Reply) -> str:
    return reply.finish or ('tool_calls' if reply.calls else 'stop')


def _envelope(kind: str, choices: list[dict[str, Any]]) -> dict[str, Any]:
    return {'id': 'chatcmpl-1', 'object': kind, 'created': 1, 'model': MODEL, 'choices': choices}


def _usage(reply: Reply) -> dict[str, int]:
    count = len(reply.pieces)
    return {'prompt_tokens': 10, 'completion_tokens': count, 'total_tokens': 10 + count}


def error(message: str) -> str:
    """An error in the middle of a stream."""
    return json.dumps({'error': {'message': message, 'type': 'server_error', 'param': None, 'code': None}})
