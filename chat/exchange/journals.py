"""Journals that a Parlour which was killed has left beside its chats; see `store/FORMAT.md`."""

from pathlib import PurePosixPath
from typing import Any

from chat.conversation.whole_conversation import ONLY_ID
from chat.exchange.sources import Member, Source

NOT_MERGED = (
    'Its last messages are missing: that Parlour was killed, or is running, and has them in {name}. '
    'Start Parlour once with that data folder, or a copy of it, and end it; then import the folder again.'
)

_MAX_BEGINNING_BYTES = 200
"""Bytes within which a line of a journal says its generation."""


def journal_problems(source: Source, member: Member, document: Any) -> list[str]:
    """Return what is to be said if a journal beside a chat has more of it; one of another generation has not.

    Raises:
        LookupError, TypeError, AttributeError: If the document is no chat.
    """
    journal = source.members.get(str(PurePosixPath(member.name).with_suffix('.journal')))
    generation = document['_meta'][ONLY_ID].get('generation')
    if journal is None or generation is None:
        return []
    counts = f'"generation": "{generation}"'.encode() in journal.head(_MAX_BEGINNING_BYTES)
    return [NOT_MERGED.format(name=journal.name)] if counts else []
