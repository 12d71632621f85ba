"""An agent with tasks in a small SQLite file; none is deleted before a person has approved it."""

import sqlite3
from collections.abc import AsyncIterator

from pydantic_ai import Agent, ModelMessage, RunContext
from pydantic_ai.models.function import AgentInfo, DeltaToolCall, DeltaToolCalls

from chat.examples.scripting import NOTE, returned_in, script_without_key


class Tasks:
    """The deps: a file in the folder in which Parlour is started, opened for each run and closed after it."""

    def __enter__(self) -> 'Tasks':
        self.database = sqlite3.connect('parlour-tasks.sqlite', isolation_level=None, check_same_thread=False)
        self.database.execute('CREATE TABLE IF NOT EXISTS tasks (id INTEGER PRIMARY KEY, text TEXT)')
        return self

    def __exit__(self, *_: object) -> None:
        self.database.close()


async def script(messages: list[ModelMessage], info: AgentInfo) -> AsyncIterator[str | DeltaToolCalls]:
    """Add a task, look at all, then want to delete the last one."""
    returned = returned_in(messages)
    if not returned:
        yield {0: DeltaToolCall('add_task', '{"text": "Water the plants"}')}
    elif returned == ['Added.']:
        yield {0: DeltaToolCall('list_tasks', '{}')}
    elif isinstance(returned[0], list):
        yield {0: DeltaToolCall('delete_task', f'{{"number": {returned[0][-1]["number"]}}}')}
    else:
        yield f'{NOTE}Of the task that I wanted to delete: {returned[0]}'


agent = Agent(script_without_key(script), name='Tasks', deps_type=Tasks, description='Keeps a list of tasks.')


@agent.tool
def list_tasks(context: RunContext[Tasks]) -> list[dict[str, int | str]]:
    """List all tasks."""
    rows = context.deps.database.execute('SELECT id, text FROM tasks ORDER BY id')
    return [{'number': number, 'text': text} for number, text in rows]


@agent.tool
def add_task(context: RunContext[Tasks], text: str) -> str:
    """Add a task."""
    context.deps.database.execute('INSERT INTO tasks (text) VALUES (?)', (text,))
    return 'Added.'


@agent.tool(requires_approval=True)
def delete_task(context: RunContext[Tasks], number: int) -> str:
    """Delete a task."""
    deleted = context.deps.database.execute('DELETE FROM tasks WHERE id = ?', (number,)).rowcount
    return 'Deleted.' if deleted else 'There is no such task.'
