"""Folders of chats and several chats at once: what the list, the archive and the trash do with them."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from nicegui.testing import User

from chat.conversation.content.chat_settings import PreferencesStore
from chat.conversation.content.folders import ChatFolder
from chat.conversation.conversation_registry import ConversationRegistry
from chat.store.data_folder import DataFolder
from chat.ui.listing import listing
from chat.ui.selection import Selection, SelectionEvent
from tests.support.scripted import wait_until_answered
from tests.ui.row_lists import act, rows, sees, soon, undo
from tests.ui.test_sidebar import NOW, summary

WORK = ChatFolder(id='work', name='Work')
HOME = ChatFolder(id='home', name='at home', is_folded=True)


@pytest.fixture
async def ids(registry: ConversationRegistry) -> list[str]:
    """Of three conversations, from the oldest to the newest."""
    lives = [registry.new() for _ in range(3)]
    for live, prompt in zip(lives, ('One', 'Two', 'Three'), strict=True):
        live.send(prompt)
        await wait_until_answered(live)
    return [live.id for live in lives]


def tell(person: User, event: str, *what: object, marker: str = 'conversations') -> None:
    person.find(marker=marker).trigger(event, list(what))


def select(person: User, *chats: str, marker: str = 'conversations') -> None:
    for each in chats:
        tell(person, 'select', 'toggle', each, marker=marker)


def selected(person: User, marker: str = 'conversations') -> list[str]:
    return [row['title'] for row in rows(person, marker) if row.get('selected')]


def folder_id(person: User, name: str) -> str:
    return next(row['id'] for row in rows(person) if row.get('isFolder') and row['title'] == name)


def test_folders_stand_between_the_pinned_and_the_others() -> None:
    chats = [
        summary(NOW, '1'),
        summary(NOW, '2', folder='work'),
        summary(NOW, '3', folder='work', is_pinned=True),
        summary(NOW, '4', folder='home'),
        summary(NOW, '5', folder='unknown'),
        summary(NOW - timedelta(days=9), '6', is_pinned=True),
    ]
    listed = listing(chats, datetime.now(UTC), folders=[WORK, HOME])
    assert listed.ids == ['6', 'home', 'work', '3', '2', '1', '5']
    assert [heading for _, heading in listed.headings][:2] == ['Pinned', 'Folders']
    assert listed.headings[1][0] == 1
    assert listed.headings[2][0] == 5


@pytest.mark.parametrize(
    ('events', 'ids'),
    [
        ([('toggle', '2'), ('toggle', '4'), ('toggle', '2')], {'4'}),
        ([('toggle', 'folder')], set[str]()),
        ([('toggle', '5'), ('range', '4', '1')], {'1', '2', '3', '4'}),
        ([('range', 'folder', '2')], {'1', '2'}),
        ([('range', 'gone', '2')], set[str]()),
        ([('all',)], {'1', '2', '3', '4', '5'}),
        ([('all',), ('none',)], set[str]()),
    ],
)
def test_selecting(events: list[SelectionEvent], ids: set[str]) -> None:
    """A range may go over rows that no browser has, and begin at a folder, which is no chat itself."""
    selection, chats = Selection(), ['1', '2', '3', '4', '5']
    for event in events:
        selection.change(event, ['folder', *chats], chats)
    assert selection.ids == ids
    selection.restrict(['2', '4'])
    assert selection.ids == ids & {'2', '4'}


async def test_a_folder_from_its_beginning_to_its_end(
    person: User, ids: list[str], folder: DataFolder, registry: ConversationRegistry
) -> None:
    await person.open('/')
    act(person, 'new', '  Work \n', marker='conversations')  # no chat is called so
    tell(person, 'folder', 'new', '  Work \n')
    await sees(person, 'Work', 'Three', 'Two', 'One')
    work = folder_id(person, 'Work')
    await registry.update_metadata(ids[0], lambda metadata: replace(metadata, folder=work))
    await sees(person, 'Work', 'One', 'Three', 'Two')
    tell(person, 'folder', 'rename', work, 'Office')
    tell(person, 'folder', 'rename', work, ' ')
    tell(person, 'folder', 'fold', work)
    await sees(person, 'Office', 'Three', 'Two')
    assert await folder.folders.read() == [ChatFolder(id=work, name='Office', is_folded=True)]
    tell(person, 'folder', 'delete', work)
    await sees(person, 'Three', 'Two', 'One')
    assert (await registry.open(ids[0])).metadata.folder == work
    await undo(person)
    await sees(person, 'Office', 'Three', 'Two')


async def test_a_chat_that_begins_in_a_folder_belongs_to_it(
    person: User, preferences: PreferencesStore, registry: ConversationRegistry
) -> None:
    await preferences.folders.put(WORK)
    await person.open('/?folder=work')
    await person.should_see('In the folder “Work”')
    person.find('Show what answers look like').click()
    await soon(lambda: len(rows(person)) == 2)
    assert rows(person)[1]['folder'] == 'work'
    await person.open('/?folder=nowhere')
    await person.should_not_see('In the folder')


async def test_several_chats_and_one_undo(
    person: User, ids: list[str], preferences: PreferencesStore
) -> None:
    await preferences.folders.put(WORK)
    await person.open('/')
    select(person, ids[0], ids[2])
    assert selected(person) == ['Three', 'One']
    tell(person, 'move', 'move', 'work', None)
    await sees(person, 'Work', 'Three', 'One', 'Two')
    assert selected(person) == []
    await person.should_see('2 chats moved to “Work”.')
    await undo(person)
    await sees(person, 'Work', 'Three', 'Two', 'One')
    await person.should_not_see('Undo')
    select(person, *ids[1:])
    tell(person, 'move', 'move-new', 'Later', None)
    await sees(person, 'Later', 'Three', 'Two', 'Work', 'One')
    await undo(person)
    await sees(person, 'Work', 'Three', 'Two', 'One')
    for name, said in (('archive', '2 chats archived.'), ('delete', '2 chats moved to trash.')):
        select(person, *ids[1:])
        person.find(marker='conversations').trigger('bulk', name)
        await sees(person, 'Work', 'One')
        await person.should_see(said)
        await undo(person)
        await sees(person, 'Work', 'Three', 'Two', 'One')
    select(person, *ids)
    person.find(marker='conversations').trigger('bulk', 'export')
    await person.should_see('Export 3 chats')


async def test_several_in_the_archive_and_in_the_trash(
    person: User, ids: list[str], folder: DataFolder
) -> None:
    await person.open('/archive')
    select(person, *ids)
    person.find(marker='conversations').trigger('bulk', 'archive')
    await sees(person, 'Three', 'Two', 'One', marker='chat-list')
    tell(person, 'select', 'range', ids[2], ids[1], marker='chat-list')
    assert selected(person, 'chat-list') == ['Three', 'Two']
    person.find(marker='chat-list').trigger('bulk', 'unarchive')
    await sees(person, 'Three', 'Two')
    select(person, ids[0], marker='chat-list')
    person.find(marker='chat-list').trigger('bulk', 'delete')
    select(person, *ids[1:])
    person.find(marker='conversations').trigger('bulk', 'delete')
    await soon(lambda: len(folder.trash.conversations) == 3)
    await person.open('/trash')
    select(person, ids[0], marker='chat-list')
    person.find(marker='chat-list').trigger('bulk', 'restore')
    await sees(person)
    tell(person, 'select', 'all', marker='chat-list')
    person.find(marker='chat-list').trigger('bulk', 'erase')
    await sees(person, marker='chat-list')
