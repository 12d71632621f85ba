"""Load what the first question needs once the first page has gone out, and so before anybody asks."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Sequence
from importlib import import_module

from pydantic_ai import Agent, ModelMessage

from chat.change_signal import ChangeSignal
from chat.conversation.model_source import ModelSource
from chat.errors import ChatError

log = logging.getLogger(__name__)

SHOW_ANSWERS = ('chat.rendering', 'chat.ui.chat.assistant_message')
"""The modules that show answers. They take 50 ms, for which the first question would wait."""


async def warm_up(
    first_page: ChangeSignal, models: ModelSource, agent: str, *, on_imported: Callable[[], None]
) -> None:
    """Wait for the first page, then import what shows answers, and connect the model of new chats.

    The package of a provider takes a quarter of a second or more to be imported, which a thread does; what
    colors code is loaded once there is some.

    Args:
        first_page: Tells when the first page is connected.
        models: Have the one that new chats ask.
        agent: The name of the agent of new chats.
        on_imported: Called once nearly all is imported that will be.
    """
    await first_page.wait()
    for name in SHOW_ANSWERS:
        await asyncio.to_thread(import_module, name)
    try:
        await models.connection(models.agent_model(agent) or await models.default_model())
    except ChatError as error:  # who asks is told
        log.debug('There is no model to be connected yet: %s', type(error).__name__)
    await asyncio.to_thread(lambda: asyncio.run(rehearse()))
    on_imported()
    from chat.rendering.code import code_shown, load_lexers

    await code_shown.wait(0)
    await load_lexers()


async def rehearse() -> None:
    """Have an agent without tools answer: what pydantic-ai makes at its first run takes 50 ms."""
    from pydantic_ai.models.function import AgentInfo, FunctionModel  # here, in a thread

    async def answer(_: Sequence[ModelMessage], __: AgentInfo) -> AsyncIterator[str]:
        yield 'Yes.'

    agent = Agent(FunctionModel(stream_function=answer))
    agent.instrument = False  # nobody is to be told of this run
    async with agent.iter('Ready?') as run:
        async for node in run:
            if Agent.is_model_request_node(node):
                async with node.stream(run.ctx) as stream:
                    async for _ in stream:
                        pass
