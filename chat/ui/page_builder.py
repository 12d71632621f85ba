"""Which address shows which page, and to whom."""

from nicegui import app, ui

from chat.sharing.access import Guest, Owner, Visitor
from chat.ui.addresses import address_prefix
from chat.ui.app_context import AppContext
from chat.ui.guest_page import GuestEntry
from chat.ui.layout import AppLayout
from chat.ui.share_watchdog import ShareWatchdog
from chat.ui.theme import head_html


class PageBuilder:
    """Builds a page for each browser tab; all of them show the same conversations."""

    def __init__(self, context: AppContext) -> None:
        self._context = context

    def show(self, visitor: Visitor) -> None:
        """Build the page that is being asked for, whatever its address, with what this visitor may do."""
        ui.add_head_html(head_html(address_prefix()))
        match visitor:
            case Owner():
                AppLayout(self._context, visitor)
                if visitor.is_remote:
                    ShareWatchdog(hide_when_offline=True)
            case Guest():
                GuestEntry(self._context, visitor)

    def follow_connections(self) -> None:
        """Tell those who look that a browser has come, or is away; to be called once."""
        changed = self._context.presence.changed
        app.on_connect(changed.notify)  # pyright: ignore[reportUnknownMemberType]  # its handlers are not typed
        app.on_disconnect(changed.notify)  # pyright: ignore[reportUnknownMemberType]  # as above
