"""Addresses that lead to nothing that can be shown."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import uuid4

import httpx
import pytest
from nicegui import core
from nicegui.testing import User

from chat.store.data_folder import DataFolder, open_store
from tests.support.stored_chats import StoredChat, write_chats

SOUND, DAMAGED, NEWER = (
    StoredChat(number=1, title='Sound'),
    StoredChat(number=2, title='Damaged'),
    StoredChat(number=3, title='Newer'),
)


@pytest.fixture
async def folder(tmp_path: Path) -> AsyncIterator[DataFolder]:
    """A folder in which one file is damaged, and one was stored by a version that is newer."""
    write_chats(tmp_path, [SOUND, DAMAGED, NEWER])
    path = tmp_path / 'conversations' / f'{DAMAGED.id}.json'
    path.write_text(path.read_text()[:100])
    path = tmp_path / 'conversations' / f'{NEWER.id}.json'
    tables = json.loads(path.read_text())
    tables['_meta']['1']['format_version'] = 99
    path.write_text(json.dumps(tables))
    folder = await open_store(tmp_path)
    yield folder
    await folder.close()


async def status_of(address: str) -> int:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(core.app), base_url='http://test') as browser:
        return (await browser.get(address)).status_code


async def test_an_unknown_conversation(person: User) -> None:
    for address in (f'/c/{uuid4()}', f'/c/{SOUND.id}/further'):
        await person.open('/')
        person.navigate.to(address)
        await person.should_see('Chat not found.')
        await person.should_see('Start a new chat')
        assert await status_of(address) == 404


async def test_a_damaged_conversation(person: User) -> None:
    await person.open(f'/c/{DAMAGED.id}')
    await person.should_see("This chat can't be shown.")
    await person.should_see('is damaged and kept as it is')


async def test_a_conversation_of_a_newer_version(person: User) -> None:
    await person.open(f'/c/{NEWER.id}')
    await person.should_see("This chat can't be shown.")
    await person.should_see('Update Parlour to open it.')


async def test_one_that_is_damaged_while_parlour_runs(person: User, tmp_path: Path) -> None:
    (tmp_path / 'conversations' / f'{SOUND.id}.json').write_text('{')
    await person.open(f'/c/{SOUND.id}')
    await person.should_see("This chat can't be shown.")


async def test_a_deleted_conversation(person: User, folder: DataFolder) -> None:
    await folder.conversations.move_to_trash(SOUND.id)
    assert await status_of(f'/c/{SOUND.id}') == 404
    await person.open('/')
    person.navigate.to(f'/c/{SOUND.id}')
    await person.should_see('This chat is in the trash.')
    person.find('Restore').click()
    await person.should_see('A conversation.')
