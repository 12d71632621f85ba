"""What guests have written and not sent: for as long as Parlour runs, and for themselves only."""

from chat.store.files.unsent import EMPTY_DRAFT, Draft


class ShortMemory:
    """The box of one guest's browser; the owner's are kept on disk."""

    def __init__(self) -> None:
        self._unsent: dict[str, Draft] = {}

    def find(self, place: str) -> Draft:
        """What stands in the box of a conversation."""
        return self._unsent.get(place, EMPTY_DRAFT)

    async def put(self, place: str, unsent: Draft) -> None:
        """Have this stand in the box."""
        self._unsent[place] = unsent
