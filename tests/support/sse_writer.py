"""How the provider speaks a reply into a connection."""

import asyncio
import time
from asyncio import StreamWriter
from collections.abc import Mapping
from typing import Any, assert_never

from tests.support import openai_wire
from tests.support.replies import Reply


async def write_reply(reply: Reply, body: Mapping[str, Any], writer: StreamWriter) -> None:
    """Write the response to the request with this body, as far as the reply goes.

    A response that is not streamed knows no gates but the first, and ends as it should or not at all.
    """
    if reply.before:
        await reply.before.hold()
    if reply.status != 200 or reply.body:
        writer.write(openai_wire.whole(reply.status, reply.body, {**openai_wire.JSON_TYPE, **reply.headers}))
    elif body.get('stream'):
        await _stream(reply, body, writer)
    elif reply.ending == 'done':
        writer.write(openai_wire.whole(200, openai_wire.completion(reply)))
    await writer.drain()


async def _stream(reply: Reply, body: Mapping[str, Any], writer: StreamWriter) -> None:
    writer.write(openai_wire.head(200, {**openai_wire.STREAM_TYPE, **reply.headers}))
    writer.write(openai_wire.event(openai_wire.delta({'role': 'assistant', 'content': ''})))
    for count, piece in enumerate(reply.pieces):
        await _hold(reply, count)
        reply.sent.append(time.time())
        writer.write(
            openai_wire.event(openai_wire.delta({'content': piece} if isinstance(piece, str) else piece))
        )
        await writer.drain()
        await asyncio.sleep(reply.pause)
    await _hold(reply, len(reply.pieces))
    if reply.calls:
        writer.write(openai_wire.event(openai_wire.delta(openai_wire.tool_calls(reply))))
    writer.write(_end(reply, body))


async def _hold(reply: Reply, count: int) -> None:
    if gate := reply.gates.get(count):
        await gate.hold()


def _end(reply: Reply, body: Mapping[str, Any]) -> bytes:
    """The rest of a stream, in one piece: who has read `[DONE]` may close, and that is no early closing."""
    match reply.ending:
        case 'cut':
            return b''
        case 'malformed':
            return (
                openai_wire.event('{"id": "chatcmpl-1", "choices": [{"delta": {"con')
                + openai_wire.END_OF_STREAM
            )
        case 'error':
            return (
                openai_wire.event(openai_wire.error('The server had an error while answering.'))
                + openai_wire.END_OF_STREAM
            )
        case 'done':
            end = openai_wire.event(openai_wire.delta({}, openai_wire.finish_reason(reply)))
            if 'include_usage' in (body.get('stream_options') or ()):
                end += openai_wire.event(openai_wire.usage_delta(reply))
            return end + openai_wire.event('[DONE]') + openai_wire.END_OF_STREAM
        case _:
            assert_never(reply.ending)
