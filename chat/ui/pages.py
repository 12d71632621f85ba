"""Which address shows which page, and to whom."""

from chat.ui.frame import Frame
from chat.ui.house import House


class Pages:
    """Builds a page for each browser tab; all of them show the same conversations."""

    def __init__(self, house: House) -> None:
        self._house = house

    def show(self) -> None:
        """Build the page that is being asked for; NiceGUI calls this for every address."""
        Frame(self._house)
