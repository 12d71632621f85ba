"""Prints what an answer costs without a page, in seconds of the processor: `python plain_agent.py URL`."""

import asyncio
import sys
import time

from pydantic_ai import Agent
from pydantic_ai.models.openai import OpenAIChatModel
from pydantic_ai.providers.openai import OpenAIProvider


async def ask(url: str) -> float:
    """Follow the second answer token by token, as Parlour does; the first one loads what is loaded once."""
    agent = Agent(OpenAIChatModel('model', provider=OpenAIProvider(base_url=url, api_key='none')))
    await agent.run('Welcome')
    before = time.process_time()
    async with agent.iter('Go') as run:
        async for node in run:
            if Agent.is_model_request_node(node):
                async with node.stream(run.ctx) as events:
                    async for _ in events:
                        pass
    return time.process_time() - before


if __name__ == '__main__':
    print(asyncio.run(ask(sys.argv[1])))
