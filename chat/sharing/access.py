"""Visitors and their permissions, and the secrets by which their browsers are known."""

import secrets
from dataclasses import dataclass, field
from hashlib import sha256
from typing import ClassVar, Literal, TypeAlias

from chat.agent_config import OWNER_NAME

Permission: TypeAlias = Literal['read', 'write']


@dataclass(frozen=True, slots=True, kw_only=True)
class Owner:
    """The owner of the conversations, at this computer or on another device of theirs."""

    is_remote: bool = field(default=False, compare=False)
    """Whether they connect over the network."""
    is_at_computer: bool = field(default=False, compare=False)
    """Whether their browser runs on the computer that Parlour runs on, as far as that can be told."""
    user: str = ''
    """Who of a team it is, as the proxy says; '' for the owner of a Parlour of their own."""
    session_id: ClassVar[str] = ''
    """One session for all browsers of the owner."""

    @property
    def name(self) -> str:
        """Return their name for others: for guests, and with what they have decided."""
        return self.user or OWNER_NAME

    def can_view(self, conversation_id: str) -> bool:
        return True

    def can_write(self, conversation_id: str) -> bool:
        return True


@dataclass(frozen=True, slots=True, kw_only=True)
class Guest:
    """A person who was invited to one conversation."""

    conversation_id: str
    permission: Permission
    name: str = ''
    """Their name for everybody else."""
    session_id: str = ''
    """The session of their browser."""

    def can_view(self, conversation_id: str) -> bool:
        return conversation_id == self.conversation_id

    def can_write(self, conversation_id: str) -> bool:
        """Return whether they may send prompts, attach files and stop an answer."""
        return self.permission == 'write' and self.can_view(conversation_id)


Visitor: TypeAlias = Owner | Guest


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """An authenticated browser and its visitor."""

    id: str
    """Identifies the browser. It grants no access, so it may be stored and logged."""
    visitor: Visitor


def new_secret() -> str:
    """Return 256 random bits, encoded for a URL or a cookie."""
    return secrets.token_urlsafe(32)


def hash_of(secret: str) -> str:
    """Return the hash of a secret; only that is stored and logged, the secret is shown once."""
    return sha256(secret.encode(errors='replace')).hexdigest()
