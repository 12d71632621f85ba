"""What is loaded before anybody asks: the model of new chats, once there is a page."""

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from pydantic_ai import ModelMessage
from pydantic_ai.models import Model

from chat.change_signal import ChangeSignal
from chat.errors import ModelMissing
from chat.warm_up import warm_up
from tests.support.scripted import ScriptedModels

ROOT = Path(__file__).parents[1]


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


FIRST_QUESTION = """
import asyncio, sys
from chat.change_signal import ChangeSignal
from chat.warm_up import warm_up
from tests.support.scripted import ScriptedModels, saying

async def start():
    first_page, imported = ChangeSignal(), asyncio.Event()
    warming = asyncio.create_task(
        warm_up(first_page, ScriptedModels(saying('Yes.')), 'built-in', on_imported=imported.set)
    )
    await asyncio.sleep(0)
    first_page.notify()
    await imported.wait()
    warming.cancel()

asyncio.run(start())
before = {*sys.modules}
from chat.ui.chat.message_list import MessageList
from chat.ui.chat.assistant_message import AssistantMessage
print(sorted(name for name in {*sys.modules} - before if 'assistant' in name or 'growing' in name))
"""


def test_what_shows_answers_is_there_before_the_first_question() -> None:
    code = [sys.executable, '-c', FIRST_QUESTION]
    said = subprocess.run(code, cwd=ROOT, capture_output=True, text=True, check=True)  # noqa: S603  # our own
    assert said.stdout == '[]\n'
