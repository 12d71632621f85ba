"""The page of the archive: conversations that are out of the list, but not deleted."""

from nicegui import ui

from chat.ui.house import House
from chat.ui.housekeeping import Housekeeping
from chat.ui.markup import Text
from chat.ui.plain_page import PlainPage, Way
from chat.ui.shelf.shelf import Shelf
from chat.ui.words import day_of, title_of

BUTTONS = (
    {'name': 'unarchive', 'label': 'Put back into the list', 'icon': 'unarchive'},
    {'name': 'delete', 'label': 'Move to the trash', 'icon': 'delete'},
)


def archive_page(house: House, housekeeping: Housekeeping, way: Way) -> None:
    """Build the page."""
    ui.page_title('Archive')
    with PlainPage('Archive', way).body:
        acts = {'unarchive': housekeeping.unarchive, 'delete': housekeeping.delete}
        with Shelf(lambda: rows(house), change=house.catalog.changed, buttons=BUTTONS, acts=acts):
            Text('span', 'Nothing is archived.')


def rows(house: House) -> list[dict[str, str]]:
    """The archived conversations, newest first."""
    return [
        {
            'id': summary.conversation_id,
            'href': f'/c/{summary.conversation_id}',
            'title': title_of(summary),
            'note': day_of(summary.updated_at),
        }
        for summary in house.catalog.summaries
        if summary.is_archived
    ]
