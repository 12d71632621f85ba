"""A process that is killed while it does what was decided: `python -m …dying FOLDER PLACE`."""

import asyncio
import os
import signal
import sys
from pathlib import Path

from pydantic_ai.models import Model

from chat.store.data_folder import open_store
from tests.conversation.approving import Call, FileAgent, asked, delete, registry, steps
from tests.support.scripted import ScriptedModels, wait_until_answered

CONVERSATION = '01a20837-28ce-7020-854c-5fcd6cb2877d'
CALLS = (delete('a'), delete('b', 'd2'), Call('burn', {'path': 'c'}, 'd3'))


class DyingModels(ScriptedModels):
    """Models of which the second connection kills the process."""

    connections = 0

    async def connection(self, name: str) -> Model:
        self.connections += 1
        if self.connections > 1:
            os.kill(os.getpid(), signal.SIGKILL)
        return await super().connection(name)


def burning(folder: Path, *, is_deadly: bool) -> FileAgent:
    """The agent with one more tool, which writes what it does to the disk, and may kill the process then."""
    files = FileAgent()

    @files.agent.tool_plain(requires_approval=True)
    async def burn(path: str) -> str:  # pyright: ignore[reportUnusedFunction]  # the agent calls it
        with (folder / 'burnt').open('a') as burnt:
            burnt.write(path)
        if is_deadly:
            files.started.reached.set()
            await asyncio.sleep(3600)
        return f'burnt {path}'

    return files


async def run(folder: Path, place: str) -> None:
    files = burning(folder, is_deadly=True)
    script = steps(CALLS).script
    models = DyingModels(script) if place == 'before' else ScriptedModels(script)
    store = (await open_store(folder)).conversations
    live = await asked(registry(files, models, store).new(CONVERSATION))
    turn_id = live.turns[-1].id
    await live.decisions.approve(turn_id, 'd1', arguments={'path': 'A'}, by='Host')
    await live.decisions.deny(turn_id, 'd2', by='Host')
    await live.decisions.approve(turn_id, 'd3', arguments={'path': 'C'}, by='Host')
    await files.started.reached.wait()
    path = folder / 'conversations' / f'{CONVERSATION}.journal'
    while not (  # noqa: ASYNC110  # nobody tells
        path.exists() and 'deleted A' in path.read_text()
    ):  # what has returned is on the disk soon
        await asyncio.sleep(0.01)
    os.kill(os.getpid(), signal.SIGKILL)
    await wait_until_answered(live)


if __name__ == '__main__':
    asyncio.run(run(Path(sys.argv[1]), sys.argv[2]))
