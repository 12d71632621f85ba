"""Who comes, and what each may do."""

from dataclasses import dataclass, field
from typing import ClassVar, Literal, TypeAlias

Permission: TypeAlias = Literal['read', 'write']


@dataclass(frozen=True, slots=True, kw_only=True)
class Owner:
    """The person whose conversations these are, at this computer or at another device of theirs."""

    is_remote: bool = field(default=False, compare=False)
    """Whether they come over the network."""
    name: ClassVar[str] = 'Host'
    """What guests call them."""
    session_id: ClassVar[str] = ''
    """They are one person, at however many browsers."""

    def can_view(self, conversation_id: str) -> bool:
        return True

    def can_write(self, conversation_id: str) -> bool:
        return True


@dataclass(frozen=True, slots=True, kw_only=True)
class Guest:
    """Somebody who came by an invite to one conversation."""

    conversation_id: str
    permission: Permission
    name: str = ''
    """What the others call them."""
    session_id: str = ''
    """Of the one browser that they sit at."""

    def can_view(self, conversation_id: str) -> bool:
        return conversation_id == self.conversation_id

    def can_write(self, conversation_id: str) -> bool:
        """Whether they may send prompts, attach files and stop an answer."""
        return self.permission == 'write' and self.can_view(conversation_id)


Visitor: TypeAlias = Owner | Guest


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """One browser that was let in, and who sits at it."""

    id: str
    """Names the browser to us. Nobody can come in with it, so it may be stored and logged."""
    visitor: Visitor
