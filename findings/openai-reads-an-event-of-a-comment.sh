#!/usr/bin/env bash
# openai 3.57: a stream of server-sent events that numbers its events breaks at its first keep-alive comment.
#
# The event stream format of the HTML standard dispatches nothing at a blank line when no data line came before it,
# and the last event id stays set for all that follows. The library's decoder takes an id that it remembers for a
# sign that there is an event: a comment (": ping") and its blank line become an event without data, and reading that
# as JSON fails. Without ids the same comments are passed over. Gateways send such comments while a model is silent.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check openai==3.57.0 2>/dev/null
cat >"$folder/look.py" <<'PYTHON'
import json
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import openai

CHUNK = {
    'id': 'c1',
    'object': 'chat.completion.chunk',
    'created': 1,
    'model': 'm',
    'choices': [{'index': 0, 'delta': {'role': 'assistant', 'content': 'Hi'}, 'finish_reason': None}],
}


class Handler(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        self.rfile.read(int(self.headers['content-length']))
        number = 'id: 1\n' if 'numbered' in self.path else ''
        self.send_response(200)
        self.send_header('content-type', 'text/event-stream')
        self.end_headers()
        self.wfile.write(f'{number}data: {json.dumps(CHUNK)}\n\n: ping\n\ndata: [DONE]\n\n'.encode())

    def log_message(self, *_: object) -> None:
        pass


def read(port: int, path: str) -> str:
    client = openai.OpenAI(api_key='none', base_url=f'http://127.0.0.1:{port}/{path}', max_retries=0)
    try:
        stream = client.chat.completions.create(
            model='m', messages=[{'role': 'user', 'content': 'Hello'}], stream=True
        )
        return ''.join(chunk.choices[0].delta.content or '' for chunk in stream)
    except Exception as error:
        return f'{type(error).__name__}: {error}'


server = HTTPServer(('127.0.0.1', 0), Handler)
threading.Thread(target=server.serve_forever, daemon=True).start()
plain, numbered = read(server.server_port, 'plain'), read(server.server_port, 'numbered')
print(f'openai {openai.__version__}')
print(f'without ids: {plain}')
print(f'with ids:    {numbered}')
assert plain == 'Hi'
assert numbered.startswith('JSONDecodeError')
PYTHON
"$folder/venv/bin/python" "$folder/look.py"
