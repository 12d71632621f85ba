"""Pages on a storage that has no folder: all is as on ours, but that no folder is shown."""

import pytest
from nicegui.testing import User

from chat.conversation.conversation_registry import ConversationRegistry
from chat.conversation.storage import FileProblem
from tests.support.memory_storage import MemoryStorage
from tests.support.scripted import ScriptedModels, registry_with, saying, wait_until_answered
from tests.ui.row_lists import act, sees


@pytest.fixture
def storage() -> MemoryStorage:
    return MemoryStorage()


async def asked(registry: ConversationRegistry, prompt: str) -> str:
    """The id of a conversation with an answer."""
    live = registry.new()
    live.send(prompt)
    await wait_until_answered(live)
    return live.id


async def test_chats_are_listed_renamed_and_read(person: User, registry: ConversationRegistry) -> None:
    one, _ = await asked(registry, 'One'), await asked(registry, 'Two')
    await person.open(f'/c/{one}')
    await person.should_see('Hi **there**.')
    await sees(person, 'Two', 'One')
    act(person, 'rename', one, 'First')
    await sees(person, 'Two', 'First')
    act(person, 'pin', one)
    await sees(person, 'First', 'Two')


async def test_what_is_deleted_comes_back_from_the_trash(
    person: User, storage: MemoryStorage, registry: ConversationRegistry
) -> None:
    one, two = await asked(registry, 'One'), await asked(registry, 'Two')
    await person.open(f'/c/{one}')
    await storage.conversations.move_to_trash(one)
    await person.should_see('This chat is in the trash.')
    await storage.trash.restore(one)
    await person.should_see('Hi **there**.')
    await storage.conversations.move_to_trash(one)
    await storage.conversations.move_to_trash(two)
    await person.open('/trash')
    await sees(person, 'Two', 'One', marker='chat-list')
    act(person, 'restore', one, marker='chat-list')
    await sees(person, 'One')
    act(person, 'erase', two, marker='chat-list')
    await sees(person, marker='chat-list')
    await person.should_see('The trash is empty.')


async def test_a_page_shows_that_its_chat_was_deleted_for_good(
    person: User, storage: MemoryStorage, registry: ConversationRegistry
) -> None:
    """Which only the trash tells of: the catalog does not change by it."""
    one = await asked(registry, 'One')
    await storage.conversations.move_to_trash(one)
    await person.open('/')
    person.navigate.to(f'/c/{one}')
    await person.should_see('This chat is in the trash.')
    await person.should_see('Trash')
    await storage.trash.delete_for_good(one)
    await person.should_see('Chat not found.')
    await person.should_not_see('Trash')


async def test_a_chat_is_shown_that_comes_after_its_page(
    person: User, storage: MemoryStorage, registry: ConversationRegistry
) -> None:
    """As at a node that has not heard yet what another one has stored."""
    other_node = registry_with(ScriptedModels(saying('From elsewhere.')), storage.conversations)
    live = other_node.new()
    await person.open('/')
    person.navigate.to(f'/c/{live.id}')
    await asked(registry, 'Another')
    await person.should_see('Chat not found.')
    live.send('What is MVCC?')
    await person.should_see('What is MVCC?')
    await person.should_not_see('Chat not found.')
    await other_node.close()


async def test_what_cannot_be_read_is_said(person: User, storage: MemoryStorage) -> None:
    """In the sidebar, beside what is the matter with the whole; and where the conversation would be."""
    storage.warnings = ['The database is nearly full.']
    storage.catalog.problems = [FileProblem(conversation_id='one', sentence='Row 7 is damaged.')]
    await person.open('/')
    await person.should_see('The database is nearly full.')
    await person.should_see('Row 7 is damaged.')
    person.navigate.to('/c/one')
    await person.should_see("This chat can't be shown.")


async def test_the_settings_show_no_folder(person: User, registry: ConversationRegistry) -> None:
    await asked(registry, 'One')
    await person.open('/settings')
    await person.should_see('0 B, 1 chat.')
    await person.should_not_see('Folder')
    await person.should_not_see('--data')
