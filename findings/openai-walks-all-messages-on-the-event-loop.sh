#!/usr/bin/env bash
# openai 3.57.0: before a request leaves, the async client walks through every message of the chat in Python, on the
# event loop: some 0.1 to 0.2 ms each. A chat of 2,000 messages holds everything else for a few tenths of a second at
# each question, more than a hundred times as long as it takes to write the same messages as JSON.
#
# `chat.completions.create` gives the whole body to `async_maybe_transform`, which resolves the type of each value
# (`get_type_hints`, unions of typed dictionaries) and copies it; for messages made of plain text nothing is changed
# by that. It is a coroutine without a point at which others get their turn. What is passed as `extra_body` is not
# walked through.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check openai==3.57.0 2>/dev/null
cd "$folder"
cat >look.py <<'PYTHON'
import asyncio
import json
import sys
from time import perf_counter, process_time

import openai
import httpx2

ANSWER = {
    'id': 'a',
    'object': 'chat.completion',
    'created': 1,
    'model': 'm',
    'choices': [{'index': 0, 'finish_reason': 'stop', 'message': {'role': 'assistant', 'content': 'Yes.'}}],
}
COUNTS = 20, 200, 2000


async def answer(_: httpx2.Request) -> httpx2.Response:
    return httpx2.Response(200, json=ANSWER)


async def longest_stall(task: asyncio.Task) -> float:
    """Milliseconds for which another task had to wait at most."""
    longest = 0.0
    while not task.done():
        begun = perf_counter()
        await asyncio.sleep(0)
        longest = max(longest, perf_counter() - begun)
    return longest * 1000


async def main() -> None:
    http = httpx2.AsyncClient(transport=httpx2.MockTransport(answer))
    client = openai.AsyncOpenAI(api_key='none', base_url='http://127.0.0.1:9/v1', http_client=http)
    print(f'Python {sys.version.split()[0]}, openai {openai.__version__}')
    ratio = 0.0
    for count in COUNTS:
        messages = [
            {'role': ('user', 'assistant')[number % 2], 'content': 'Some words of a chat. ' * 5}
            for number in range(count)
        ]
        for way in ('messages', 'extra_body'):
            body = {'messages': messages} if way == 'messages' else {'messages': [], 'extra_body': {'messages': messages}}
            stalls = []
            for _ in range(3):
                asking = asyncio.ensure_future(client.chat.completions.create(model='m', **body))
                stalls.append(await longest_stall(asking))
                assert (await asking).choices[0].message.content == 'Yes.'
            begun = process_time()
            for _ in range(20):
                json.dumps(messages)
            written = (process_time() - begun) * 1000 / 20
            stall = min(stalls)
            print(f'{count:5} messages as {way:10}: others wait {stall:7.2f} ms; as JSON they take {written:5.2f} ms')
            if way == 'messages':
                ratio = stall / written
            else:
                assert stall < ratio * written / 3
    assert ratio > 20


asyncio.run(main())
PYTHON
"$folder/venv/bin/python" look.py
