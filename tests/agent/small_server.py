"""A real HTTP server on loopback that gives prepared answers and remembers what it was asked."""

import asyncio
import json
import ssl
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    body: str
    status: int = 200
    content_type: str = 'application/json'
    location: str = ''
    is_late: bool = False
    """Whether it never comes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    path: str
    headers: dict[str, str]


@dataclass(eq=False, kw_only=True)
class SmallServer:
    answers: dict[str, Answer]
    port: int = 0
    asked: list[Asked] = field(default_factory=list[Asked])

    @property
    def url(self) -> str:
        return f'http://127.0.0.1:{self.port}'

    async def respond(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        lines = (await reader.readuntil(b'\r\n\r\n')).decode().split('\r\n')
        headers = {
            name.lower(): value for name, _, value in (line.partition(': ') for line in lines[1:] if line)
        }
        await reader.readexactly(int(headers.get('content-length', '0')))
        path = lines[0].split(' ')[1]
        self.asked.append(Asked(path=path, headers=headers))
        answer = self.answers.get(path, Answer(body='{}', status=404))
        if answer.is_late:
            await reader.read()  # until nobody waits any more
        head = f'HTTP/1.1 {answer.status} -\r\nContent-Type: {answer.content_type}\r\nConnection: close\r\n'
        head += f'Location: {answer.location}\r\n\r\n' if answer.location else '\r\n'
        writer.write(f'{head}{answer.body}'.encode())
        await writer.drain()
        writer.close()
        await writer.wait_closed()


@asynccontextmanager
async def serving(
    answers: Mapping[str, Answer], tls: ssl.SSLContext | None = None
) -> AsyncGenerator[SmallServer]:
    """A server that gives these answers by path, and 404 for all others."""
    small = SmallServer(answers=dict(answers))
    async with await asyncio.start_server(small.respond, '127.0.0.1', 0, ssl=tls) as server:
        small.port = server.sockets[0].getsockname()[1]
        yield small


def model_list(*names: str) -> Answer:
    return Answer(
        body=json.dumps({'object': 'list', 'data': [{'id': name, 'object': 'model'} for name in names]})
    )


def spoken(*words: str) -> Answer:
    """A streamed chat completion."""
    choices: list[dict[str, object]] = [{'index': 0, 'delta': {'content': word}} for word in words]
    choices.append({'index': 0, 'delta': {}, 'finish_reason': 'stop'})
    head = {'id': 'c', 'object': 'chat.completion.chunk', 'created': 1, 'model': 'm'}
    events = [{**head, 'choices': [choice]} for choice in choices]
    lines = [f'data: {json.dumps(event)}\n\n' for event in events]
    return Answer(body=''.join([*lines, 'data: [DONE]\n\n']), content_type='text/event-stream')
