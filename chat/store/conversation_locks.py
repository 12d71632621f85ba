"""A lock for each conversation that is being saved."""

import asyncio
from weakref import WeakValueDictionary


class ConversationLocks:
    """Has one save of a conversation follow the other: each needs the revision that the last has left."""

    def __init__(self) -> None:
        self._locks = WeakValueDictionary[str, asyncio.Lock]()

    def lock_of(self, conversation_id: str) -> asyncio.Lock:
        """Return the lock of a conversation, the same one as long as somebody holds it or waits for it."""
        return self._locks.setdefault(conversation_id, asyncio.Lock())
