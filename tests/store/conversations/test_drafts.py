"""What stands in the prompt boxes is there again after a start."""

from pathlib import Path

import pytest

from chat.conversation.content.attachments import Attachment
from chat.conversation.storage import EMPTY_DRAFT, NEW_CONVERSATION, Draft
from chat.store.data_folder import open_store
from tests.store.failing_disk import FullDisk
from tests.store.store_samples import names_in, store_in

CAT = Attachment(blob='c5' * 32, name='cat.png', media_type='image/png', size=5)
BEGUN = Draft(text='What I was\nabout to say 🙂 \ud83d', attachments=(CAT,))


async def test_it_is_kept_for_each_conversation(tmp_path: Path) -> None:
    async with store_in(tmp_path) as data_folder:
        await data_folder.drafts.put('one', BEGUN)
        await data_folder.drafts.put(NEW_CONVERSATION, Draft(text='Something new'))
        assert data_folder.drafts.get('one') == BEGUN
    async with store_in(tmp_path) as data_folder:
        assert data_folder.drafts.get('one').text == 'What I was\nabout to say 🙂 \ufffd'
        assert data_folder.drafts.get('one').attachments == (CAT,)
        assert data_folder.drafts.get(NEW_CONVERSATION) == Draft(text='Something new')
        assert data_folder.drafts.get('two') == EMPTY_DRAFT
        await data_folder.drafts.put('one', EMPTY_DRAFT)
    assert names_in(tmp_path / 'unsent') == {'new.json'}


async def test_those_who_look_are_told(tmp_path: Path) -> None:
    async with store_in(tmp_path) as data_folder:
        before = data_folder.drafts.changed.count
        await data_folder.drafts.put('one', BEGUN)
        await data_folder.drafts.put('one', BEGUN)
        assert data_folder.drafts.changed.count == before + 1


async def test_what_could_not_be_stored_is_tried_again(tmp_path: Path) -> None:
    """The browser says it again until it is told that it is stored, and forgets it then."""
    disk = FullDisk()
    data_folder = await open_store(tmp_path, disk=disk)
    disk.first, disk.times = 0, 10**6
    for _ in range(2):
        with pytest.raises(OSError, match='No space left'):
            await data_folder.drafts.put('one', BEGUN)
    disk.times = 0
    await data_folder.drafts.put('one', BEGUN)
    await data_folder.close()
    async with store_in(tmp_path) as data_folder:
        assert data_folder.drafts.get('one').attachments == BEGUN.attachments


async def test_what_makes_no_sense_is_set_aside(tmp_path: Path) -> None:
    async with store_in(tmp_path) as data_folder:
        await data_folder.drafts.put('one', BEGUN)
        await data_folder.drafts.put('two', BEGUN)
    damaged, *_ = sorted((tmp_path / 'unsent').iterdir())
    damaged.write_text('{"text": 7')
    async with store_in(tmp_path) as data_folder:
        assert [data_folder.drafts.get(place) == EMPTY_DRAFT for place in ('one', 'two')].count(True) == 1
    assert any(name.endswith('.corrupt') for name in names_in(tmp_path / 'unsent'))


async def test_what_is_attached_to_it_is_not_swept(tmp_path: Path) -> None:
    async with store_in(tmp_path) as data_folder:
        await data_folder.drafts.put('one', BEGUN)
    (tmp_path / 'blobs' / CAT.blob).write_bytes(b'a cat')
    (tmp_path / 'blobs' / ('d0' * 32)).write_bytes(b'a dog')
    async with store_in(tmp_path) as data_folder:
        await data_folder.conversations.collect_blobs()
    assert names_in(tmp_path / 'blobs') == {CAT.blob}
