"""What a person does to conversations as a whole, in the list, the archive and the trash."""

from collections.abc import Callable
from pathlib import Path

import pytest
from nicegui.testing import User

from chat.conversation.conversation_registry import ConversationRegistry
from chat.store.data_folder import DataFolder
from chat.ui.chat.temporary_chat import TemporaryBanner, TemporaryButton
from tests.support.scripted import HeldScript, ScriptedModels, wait_until_answered
from tests.ui.row_lists import act, rows, sees, undo


@pytest.fixture
async def ids(registry: ConversationRegistry) -> list[str]:
    """Of three conversations, from the oldest to the newest."""
    lives = [registry.new() for _ in range(3)]
    for live, prompt in zip(lives, ('One', 'Two', 'Three'), strict=True):
        live.send(prompt)
        await wait_until_answered(live)
    return [live.id for live in lives]


async def test_a_name_that_a_person_gives_stays_in_its_place(
    person: User, another: Callable[[], User], registry: ConversationRegistry, ids: list[str]
) -> None:
    other = another()
    await person.open('/')
    await other.open(f'/c/{ids[0]}')
    await sees(person, 'Three', 'Two', 'One')
    act(person, 'rename', ids[0], '  First \n of all  ')
    await sees(person, 'Three', 'Two', 'First of all')
    await sees(other, 'Three', 'Two', 'First of all')
    assert (await registry.open(ids[0])).metadata.has_own_title
    act(person, 'rename', ids[1], ' \t ')
    act(person, 'rename', ids[2], 'Last')
    await sees(person, 'Last', 'Two', 'First of all')


async def test_a_pinned_one_stands_above_all(person: User, ids: list[str]) -> None:
    await person.open('/')
    act(person, 'pin', ids[0])
    await sees(person, 'One', 'Three', 'Two')
    assert rows(person)[0]['pinned']
    act(person, 'unpin', ids[0])
    await sees(person, 'Three', 'Two', 'One')


async def test_the_archive(person: User, another: Callable[[], User], ids: list[str]) -> None:
    await person.open('/')
    await person.should_not_see('Archive')
    act(person, 'archive', ids[1])
    await sees(person, 'Three', 'One')
    await person.should_see('“Two” archived.')
    other = another()
    await other.open('/archive')
    await sees(other, 'Two', marker='chat-list')
    assert rows(other, 'chat-list')[0]['href'] == f'/c/{ids[1]}'
    act(other, 'unarchive', ids[1], marker='chat-list')
    await sees(other, marker='chat-list')
    await sees(person, 'Three', 'Two', 'One')
    await person.should_not_see('Archive')


async def test_archiving_can_be_undone(person: User, ids: list[str]) -> None:
    await person.open('/')
    act(person, 'archive', ids[1])
    await undo(person)
    await sees(person, 'Three', 'Two', 'One')
    await person.should_not_see('Undo')


async def test_deleting_can_be_undone_and_restores_exactly(
    person: User, tmp_path: Path, ids: list[str]
) -> None:
    file = tmp_path / 'conversations' / f'{ids[0]}.json'
    before = file.read_bytes()
    await person.open(f'/c/{ids[0]}')
    act(person, 'delete', ids[0])
    await sees(person, 'Three', 'Two')
    await person.should_see('What are we working on?')
    assert not file.exists()
    await undo(person)
    await sees(person, 'Three', 'Two', 'One')
    await person.should_see('Hi **there**.')
    assert file.read_bytes() == before


async def test_taking_back_leaves_no_temporary_chat(
    person: User, registry: ConversationRegistry, ids: list[str]
) -> None:
    """What was deleted is in the list again; to lead there would end a chat that has begun meanwhile."""
    await person.open(f'/c/{ids[0]}')
    act(person, 'delete', ids[0])
    await person.should_see('What are we working on?')
    person.find(TemporaryButton).click()
    await person.should_see(TemporaryBanner)
    await undo(person)
    await sees(person, 'Three', 'Two', 'One')
    await person.should_not_see('Hi **there**.')


async def test_deleting_ends_an_answer_first(
    person: User, models: ScriptedModels, registry: ConversationRegistry, ids: list[str]
) -> None:
    models.script = speech = HeldScript('So far', then=' and more')
    live = await registry.open(ids[0])
    live.send('Go on')
    await speech.begun.wait()
    await person.open('/')
    act(person, 'delete', ids[0])
    await sees(person, 'Three', 'Two')
    assert speech.closed.is_set()
    await undo(person)
    await sees(person, 'One', 'Three', 'Two')
    restored = await registry.open(ids[0])
    assert [turn.state for turn in restored.turns] == ['done', 'stopped']


async def test_who_reads_what_another_deletes_is_told_and_can_restore_it(
    person: User, another: Callable[[], User], ids: list[str]
) -> None:
    other = another()
    await person.open('/')
    await other.open(f'/c/{ids[1]}')
    await other.should_see('Hi **there**.')
    act(person, 'delete', ids[1])
    await other.should_see('This chat is in the trash.')
    await other.should_not_see('Hi **there**.')
    other.find('Restore').click()
    await other.should_see('Hi **there**.')
    await sees(person, 'Three', 'Two', 'One')


async def test_the_trash(person: User, folder: DataFolder, ids: list[str]) -> None:
    for conversation_id in ids:
        await folder.conversations.move_to_trash(conversation_id)
    await person.open('/trash')
    await sees(person, 'Three', 'Two', 'One', marker='chat-list')
    act(person, 'restore', ids[1], marker='chat-list')
    await sees(person, 'Two')
    act(person, 'erase', ids[0], marker='chat-list')
    await sees(person, 'Three', marker='chat-list')
    act(person, 'erase', ids[1], marker='chat-list')  # not in the trash any more
    person.find('Empty trash').click()
    await sees(person, marker='chat-list')
    await sees(person, 'Two')
    await person.should_see('The trash is empty.')
    await person.should_not_see('Empty trash')


async def test_what_cannot_be_restored_is_said(person: User, folder: DataFolder, ids: list[str]) -> None:
    await folder.conversations.move_to_trash(ids[0])
    await person.open('/trash')
    await folder.trash.delete_for_good(ids[0])
    act(person, 'restore', ids[0], marker='chat-list')
    await person.should_see('Chat not found.')


async def test_what_no_page_of_ours_sends_does_nothing(person: User, ids: list[str]) -> None:
    await person.open('/')
    nonsense: list[object] = [['erase', ids[0]], ['pin'], ['rename', ids[0]], [1, 2], ['pin', {}], None]
    for args in nonsense:
        person.find(marker='conversations').trigger('action', args)
    person.find(marker='conversations').trigger('visibleRange', ['a', 'b'])
    person.find(marker='search').trigger('open', ['x', 7])
    act(person, 'rename', ids[0], 'Still here')
    await sees(person, 'Three', 'Two', 'Still here')
