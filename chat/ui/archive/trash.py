"""The page of the trash: what was deleted, until it is deleted for good."""

from nicegui import ui

from chat.conversation.storage import TrashStorage
from chat.conversation.storage_values import TRASH_LIFETIME
from chat.ui.archive.row_list import RowList
from chat.ui.conversation_actions import ConversationActions
from chat.ui.follow import follow
from chat.ui.formatting import format_day, title_of
from chat.ui.html import HtmlText
from chat.ui.javascript import confirm_script
from chat.ui.plain_page import PageNavigation, PlainPage

ROW_BUTTONS = (
    {'name': 'restore', 'label': 'Restore', 'icon': 'restore_from_trash'},
    {
        'name': 'erase',
        'label': 'Delete permanently',
        'icon': 'delete_forever',
        'confirm': {'title': 'Delete permanently?', 'text': "can't be restored.", 'action': 'Delete'},
    },
)

EMPTY_TRASH_QUESTION = {
    'title': 'Empty trash?',
    'text': "Chats in the trash can't be restored afterwards.",
    'action': 'Empty',
}


def trash_page(trash: TrashStorage, conversation_actions: ConversationActions, way: PageNavigation) -> None:
    """Build the page."""
    ui.page_title('Trash')
    page = PlainPage('Trash', way)
    with page.bar:
        button = HtmlText('button', 'Empty trash', 'text-button', type='button', data_testid='empty-trash')
        button.on('click', conversation_actions.empty_trash, js_handler=confirm_script(EMPTY_TRASH_QUESTION))
        follow(trash.changed, lambda: button.set_visibility(bool(trash.conversations)))
    with page.body:
        HtmlText(
            'p',
            f'Chats stay here for {TRASH_LIFETIME.days} days, then they are deleted for good.',
            'page-note',
        )
        actions = {'restore': conversation_actions.restore, 'erase': conversation_actions.delete_for_good}
        with RowList(
            lambda: trashed_rows(trash),
            change=trash.changed,
            buttons=ROW_BUTTONS,
            actions=actions,
        ):
            HtmlText('span', 'The trash is empty.')


def trashed_rows(trash: TrashStorage) -> list[dict[str, str]]:
    """What was deleted, the last one first."""
    return [
        {
            'id': row.conversation_id,
            'title': title_of(row),
            'note': f'deleted {format_day(row.deleted_at)}',
        }
        for row in trash.conversations
    ]
