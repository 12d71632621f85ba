#!/usr/bin/env bash
# Starlette 1.10.0: when a browser goes away while a `FileResponse` reads its file, the response ends there without an
# error and without its last message. A `BaseHTTPMiddleware` around it (NiceGUI has two) adds that last message: to what
# is further out it is a response that has come to its end, with fewer bytes than its Content-Length. So a middleware
# that keeps responses, to read and compress files once, keeps half of a file for all who come later, unless it counts.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check starlette==1.10.0 anyio==4.16.0 2>/dev/null
cd "$folder"
cat >look.py <<'PYTHON'
import asyncio
import sys
from importlib.metadata import version
from pathlib import Path

from starlette.middleware.base import BaseHTTPMiddleware
from starlette.responses import FileResponse

SIZE = 1_000_000
path = Path('font.woff2')
path.write_bytes(bytes(SIZE))


class PassOn(BaseHTTPMiddleware):
    async def dispatch(self, request, call_next):
        return await call_next(request)


async def sent_by(app) -> list[dict]:
    """What an application sends to a browser that goes away after the first piece of the file."""
    sent, has_left = [], asyncio.Event()
    asked = iter([{'type': 'http.request', 'body': b'', 'more_body': False}])

    async def receive():
        if message := next(asked, None):
            return message
        await has_left.wait()
        return {'type': 'http.disconnect'}

    async def send(message):
        sent.append(message)
        if message['type'] == 'http.response.body':
            has_left.set()
            await asyncio.sleep(0.05)  # as a connection whose buffer is full

    scope = {'type': 'http', 'method': 'GET', 'path': '/', 'headers': [], 'query_string': b''}
    await app(scope, receive, send)
    return sent


async def main() -> None:
    print(f'Python {sys.version.split()[0]}, Starlette {version("starlette")}')
    found = {}
    for name, app in (('alone', FileResponse(path)), ('behind middleware', PassOn(FileResponse(path)))):
        start, *body = await sent_by(app)
        announced = int(dict(start['headers'])[b'content-length'])
        length, is_over = sum(len(message['body']) for message in body), not body[-1]['more_body']
        found[name] = length < announced, is_over
        print(f'{name}: {announced} bytes announced, {length} sent, said to be the end: {is_over}, no error')
    assert found == {'alone': (True, False), 'behind middleware': (True, True)}, 'this has changed'


asyncio.run(main())
PYTHON
"$folder/venv/bin/python" look.py
