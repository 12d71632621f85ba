"""RunTools: the tools of one server, as one run gets them."""

import hashlib
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import Any

from pydantic_ai import RunContext
from pydantic_ai.exceptions import ApprovalRequired
from pydantic_ai.toolsets import AbstractToolset, ToolsetTool

from chat.agent.mcp.server import McpServer
from chat.agent_config import Asking

MAX_NAME_LENGTH = 64
"""Characters of the name of a tool; providers refuse more."""

NeedsApproval = Callable[[str, str], bool]
"""Whether a person is to be asked before a tool runs, by the names of the server and the tool."""


class RunTools(AbstractToolset[Any]):
    """The tools that a server has when the run begins. Calls go to whichever connection there is then."""

    def __init__(
        self, server: McpServer, asking: Asking, needs_approval: NeedsApproval, is_on: Callable[[str], bool]
    ) -> None:
        self._server = server
        self._asking = asking
        self._needs_approval = needs_approval
        self._is_on = is_on
        self._tools: dict[str, ToolsetTool[Any]] | None = None
        self._names: dict[str, str] = {}
        """Of the server's own, by those that the model knows."""

    @property
    def id(self) -> str:
        return f'mcp:{self._server.name}'

    async def get_tools(self, ctx: RunContext[Any]) -> dict[str, ToolsetTool[Any]]:
        """Return the same tools before each request of a run, whatever the server says meanwhile."""
        if self._tools is None:
            connection = self._server.connection
            listed = await connection.toolset.get_tools(ctx) if connection else {}
            self._names = {
                exposed_name(self._server.prefix, name): name for name in listed if self._is_on(name)
            }
            self._tools = {
                exposed: replace(tool, toolset=self, tool_def=replace(tool.tool_def, name=exposed))
                for exposed, name in self._names.items()
                if (tool := listed[name])
            }
        return self._tools

    async def call_tool(
        self, name: str, tool_args: dict[str, Any], ctx: RunContext[Any], tool: ToolsetTool[Any]
    ) -> Any:
        own_name = self._names[name]
        if not ctx.tool_call_approved and self._asks(own_name):
            raise ApprovalRequired
        return await self._server.call(
            own_name, tool_args, self._asking.conversation_id, owner=self._asking.owner
        )

    def _asks(self, tool: str) -> bool:
        """Return whether a tool asks first; for guests each does, which is not for this to say."""
        return tool not in self._server.entry.always_allow and self._needs_approval(self._server.name, tool)


def exposed_name(prefix: str, tool: str) -> str:
    """Return the name under which a model knows a tool, in the letters and the length that providers take."""
    name = f'{prefix}_{re.sub(r"[^A-Za-z0-9_-]", "_", tool)}'
    if len(name) <= MAX_NAME_LENGTH and tool in name:
        return name
    digest = hashlib.sha256(tool.encode()).hexdigest()[:6]
    return f'{name[: MAX_NAME_LENGTH - 7]}_{digest}'


def may_have(server: McpServer, tools: Sequence[str]) -> bool:
    """Return whether one of these names may be that of a tool of a server, whose tools are not known yet."""
    return any(tool.startswith(_beginning(server.prefix)) for tool in tools)


def prefix_of(tool: str, prefixes: Iterable[str]) -> str | None:
    """Return the longest prefix that the name of a tool may have; `None` if it has none of these."""
    fitting = (prefix for prefix in prefixes if tool.startswith(_beginning(prefix)))
    return max(fitting, key=len, default=None)


def _beginning(prefix: str) -> str:
    return f'{prefix}_'[: MAX_NAME_LENGTH - 7]


def free_prefix(name: str, taken: Iterable[str]) -> str:
    """Return what stands before the names of the tools of a server, in letters that providers take."""
    prefix = re.sub(r'[^A-Za-z0-9_-]+', '_', name).strip('_') or 'server'
    candidates = (prefix if not number else f'{prefix}_{number + 1}' for number in range(1_000))
    return next(candidate for candidate in candidates if candidate not in set(taken))
