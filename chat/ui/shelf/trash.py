"""The page of the trash: what was deleted, until it is deleted for good."""

import json

from nicegui import ui

from chat.store.trash.trash import TRASH_LIFETIME
from chat.ui.following import follow
from chat.ui.house import House
from chat.ui.housekeeping import Housekeeping
from chat.ui.markup import Text
from chat.ui.plain_page import PlainPage, Way
from chat.ui.shelf.shelf import Shelf
from chat.ui.words import day_of, title_of

BUTTONS = (
    {'name': 'restore', 'label': 'Restore', 'icon': 'restore_from_trash'},
    {
        'name': 'erase',
        'label': 'Delete for good',
        'icon': 'delete_forever',
        'confirm': {'title': 'Delete for good?', 'text': 'cannot be restored then.', 'action': 'Delete'},
    },
)

EMPTYING = {'title': 'Empty the trash?', 'text': 'Nothing in it can be restored then.', 'action': 'Empty'}

ASK = f'async () => {{ if (await window.parlourConfirm({json.dumps(EMPTYING)})) emit() }}'


def trash_page(house: House, housekeeping: Housekeeping, way: Way) -> None:
    """Build the page."""
    ui.page_title('Trash')
    page = PlainPage('Trash', way)
    with page.bar:
        button = Text('button', 'Empty trash', 'text-button', type='button', data_testid='empty-trash')
        button.on('click', housekeeping.empty_trash, js_handler=ASK)
        trash = house.folder.conversations
        follow(house.catalog.changed, lambda: button.set_visibility(bool(trash.trashed)))
    with page.body:
        Text(
            'p',
            f'Chats stay here for {TRASH_LIFETIME.days} days, then they are deleted for good.',
            'page-note',
        )
        acts = {'restore': housekeeping.restore, 'erase': housekeeping.erase}
        with Shelf(lambda: rows(house), change=house.catalog.changed, buttons=BUTTONS, acts=acts):
            Text('span', 'The trash is empty.')


def rows(house: House) -> list[dict[str, str]]:
    """What was deleted, the last one first."""
    return [
        {
            'id': row.conversation_id,
            'title': title_of(row),
            'note': f'deleted {day_of(row.deleted_at)}',
        }
        for row in house.folder.conversations.trashed
    ]
