"""What guests have written and not sent: for as long as Parlour runs, and for themselves only."""

from chat.change_signal import ChangeSignal
from chat.conversation.storage import EMPTY_DRAFT, Draft


class MemoryDrafts:
    """The `DraftStorage` of one guest's browser; that of the owner outlasts the process."""

    def __init__(self) -> None:
        self.changed = ChangeSignal()
        self._drafts: dict[str, Draft] = {}

    def get(self, conversation_id: str) -> Draft:
        """What stands in the box of a conversation."""
        return self._drafts.get(conversation_id, EMPTY_DRAFT)

    async def put(self, conversation_id: str, draft: Draft) -> None:
        """Have this stand in the box."""
        if draft != self.get(conversation_id):
            self._drafts[conversation_id] = draft
            self.changed.notify()
