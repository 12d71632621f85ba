"""The sweep: blobs go when nobody names them, and only then."""

from pathlib import Path

import pytest
from pydantic_ai import BinaryContent, Conversation, ModelRequest, UserPromptPart

from chat.store.conversations.blobs import BlobStore
from chat.store.filesystem.disk import UNFINISHED_SUFFIX
from chat.store.trash.blob_gc import BlobCollector
from tests.store.store_samples import names_in, store_in

BIG = bytes(5000)


def asking() -> Conversation:
    """A conversation whose prompt has a file."""
    file = BinaryContent(BIG, media_type='application/pdf')
    return Conversation(messages=[ModelRequest(parts=[UserPromptPart(['See:', file])])])


async def test_the_sweep_leaves_what_any_file_names(tmp_path: Path) -> None:
    """Also what is named in the trash, in a damaged file that was set aside, and in a backup."""
    async with store_in(tmp_path) as data_folder:
        await data_folder.conversations.save(asking())
        [kept] = data_folder.conversations.blobs.names()
        orphan = data_folder.conversations.blobs.put(b'nobody names me')
        named = {kept, *map(data_folder.conversations.blobs.put, (b'damaged', b'backup'))}
        damaged, backup = sorted(named - {kept})
    (tmp_path / 'conversations' / 'x.json.corrupt').write_text(f'{{"blob":"{damaged}"')
    (tmp_path / 'backups' / 'x.v0.json').write_text(f'{{"blob" : "{backup}"}}')
    (tmp_path / 'blobs' / f'{orphan}{UNFINISHED_SUFFIX}').write_bytes(b'half')
    (tmp_path / 'blobs' / 'notes.txt').write_text('of a person')
    async with store_in(tmp_path) as data_folder:
        await data_folder.conversations.collect_blobs()
        assert names_in(tmp_path / 'blobs') == {*named, 'notes.txt'}


def test_what_changes_while_the_sweep_looks_is_seen(tmp_path: Path) -> None:
    """A copy in a file already looked at, one in a new file, and a file that moves where it was looked."""
    blobs = BlobStore(tmp_path / 'blobs')
    one, two = tmp_path / 'one', tmp_path / 'two'
    for folder in (blobs.folder, one, two):
        folder.mkdir()
    names = [blobs.put(bytes([number]) * 2000) for number in range(5)]
    (one / 'grows').write_text('{}')
    (two / 'moves').write_text(f'{{"blob": "{names[0]}"}}')
    (two / 'goes').write_text(f'{{"blob": "{names[1]}"}}')
    sweep = BlobCollector(blobs, [one, two])
    (two / 'moves').rename(one / 'moved')
    (two / 'goes').unlink()
    assert not sweep.scan_step()
    (one / 'grows').write_text(f'{{"blob": "{names[2]}"}}')
    (one / 'new').write_text(f'{{"blob": "{names[3]}"}}')
    assert sweep.collect() == 2
    assert blobs.names() == {names[0], names[2], names[3]}


def test_a_sweep_that_cannot_look_everywhere_removes_nothing(tmp_path: Path) -> None:
    blobs = BlobStore(tmp_path)
    name = blobs.put(BIG)
    (tmp_path / 'others').mkdir()
    sweep = BlobCollector(blobs, [tmp_path / 'others'])
    (tmp_path / 'others').rmdir()
    with pytest.raises(OSError, match='others'):
        sweep.collect()
    assert blobs.names() == {name}
