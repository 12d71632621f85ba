"""An agent with an MCP server of its own: this file is both, and the server runs in a process beside Parlour.

It needs `pip install ".[mcp]"`. Servers of others come from a file, or from the settings.
"""

import sys
from collections.abc import AsyncIterator
from pathlib import Path

from fastmcp.client.transports import StdioTransport
from mcp.server.mcpserver import MCPServer
from pydantic_ai import Agent, ModelMessage
from pydantic_ai.mcp import MCPToolset
from pydantic_ai.models.function import AgentInfo, DeltaToolCall, DeltaToolCalls

from chat.examples.scripting import NOTE, returned_in, script_without_key

BOOKS = {'Emma': 'Jane Austen', 'Persuasion': 'Jane Austen', 'Dracula': 'Bram Stoker'}

server = MCPServer('Library')


@server.tool()
def find_books(author: str) -> list[str]:
    """Find the books of an author."""
    return [title for title, name in BOOKS.items() if author.lower() in name.lower()]


@server.tool()
def lend(title: str) -> str:
    """Lend a book."""
    return f'{title} is yours for two weeks.' if title in BOOKS else f'There is no {title} here.'


async def script(messages: list[ModelMessage], info: AgentInfo) -> AsyncIterator[str | DeltaToolCalls]:
    """Look for books, then say which there are."""
    if returned := returned_in(messages):
        yield f'{NOTE}The server has found: {", ".join(returned[0])}.'
    else:
        yield {0: DeltaToolCall('find_books', '{"author": "Austen"}')}


program = StdioTransport(sys.executable, ['-m', 'chat.examples.library'], cwd=str(Path(__file__).parents[2]))

tools = MCPToolset(program, init_timeout=60)  # it starts for each run, which takes a slow computer its time

agent = Agent(script_without_key(script), name='Library', toolsets=[tools])

if __name__ == '__main__':
    server.run()
