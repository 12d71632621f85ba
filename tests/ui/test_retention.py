"""What the settings say before chats go to the trash by themselves."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from nicegui.testing import User

from chat.conversation.content.chat_settings import PreferencesStore
from chat.store.data_folder import DataFolder, open_store
from tests.support.stored_chats import StoredChat, write_chats
from tests.ui.row_lists import act, sees

CHATS = [StoredChat(number=number, title=f'Chat {number}', days=40 * number) for number in range(1, 4)]


@pytest.fixture
async def folder(tmp_path: Path) -> AsyncIterator[DataFolder]:
    write_chats(tmp_path, CHATS)
    folder = await open_store(tmp_path)
    yield folder
    await folder.close()


async def test_it_is_said_how_many_chats_go_before_it_is_switched_on(
    person: User, preferences: PreferencesStore
) -> None:
    """A number alone does nothing, nor does one that makes no sense. A restored chat would go again."""
    await person.open('/settings')
    field = person.find(marker='retention-days')
    for senseless in (-1, 1.5, 'x', 10**9):
        field.trigger('change', senseless)
    field.trigger('change', 60)
    await person.should_see('2 chats older than 60 days go to the trash now')
    field.trigger('change', 400)
    await person.should_see('No chat is older than 400 days now.')
    assert preferences.current.retention_days == 0
    field.trigger('change', 100)
    await person.should_see('1 chat older than 100 days goes to the trash now')
    person.find('Switch on').click()
    await person.should_see('On: chats go to the trash 100 days after their last message.')
    assert preferences.current.retention_days == 100
    await person.open('/')
    act(person, 'delete', CHATS[2].id)
    await sees(person, 'Chat 1', 'Chat 2')
    await person.open('/trash')
    act(person, 'restore', CHATS[2].id, marker='chat-list')
    await person.should_see('“Chat 3” is old enough to go again within a day. Pin it to keep it.')
    await person.open('/settings')
    person.find('Switch off').click()
    await person.should_see('Off.')
    assert preferences.current.retention_days == 0
