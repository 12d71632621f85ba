"""The tools that can be switched on in chats with the built-in agent."""

from chat.agent_config import BuiltInTool
from chat.web_fetch import WebFetcher


def built_in_tools(web: WebFetcher) -> tuple[BuiltInTool, ...]:
    """Return them in the order of the page; what they fetch comes through this guard."""
    return ()
