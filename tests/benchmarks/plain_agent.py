"""Prints what an answer costs without a page, in seconds of the processor: `python plain_agent.py URL`.

With a number behind that, it asks for so many answers at once, and prints the seconds until all have
ended; with `in-a-row` and a number, for so many in one chat, and prints what each of the first ten costs, and
of the last.
"""

import asyncio
import statistics
import sys
import time
from collections.abc import Sequence

from pydantic_ai import Agent, ModelMessage
from pydantic_ai.models.openai import OpenAIChatModel
from pydantic_ai.providers.openai import OpenAIProvider


async def ask(url: str, count: int = 0) -> float:
    """Follow the second answer token by token, as Parlour does; the first one loads what is loaded once."""
    agent = await agent_at(url)
    if count:
        begun = time.perf_counter()
        await asyncio.gather(*(follow(agent) for _ in range(count)))
        return time.perf_counter() - begun
    before = time.process_time()
    await follow(agent)
    return time.process_time() - before


async def converse(url: str, count: int) -> str:
    """Seconds of the processor for each of the first ten answers in a chat, and of the last ten."""
    agent, messages, costs = await agent_at(url), list[ModelMessage](), list[float]()
    for _ in range(count):
        before = time.process_time()
        messages = await follow(agent, messages)
        costs.append(time.process_time() - before)
    return f'{statistics.mean(costs[:10])} {statistics.mean(costs[-10:])}'


async def agent_at(url: str) -> Agent:
    agent = Agent(OpenAIChatModel('model', provider=OpenAIProvider(base_url=url, api_key='none')))
    await agent.run('Welcome')
    return agent


async def follow(agent: Agent, history: Sequence[ModelMessage] = ()) -> list[ModelMessage]:
    async with agent.iter('Go', message_history=history) as run:
        async for node in run:
            if Agent.is_model_request_node(node):
                async with node.stream(run.ctx) as events:
                    async for _ in events:
                        pass
    return run.all_messages()


if __name__ == '__main__':
    url, *more = sys.argv[1:]
    is_one_chat = more[:1] == ['in-a-row']
    print(asyncio.run(converse(url, int(more[1])) if is_one_chat else ask(url, *map(int, more))))
