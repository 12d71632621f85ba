"""Which address shows which page, and to whom."""

from nicegui import app

from chat.share.visitor import Guest, Owner, Visitor
from chat.ui.frame import Frame
from chat.ui.guest_room import GuestPage
from chat.ui.house import House
from chat.ui.tether import Tether


class Pages:
    """Builds a page for each browser tab; all of them show the same conversations."""

    def __init__(self, house: House) -> None:
        self._house = house

    def show(self, visitor: Visitor) -> None:
        """Build the page that is being asked for, whatever its address, with what this visitor may do."""
        match visitor:
            case Owner():
                Frame(self._house)
                if visitor.is_remote:
                    Tether(stays=True)
            case Guest():
                GuestPage(self._house, visitor)

    def notice_who_is_there(self) -> None:
        """Tell those who look that a browser has come, or is away; to be called once."""
        changed = self._house.presence.changed
        app.on_connect(changed.notify)  # pyright: ignore[reportUnknownMemberType]  # its handlers are not typed
        app.on_disconnect(changed.notify)  # pyright: ignore[reportUnknownMemberType]  # as above
