"""Words that several pages use for the same thing."""

from datetime import datetime

from chat.store.files.summary import Summary

UNNAMED = 'New chat'


def title_of(summary: Summary) -> str:
    """What a conversation is called where it is listed."""
    return summary.title or UNNAMED


def day_of(moment: datetime) -> str:
    """The day, where this computer is: `3 Nov 2026`."""
    return f'{moment.astimezone():%d %b %Y}'.lstrip('0')
