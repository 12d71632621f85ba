"""What is loaded before anybody asks: the model of new chats, once there is a page."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from pydantic_ai import ModelMessage
from pydantic_ai.models import Model

from chat.change_signal import ChangeSignal
from chat.errors import ModelMissing
from chat.warm_up import warm_up
from tests.support.scripted import ScriptedModels


async def silence(_: list[ModelMessage]) -> AsyncIterator[str]:
    yield ''


class ConnectedModels(ScriptedModels):
    """Tells when a model is connected, of which there may be none."""

    problem = ''

    async def connection(self, name: str) -> Model:
        self.connected.set()
        if self.problem:
            raise ModelMissing(self.problem)
        return await super().connection(name)


@pytest.mark.parametrize('problem', ['', 'The server is down.'])
async def test_the_model_of_new_chats_is_connected_after_the_first_page(problem: str) -> None:
    """A server that is down is no fault: who asks is told."""
    first_page, models = ChangeSignal(), ConnectedModels(silence)
    models.problem = problem
    models.connected.clear()
    imported = asyncio.Event()
    warming = asyncio.create_task(warm_up(first_page, models, 'built-in', on_imported=imported.set))
    await asyncio.sleep(0)
    assert not models.connected.is_set()
    first_page.notify()
    await models.connected.wait()
    await imported.wait()
    assert not warming.done()
    warming.cancel()
    await asyncio.wait({warming})
    assert warming.cancelled()
