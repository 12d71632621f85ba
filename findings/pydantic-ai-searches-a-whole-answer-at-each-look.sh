#!/usr/bin/env bash
# pydantic-ai 2.68.0: whoever asks a stream what was said so far (`stream.response`) has the whole text searched again
# by a regular expression, some 60 to 100 ns a character: a megabyte takes some tenth of a second, on the event loop.
# A page that shows an answer ten times a second pays the square of its length.
#
# It looks for what breaks tokens of chat templates, if the profile says that the server may take text for such tokens
# (`may_tokenize_special_tokens_in_content`): that is so for every server at an address of one's own. The search needs
# an invisible character, and hardly any answer has one: Python's `in` sees that in microseconds.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check pydantic-ai-slim==2.68.0 2>/dev/null
cd "$folder"
cat >look.py <<'PYTHON'
import asyncio
import sys
from importlib.metadata import version
from time import process_time

from pydantic_ai import Agent
from pydantic_ai.models.function import FunctionModel

LENGTHS = 10_000, 100_000, 1_000_000
SENTENCE = 'Some words of an answer. '


async def milliseconds_of_a_look(length: int, searches: bool) -> float:
    async def answer(messages, info):
        yield SENTENCE * (length // len(SENTENCE))
        yield 'The end.'

    profile = {'may_tokenize_special_tokens_in_content': searches}
    agent = Agent(FunctionModel(stream_function=answer, profile=profile))
    async with agent.iter('Go') as run:
        async for node in run:
            if Agent.is_model_request_node(node):
                async with node.stream(run.ctx) as stream:
                    async for _ in stream:  # the whole text is there at the first event, and the answer goes on
                        begun = process_time()
                        for _ in range(10):
                            assert len(stream.response.text) > length - len(SENTENCE)
                        return (process_time() - begun) * 100
    raise AssertionError


async def main() -> None:
    print(f'Python {sys.version.split()[0]}, pydantic-ai {version("pydantic-ai-slim")}')
    print('characters   one look, tokens may be broken   one look, they are not')
    for length in LENGTHS:
        searched = await milliseconds_of_a_look(length, searches=True)
        plain = await milliseconds_of_a_look(length, searches=False)
        print(f'{length:10,}   {searched:27.2f} ms   {plain:19.2f} ms')
    sys.exit(0 if searched > 20 * plain and searched > 5 else 'It has changed: a look costs no search any more.')


asyncio.run(main())
PYTHON
"$folder/venv/bin/python" look.py
