"""Prints what an answer costs without a page, in seconds of the processor: `python plain_agent.py URL`.

With a number behind that, it asks for so many answers at once, and prints the seconds until all have ended.
"""

import asyncio
import sys
import time

from pydantic_ai import Agent
from pydantic_ai.models.openai import OpenAIChatModel
from pydantic_ai.providers.openai import OpenAIProvider


async def ask(url: str, count: int = 0) -> float:
    """Follow the second answer token by token, as Parlour does; the first one loads what is loaded once."""
    agent = Agent(OpenAIChatModel('model', provider=OpenAIProvider(base_url=url, api_key='none')))
    await agent.run('Welcome')
    if count:
        begun = time.perf_counter()
        await asyncio.gather(*(follow(agent) for _ in range(count)))
        return time.perf_counter() - begun
    before = time.process_time()
    await follow(agent)
    return time.process_time() - before


async def follow(agent: Agent) -> None:
    async with agent.iter('Go') as run:
        async for node in run:
            if Agent.is_model_request_node(node):
                async with node.stream(run.ctx) as events:
                    async for _ in events:
                        pass


if __name__ == '__main__':
    print(asyncio.run(ask(sys.argv[1], *map(int, sys.argv[2:]))))
