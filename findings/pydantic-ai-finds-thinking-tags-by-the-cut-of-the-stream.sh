#!/usr/bin/env bash
# pydantic-ai 2.68 with an OpenAI-compatible server: whether "<think>" in a streamed answer begins a thought depends on
# how the server cuts its stream, and on nothing else.
#
# The tag is known only if it is exactly one piece of the stream: cut in two, or joined with the word after it, it stays
# in the answer with the thought behind it. And a tag that the answer only quotes, in the middle of a sentence, turns
# the rest of the answer into a thought if it happens to arrive alone.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check \
    'pydantic-ai-slim[openai]==2.68.0' openai==3.57.0 2>/dev/null
cat >"$folder/look.py" <<'PYTHON'
import asyncio
import json
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pydantic_ai
from pydantic_ai import Agent
from pydantic_ai.models.openai import OpenAIChatModel
from pydantic_ai.providers.openai import OpenAIProvider

STREAMS = {
    'whole': ['<think>', 'Two and two.', '</think>', 'Four.'],
    'cut': ['<thi', 'nk>', 'Two and two.', '</think>', 'Four.'],
    'joined': ['<think>Two', ' and two.', '</think>', 'Four.'],
    'quoted': ['Models write ', '<think>', ' before they answer.'],
}


def chunk(text: str) -> str:
    choice = {'index': 0, 'delta': {'role': 'assistant', 'content': text}, 'finish_reason': None}
    body = {'id': 'c', 'object': 'chat.completion.chunk', 'created': 1, 'model': 'm', 'choices': [choice]}
    return f'data: {json.dumps(body)}\n\n'


class Handler(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        self.rfile.read(int(self.headers['content-length']))
        self.send_response(200)
        self.send_header('content-type', 'text/event-stream')
        self.end_headers()
        pieces = STREAMS[self.path.split('/')[1]]
        self.wfile.write((''.join(map(chunk, pieces)) + 'data: [DONE]\n\n').encode())

    def log_message(self, *_: object) -> None:
        pass


async def read(port: int, name: str) -> list[tuple[str, str]]:
    provider = OpenAIProvider(base_url=f'http://127.0.0.1:{port}/{name}', api_key='none')
    async with Agent(OpenAIChatModel('m', provider=provider)).run_stream('?') as result:
        async for _ in result.stream_text(delta=True):
            pass
    return [(part.part_kind, part.content) for part in result.response.parts]


server = HTTPServer(('127.0.0.1', 0), Handler)
threading.Thread(target=server.serve_forever, daemon=True).start()
print(f'pydantic-ai {pydantic_ai.__version__}')
seen = {name: asyncio.run(read(server.server_port, name)) for name in STREAMS}
for name, parts in seen.items():
    print(f'{name:7} {STREAMS[name]}\n     -> {parts}')
assert seen['whole'] == [('thinking', 'Two and two.'), ('text', 'Four.')]
assert seen['cut'][0][0] == 'text'
assert seen['joined'][0][0] == 'text'
assert seen['quoted'] == [('text', 'Models write '), ('thinking', ' before they answer.')]
PYTHON
"$folder/venv/bin/python" "$folder/look.py"
