"""The values that a storage gives to pages: what is stored, in lists, without its messages."""

from collections.abc import AsyncIterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from pydantic import AwareDatetime

from chat.conversation.attachments import Attachment

TRASH_LIFETIME = timedelta(days=30)
"""How long a conversation stays in the trash; it goes within the hour after that."""

NEW_CONVERSATION = 'new'
"""Instead of the id of a conversation: the draft of one that has not begun."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConversationSummary:
    """One conversation, as the sidebar shows it."""

    conversation_id: str
    title: str
    """Empty as long as the conversation has none."""
    updated_at: AwareDatetime
    """When messages were last stored."""
    is_pinned: bool = False
    is_archived: bool = False
    is_unread: bool = False
    """These three: see `ConversationMetadata`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrashedConversation(ConversationSummary):
    """One conversation in the trash."""

    deleted_at: AwareDatetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A prompt that is being written."""

    text: str = ''
    attachments: tuple[Attachment, ...] = ()


EMPTY_DRAFT = Draft()


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
    start: int
    """Of the match in the snippet."""
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FileProblem:
    """Something stored that cannot be read, and is left as it is."""

    conversation_id: str | None
    """Of the conversation that cannot be shown; `None` if that is not known, or if it is no conversation."""
    sentence: str
    """What is the matter and what to do, for the person at the screen."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredFile:
    """The bytes of an attachment, to be sent to a browser."""

    media_type: str | None
    """What the bytes are, by `media_type_of`; `None` if that is nothing in particular."""
    size: int
    """In bytes."""
    content: Path | AsyncIterable[bytes]
    """The file, or the bytes in pieces where a storage has no files."""
