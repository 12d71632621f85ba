"""The page of the archive: conversations that are out of the list, but not deleted."""

from nicegui import ui

from chat.conversation.storage import ConversationCatalog
from chat.ui.addresses import local_address
from chat.ui.archive.row_list import RowList
from chat.ui.conversation_actions import ConversationActions
from chat.ui.formatting import format_day, title_of
from chat.ui.html import HtmlText
from chat.ui.plain_page import PageNavigation, PlainPage

ROW_BUTTONS = (
    {'name': 'unarchive', 'label': 'Unarchive', 'icon': 'unarchive'},
    {'name': 'delete', 'label': 'Move to trash', 'icon': 'delete'},
)


def archive_page(
    catalog: ConversationCatalog, conversation_actions: ConversationActions, way: PageNavigation
) -> None:
    """Build the page."""
    ui.page_title('Archive')
    with PlainPage('Archive', way).body:
        actions = {'unarchive': conversation_actions.unarchive, 'delete': conversation_actions.delete}
        with RowList(
            lambda: archived_rows(catalog),
            change=catalog.changed,
            buttons=ROW_BUTTONS,
            actions=actions,
        ):
            HtmlText('span', 'No archived chats.')


def archived_rows(catalog: ConversationCatalog) -> list[dict[str, str]]:
    """The archived conversations, newest first."""
    return [
        {
            'id': summary.conversation_id,
            'href': local_address(f'/c/{summary.conversation_id}'),
            'title': title_of(summary),
            'note': format_day(summary.updated_at),
        }
        for summary in catalog.summaries
        if summary.is_archived
    ]
