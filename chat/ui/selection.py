"""Which rows of a list are selected on one page, so that something can be done to all of them at once."""

from collections.abc import Iterable, Sequence
from typing import Literal, TypeAlias

from pydantic import StrictStr, TypeAdapter

SelectionEvent: TypeAlias = (
    tuple[Literal['toggle'], StrictStr]
    | tuple[Literal['range'], StrictStr, StrictStr]
    | tuple[Literal['all', 'none']]
)

SELECTION = TypeAdapter[SelectionEvent](SelectionEvent)
"""What a page says: one row more or less, all from one row to another, all, or none any more."""


class Selection:
    """The ids of the rows; what has left the list is not selected any more, so nothing unseen is acted on."""

    def __init__(self) -> None:
        self.ids: frozenset[str] = frozenset()

    def restrict(self, rows: Iterable[str]) -> None:
        """Keep what is in the list, which has these rows."""
        if self.ids:
            self.ids = self.ids.intersection(rows)

    def change(self, event: SelectionEvent, rows: Sequence[str], selectable: Iterable[str]) -> None:
        """Do what a page says.

        Args:
            event: With ids of rows, which may have gone.
            rows: The ids of all rows in their order, also those that can only be an end of a range.
            selectable: The ids of those that can be selected.
        """
        match event:
            case ('toggle', row):
                self.ids ^= {row}.intersection(selectable)
            case ('range', one, other):
                if {one, other}.issubset(rows):
                    start, end = sorted((rows.index(one), rows.index(other)))
                    self.ids = frozenset(selectable).intersection(rows[start : end + 1])
            case ('all',):
                self.ids = frozenset(selectable)
            case ('none',):
                self.ids = frozenset()
