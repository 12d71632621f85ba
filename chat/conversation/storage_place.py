"""StoragePlace: where an open conversation is stored."""

from chat.conversation.storage import ConversationStorage


class StoragePlace:
    """Where a conversation is stored, which may change while it is open."""

    def __init__(self, storage: ConversationStorage) -> None:
        self.storage = storage
        self.is_temporary = False
        """Whether nothing of the conversation outlasts the process."""

    def move(self, storage: ConversationStorage, *, is_temporary: bool) -> None:
        """Store the conversation there from now on; all of it is there already."""
        self.storage, self.is_temporary = storage, is_temporary
