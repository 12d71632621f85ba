"""What guests have written and not sent: for as long as Parlour runs, and for themselves only."""

from chat.store.conversations.drafts import EMPTY_DRAFT, Draft


class MemoryDrafts:
    """The box of one guest's browser; the owner's are kept on disk."""

    def __init__(self) -> None:
        self._drafts: dict[str, Draft] = {}

    def get(self, conversation_id: str) -> Draft:
        """What stands in the box of a conversation."""
        return self._drafts.get(conversation_id, EMPTY_DRAFT)

    async def put(self, conversation_id: str, draft: Draft) -> None:
        """Have this stand in the box."""
        self._drafts[conversation_id] = draft
