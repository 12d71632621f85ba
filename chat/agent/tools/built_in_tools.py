"""The tools that can be switched on in chats with the built-in agent."""

from pathlib import Path

from chat.agent.tools.folder_tools import folder_tool
from chat.agent.tools.web_page import web_page_tool
from chat.agent.tools.web_search import web_search_tool
from chat.agent_config import BuiltInTool
from chat.web_fetch import WebFetcher


def built_in_tools(web: WebFetcher, data_folder: Path | None = None) -> tuple[BuiltInTool, ...]:
    """Return them in the order of the page.

    Args:
        web: The guard through which comes what they fetch.
        data_folder: That of Parlour, which none of them reaches; `None` if there is none.
    """
    return (web_page_tool(web), web_search_tool(), folder_tool(data_folder))
