"""Files damaged anywhere, and journals that belong to nothing: the rest loads, and nothing is dropped."""

import contextlib
from collections.abc import Generator
from pathlib import Path

import pytest
from pydantic_ai import Conversation

from chat.errors import ChatError
from chat.store.data_folder import open_store
from chat.store.tinydb_storage.journal import journal_of
from tests.store.store_samples import conversation_of, names_in, prompts_in, store_in, turn
from tests.support.profile import sized

REGIONS = sized(12, 40)


async def crashed(folder: Path) -> tuple[Conversation, Path]:
    """A conversation as a crash leaves it: one turn in its file, two in its journal; and where that is."""
    data_folder = await open_store(folder, rewrite_below=0)
    conversation = conversation_of('one')
    await data_folder.conversations.save(conversation)
    for prompt in ('two', 'three'):
        conversation.messages += turn(prompt)
        await data_folder.conversations.save(conversation)
    path = folder / 'conversations' / f'{conversation.conversation_id}.json'
    left = {file: file.read_bytes() for file in (path, journal_of(path))}
    other = conversation_of('other', conversation_id='other')
    await data_folder.conversations.save(other)
    await data_folder.close()
    (folder / 'index.json').unlink()
    for file, data in left.items():
        file.write_bytes(data)
    return conversation, path


def damaged(data: bytes) -> Generator[bytes]:
    """Each region of a file zeroed, lost, or full of something else; and the file cut there."""
    size = max(1, len(data) // REGIONS)
    for start in range(0, len(data), size):
        yield data[:start] + bytes(size) + data[start + size :]
        yield data[:start] + b'"#{' + data[start + size :]
        yield data[:start] + data[start + size :]
        yield data[:start]


async def test_a_crash_leaves_a_journal_that_is_read_and_folded(tmp_path: Path) -> None:
    conversation, path = await crashed(tmp_path)
    async with store_in(tmp_path) as data_folder:
        loaded = await data_folder.conversations.load(conversation.conversation_id)
        assert loaded is not None
        assert loaded.messages == conversation.messages
        assert loaded.revision == conversation.revision
    assert not journal_of(path).exists()


async def test_damage_to_a_file_harms_its_conversation_alone(tmp_path: Path) -> None:
    conversation, path = await crashed(tmp_path)
    left = {file: file.read_bytes() for file in (path, journal_of(path))}
    for data in damaged(left[path]):
        for file in path.parent.glob(f'{path.stem}*'):
            file.unlink()
        path.write_bytes(data)
        journal_of(path).write_bytes(left[journal_of(path)])
        (tmp_path / 'index.json').unlink(missing_ok=True)
        async with store_in(tmp_path) as data_folder:
            assert prompts_in(await data_folder.conversations.load('other')) == ['other']
            with contextlib.suppress(ChatError, LookupError):
                await data_folder.conversations.load(conversation.conversation_id)
            kept = names_in(path.parent)
        assert path.name in kept or {f'{path.name}.corrupt', f'{journal_of(path).name}.corrupt'} <= kept


async def test_damage_to_a_journal_keeps_what_comes_before(tmp_path: Path) -> None:
    conversation, path = await crashed(tmp_path)
    left = {file: file.read_bytes() for file in (path, journal_of(path))}
    seen: set[int] = set()
    for data in damaged(left[journal_of(path)]):
        for file in path.parent.glob(f'{path.stem}*'):
            file.unlink()
        path.write_bytes(left[path])
        journal_of(path).write_bytes(data)
        async with store_in(tmp_path) as data_folder:
            prompts = prompts_in(await data_folder.conversations.load(conversation.conversation_id))
            assert prompts == ['one', 'two', 'three'][: len(prompts)]
            seen.add(len(prompts))
        assert not journal_of(path).exists()
        if b'\0' not in data and data.count(b'\n') == 2:
            assert f'{journal_of(path).name}.corrupt' in names_in(path.parent)
    assert seen == {1, 2}


async def test_a_journal_left_by_a_crash_inside_delete_comes_not_back(tmp_path: Path) -> None:
    conversation, path = await crashed(tmp_path)
    old = journal_of(path).read_bytes()
    async with store_in(tmp_path) as data_folder:
        await data_folder.conversations.delete(conversation.conversation_id)
        journal_of(path).write_bytes(old)
        again = conversation_of('new', conversation_id=conversation.conversation_id)
        await data_folder.conversations.save(again)
        assert prompts_in(await data_folder.conversations.load(again.conversation_id)) == ['new']
    journal_of(path).write_bytes(old)
    async with store_in(tmp_path) as data_folder:
        assert prompts_in(await data_folder.conversations.load(again.conversation_id)) == ['new']
        await data_folder.conversations.delete(again.conversation_id)
    journal_of(path).write_bytes(old)
    async with store_in(tmp_path) as data_folder:
        assert await data_folder.conversations.load(again.conversation_id) is None
    assert not journal_of(path).exists()


@pytest.mark.parametrize('keep', ['file', 'journal'])
async def test_half_of_a_pair_is_no_obstacle(tmp_path: Path, keep: str) -> None:
    conversation, path = await crashed(tmp_path)
    (journal_of(path) if keep == 'file' else path).unlink()
    async with store_in(tmp_path) as data_folder:
        loaded = await data_folder.conversations.load(conversation.conversation_id)
        assert (prompts_in(loaded) == ['one']) if keep == 'file' else (loaded is None)
        assert prompts_in(await data_folder.conversations.load('other')) == ['other']
