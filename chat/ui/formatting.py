"""Words that several pages use for the same thing.

Numbers and times are written in one notation, of which `local_text.py` and `js/locale.js` make the person's.
"""

import json
from collections.abc import Sequence
from datetime import UTC, datetime

from chat.conversation.content.waiting import AllowedTool
from chat.conversation.live_conversation import LiveConversation
from chat.conversation.storage import ConversationSummary
from chat.conversation.usage_ledger import DayUsage

UNTITLED = 'New chat'


MAX_JOINED_NAMES = 12
"""Names that are said; nobody reads hundreds of them."""


def title_outside(live: LiveConversation) -> str:
    """Return what a chat is called where browser and system may keep it; '' as long as it has no title."""
    return 'Temporary chat' if live.place.is_temporary else live.metadata.title


def title_of(summary: ConversationSummary) -> str:
    """Return what a conversation is called where it is listed."""
    return summary.title or UNTITLED


def format_day(moment: datetime) -> str:
    """Return the day, where this computer is: `3 Nov 2026`."""
    return f'{moment.astimezone():%d %b %Y}'.lstrip('0')


def pluralize(count: int, thing: str) -> str:
    """Return a number of things: `1 model`, `2 models`."""
    return f'{count} {thing}{"s" * (count != 1)}'


def allowed_tool_key(tool: AllowedTool) -> str:
    """Return what tells a tool of one agent from all others."""
    return f'{tool.agent}\n{tool.tool}'


def allowed_tool_names(tools: Sequence[AllowedTool]) -> dict[str, str]:
    """Return what each of these tools is called, by its key."""
    return {
        allowed_tool_key(tool): f'{tool.tool} ({tool.agent})' if tool.agent else tool.tool for tool in tools
    }


def join_names(names: Sequence[str]) -> str:
    """Names as one says them: `Ann, Ben and Cleo`."""
    *others, last = names or ['']
    return f'{", ".join(others)} and {last}' if others else last


def join_few_names(names: Sequence[str]) -> str:
    """Return names as one says them, of very many only the first: `Ann, Ben, … and 987 others`."""
    if len(names) <= MAX_JOINED_NAMES:
        return join_names(names)
    return join_names([*names[:MAX_JOINED_NAMES], f'{len(names) - MAX_JOINED_NAMES:,} others'])


def format_paid(days: Sequence[DayUsage]) -> str:
    """Return what was paid on some days; 'unknown' if that is not known, and '' if nothing was."""
    paid, is_known = sum(each.cost for each in days), not any(each.unpriced for each in days)
    if is_known:
        return format_cost(paid) if paid else ''
    return f'{format_cost(paid)} + unknown' if paid else 'unknown'


def format_cost(dollars: float) -> str:
    """Return an amount of money: `$1.24`, and of small ones what differs: `$0.0031`."""
    if 0 < dollars < 0.0001:
        return 'below $0.0001'
    return f'${dollars:,.2f}' if dollars >= 1 or not dollars else f'${dollars:.4f}'


def format_moment(moment: datetime) -> str:
    """Return the time of a day where this computer is, with the day if that is not today."""
    here, now = moment.astimezone(), datetime.now(UTC).astimezone()
    return f'{here:%H:%M}' if here.date() == now.date() else f'{format_day(moment)}, {here:%H:%M}'


def as_json(value: object) -> str:
    """Return a value as JSON in lines."""
    return json.dumps(value, indent=2, ensure_ascii=False, default=repr)
