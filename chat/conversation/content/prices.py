"""What an answer cost: only where its provider has a price list, and never for a server of one's own."""

import ipaddress
from collections.abc import Iterable, Mapping
from urllib.parse import urlsplit

from pydantic_ai import ModelMessage, ModelResponse, RunUsage

from chat.conversation.content.tool_activity import DELEGATED_KEY

COST_KEY = 'cost'
"""In the usage of a run: US dollars, `None` if they are not known; missing where nothing is paid."""


def cost_in(messages: Iterable[ModelMessage], added: RunUsage) -> Mapping[str, float | None]:
    """Return what the messages of a run cost, under `COST_KEY`; nothing if a computer around here gave them.

    pydantic-ai prices a model by its name, also one that a server of one's own calls so. A price counts only
    if each response came from the address of a provider that is in the price list. What agents inside tools
    were answered is not among the messages, so that is not known either.
    """
    messages = list(messages)
    addresses = [message.provider_url or '' for message in messages if isinstance(message, ModelResponse)]
    if not addresses or all(map(_is_near, addresses)):
        return {}
    is_delegated = any(DELEGATED_KEY in (message.metadata or {}) for message in messages)
    is_known = added.cost is not None and not is_delegated and all(map(_is_of_provider, set(addresses)))
    return {COST_KEY: round(float(added.cost), 8) if is_known and added.cost is not None else None}


def _is_near(address: str) -> bool:
    """Return whether an address is on this computer or its network; a model without one asks nobody."""
    host = urlsplit(address).hostname or ''
    try:
        return not ipaddress.ip_address(host).is_global
    except ValueError:
        return '.' not in host or host.endswith(('.local', '.localhost', '.lan', '.internal'))


def _is_of_provider(address: str) -> bool:
    from genai_prices.data_snapshot import get_snapshot  # its list of prices is large

    try:
        get_snapshot().find_provider(None, None, address)
    except LookupError:
        return False
    return True
