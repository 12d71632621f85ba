#!/usr/bin/env bash
# pydantic-ai 2.68.0: a run that is cancelled while its response streams keeps the words that have come, as a response
# in `new_messages()`. One that is cancelled a moment later, when the response is complete and `after_model_request` of
# a capability still looks at it, keeps nothing of it: the last message is the question. So who cancels late loses
# more than who cancels early. The response can still be had from the `AgentStream` of the node that was left.
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

from pydantic_ai import Agent, CancellationToken, ModelResponse
from pydantic_ai.capabilities import AbstractCapability
from pydantic_ai.models.function import FunctionModel


class Looking(AbstractCapability):
    """Looks at a response for a while."""

    def __init__(self):
        self.has_begun = asyncio.Event()

    async def after_model_request(self, ctx, *, request_context, response):
        self.has_begun.set()
        await asyncio.sleep(60)
        return response


async def said_after_a_stop(*, late):
    has_spoken, looking, token = asyncio.Event(), Looking(), CancellationToken()

    async def speak(messages, info):
        yield 'All '
        has_spoken.set()
        if not late:
            await asyncio.sleep(60)
        yield 'of it.'

    agent = Agent(FunctionModel(stream_function=speak), capabilities=[looking])

    async def stop():
        await (looking.has_begun if late else has_spoken).wait()
        await asyncio.sleep(0.1)
        token.cancel()

    stopping, stream = asyncio.create_task(stop()), None
    try:
        async with agent.iter('Tell me.', cancellation_token=token) as run:
            async for node in run:
                if Agent.is_model_request_node(node):
                    async with node.stream(run.ctx) as stream:
                        async for _ in stream:
                            pass
    except BaseException as error:
        how = type(error).__name__
    await stopping
    kept = [part.content for each in run.new_messages() if isinstance(each, ModelResponse) for part in each.parts]
    return how, kept, [part.content for part in stream.response.parts]


async def main():
    print(f'Python {sys.version.split()[0]}, pydantic-ai {version("pydantic-ai-slim")}')
    early = await said_after_a_stop(late=False)
    late = await said_after_a_stop(late=True)
    print('cancelled while it streams:  ', *early)
    print('cancelled in the hook after: ', *late)
    assert early[1] == ['All '], early
    assert (late[1], late[2]) == ([], ['All of it.']), late


asyncio.run(main())
PYTHON
"$folder/venv/bin/python" look.py
