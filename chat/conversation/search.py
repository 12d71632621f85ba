"""Protocol of the search over conversations, and what it finds."""

from collections.abc import Hashable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchHit:
    """A title or a message in which all that was looked for occurs."""

    conversation_id: str
    title: str
    """Of the conversation; empty as long as it has none."""
    entry_id: str | None
    """Of the message, which may be on any branch; `None` if it is the title that matches."""
    updated_at: datetime
    """When messages of the conversation were last stored."""
    snippet: str
    """The text around the first match, on one line."""
    start: int  # of the match in the snippet
    end: int


class ConversationSearch(Protocol):
    """Search over the titles and messages of all conversations that the catalog lists."""

    async def prepare(self) -> None:
        """Do beforehand what the first search would have to do. The next question ends it."""
        ...

    async def search(self, text: str, *, limit: int = 50, asker: Hashable = None) -> list[SearchHit] | None:
        """Return the first hits, or `None` if the same asker has asked again meanwhile.

        Conversations whose title matches come first, then all others; among each, those updated last come
        first. Of one conversation come its title, then its messages, the newest first.

        Args:
            text: What to look for; all its words have to occur. Without a word there are no hits.
            limit: How many hits are enough.
            asker: A page, say; the questions of different askers do not end one another.
        """
        ...
