"""What an unfinished answer has said is there when the process dies, and only then."""

from base64 import b64encode
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import asdict
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as some
from pydantic_ai import (
    BinaryImage,
    Conversation,
    FilePart,
    ModelMessage,
    ModelRequest,
    ModelResponse,
    TextPart,
    UserPromptPart,
)
from pydantic_ai.messages import ThinkingPart, ToolCallPart, ToolReturnPart

from chat.conversation.content.metadata import ConversationMetadata
from chat.store.data_folder import DataFolder, open_store
from chat.store.tinydb_storage.journal import apply_delta, text_delta
from tests.store.failing_disk import FullDisk
from tests.store.power_cuts.disk_model import RecordingDisk
from tests.store.store_samples import conversation_of, names_in, store_in, turn
from tests.support.files import png

ASKED = ModelRequest(parts=[UserPromptPart('why?')])


def said(text: str) -> list[ModelMessage]:
    return [ModelResponse(parts=[TextPart(text)])]


async def asked(data_folder: DataFolder) -> Conversation:
    """A stored conversation whose last question is not answered."""
    conversation = conversation_of('one')
    conversation.messages.append(ASKED)
    await data_folder.conversations.save(conversation)
    return conversation


async def test_after_a_crash_the_answer_so_far_is_there_and_marked(tmp_path: Path) -> None:
    data_folder = await open_store(tmp_path)
    conversation = await asked(data_folder)
    for text in ('Be', 'Because', 'Because of "ü🙂"'):
        await data_folder.conversations.write_checkpoint(conversation.conversation_id, said(text))
    before = data_folder.catalog.summaries[0]
    async with store_in(tmp_path) as again:
        loaded = await again.conversations.load(conversation.conversation_id)
        assert loaded is not None
        assert loaded.messages[:-1] == conversation.messages
        response = loaded.messages[-1]
        assert isinstance(response, ModelResponse)
        assert response.parts == [TextPart('Because of "ü🙂"')]
        assert response.state == 'interrupted'
        assert loaded.revision != conversation.revision
        assert again.catalog.summaries[0].updated_at > before.updated_at
        loaded.messages += turn('and?')
        await again.conversations.save(loaded)
    async with store_in(tmp_path) as again:
        reread = await again.conversations.load(conversation.conversation_id)
        assert reread is not None
        assert reread.messages == loaded.messages
        assert all(not name.endswith('.journal') for name in names_in(tmp_path / 'conversations'))
    await data_folder.close()


async def test_pictures_of_a_tool_are_there_after_a_crash_though_no_checkpoint_has_their_bytes(
    tmp_path: Path,
) -> None:
    data_folder = await open_store(tmp_path)
    conversation = await asked(data_folder)
    picture = BinaryImage(png(40, 30), media_type='image/png', identifier='boat.png')
    attachment = await data_folder.conversations.store_file('boat.png', picture)
    files = {'files': [asdict(attachment)]}
    messages: list[ModelMessage] = [
        ModelResponse(parts=[ToolCallPart('paint', {}, 'a')]),
        ModelRequest(parts=[ToolReturnPart('paint', ['Painted.', {'it': picture}], 'a')], metadata=files),
        ModelResponse(parts=[TextPart('There, and mine: '), FilePart(picture)], metadata=files),
    ]
    await data_folder.conversations.write_checkpoint(conversation.conversation_id, messages)
    [journal] = (tmp_path / 'conversations').glob('*.journal')
    assert b64encode(picture.data).decode()[:40] not in journal.read_text('utf-8')
    async with store_in(tmp_path) as again:
        loaded = await again.conversations.load(conversation.conversation_id)
        assert loaded is not None
        [*_, returned, response] = loaded.messages
        assert isinstance(returned.parts[0], ToolReturnPart)
        assert returned.parts[0].content == ['Painted.', {'it': picture}]
        assert isinstance(response.parts[1], FilePart)
        assert response.parts[1].content == picture
        assert await again.conversations.collect_blobs() == 0
    await data_folder.close()


async def test_the_next_save_makes_it_void(tmp_path: Path) -> None:
    data_folder = await open_store(tmp_path)
    conversation = await asked(data_folder)
    await data_folder.conversations.write_checkpoint(conversation.conversation_id, said('Because'))
    conversation.messages += said('Because it is.')
    await data_folder.conversations.save(conversation)
    async with store_in(tmp_path) as again:
        loaded = await again.conversations.load(conversation.conversation_id)
        assert loaded is not None
        assert loaded.messages == conversation.messages
    await data_folder.close()


async def test_a_new_title_does_not(tmp_path: Path) -> None:
    data_folder = await open_store(tmp_path)
    conversation = await asked(data_folder)
    await data_folder.conversations.write_checkpoint(conversation.conversation_id, said('Because'))
    await data_folder.conversations.write_metadata(
        conversation.conversation_id, ConversationMetadata(title='Why')
    )
    async with store_in(tmp_path) as again:
        loaded = await again.conversations.load(conversation.conversation_id)
        assert loaded is not None
        assert len(loaded.messages) == 4
        assert again.catalog.summaries[0].title == 'Why'
    await data_folder.close()


async def test_what_a_tool_has_returned_comes_back_without_a_word_after_it(tmp_path: Path) -> None:
    call = ModelResponse(parts=[ThinkingPart('hm'), ToolCallPart('look', {}, 'call')])
    returned = ModelRequest(parts=[ToolReturnPart('look', float('nan'), 'call')])
    data_folder = await open_store(tmp_path)
    conversation = await asked(data_folder)
    await data_folder.conversations.write_checkpoint(conversation.conversation_id, [call, returned])
    async with store_in(tmp_path) as again:
        loaded = await again.conversations.load(conversation.conversation_id)
        assert loaded is not None
        called, result = loaded.messages[-2:]
        assert isinstance(called, ModelResponse)
        assert isinstance(result, ModelRequest)
        assert [part.part_kind for part in result.parts] == ['tool-return']
    await data_folder.close()


async def test_nothing_said_leaves_nothing(tmp_path: Path) -> None:
    data_folder = await open_store(tmp_path)
    conversation = await asked(data_folder)
    await data_folder.conversations.write_checkpoint(conversation.conversation_id, [ModelResponse(parts=[])])
    await data_folder.conversations.write_checkpoint('nothing', said('to nobody'))
    async with store_in(tmp_path) as again:
        loaded = await again.conversations.load(conversation.conversation_id)
        assert loaded is not None
        assert loaded.messages == conversation.messages
        assert loaded.revision == conversation.revision
        assert await again.conversations.load('nothing') is None
    await data_folder.close()


@asynccontextmanager
async def full_at_the_start(
    folder: Path, rewrite_below: float
) -> AsyncGenerator[tuple[DataFolder, FullDisk]]:
    """A store that could not yet store what an answer had said when the process died."""
    data_folder = await open_store(folder)
    conversation = await asked(data_folder)
    await data_folder.conversations.write_checkpoint(conversation.conversation_id, said('Because'))
    disk = FullDisk(1, times=10**9)
    full = await open_store(folder, disk=disk, rewrite_below=rewrite_below)
    yield full, disk
    await full.close()
    await data_folder.close()


@pytest.mark.parametrize('rewrite_below', [0, 10**9])
async def test_it_is_there_also_while_it_cannot_be_stored(tmp_path: Path, rewrite_below: float) -> None:
    async with full_at_the_start(tmp_path, rewrite_below) as (full, _):
        [summary] = full.catalog.summaries
        loaded = await full.conversations.load(summary.conversation_id)
        assert loaded is not None
        assert loaded.messages[-1].parts == [TextPart('Because')]
        whole = await full.whole.read(summary.conversation_id)
        assert whole.messages == loaded.messages
        for number in range(40):  # more than stay in memory
            await full.conversations.load(str(number))
        again = await full.conversations.load(summary.conversation_id)
        assert again == loaded
    async with store_in(tmp_path) as stored:
        again = await stored.conversations.load(summary.conversation_id)
        assert again is not None
        assert again.messages == loaded.messages


@pytest.mark.parametrize('rewrite_below', [0, 10**9])
@pytest.mark.parametrize('first', ['a prompt', 'a title', 'a checkpoint'])
async def test_what_comes_next_stores_it_too(tmp_path: Path, rewrite_below: float, first: str) -> None:
    async with full_at_the_start(tmp_path, rewrite_below) as (full, disk):
        [summary] = full.catalog.summaries
        loaded = await full.conversations.load(summary.conversation_id)
        assert loaded is not None
        disk.times = 0
        if first == 'a title':
            await full.conversations.write_metadata(
                summary.conversation_id, ConversationMetadata(title='Why')
            )
        elif first == 'a checkpoint':
            await full.conversations.write_checkpoint(summary.conversation_id, said('Also'))
        loaded.messages += turn('and?')
        await full.conversations.save(loaded)
    async with store_in(tmp_path) as again:
        stored = await again.conversations.load(summary.conversation_id)
        assert stored is not None
        assert stored.messages == loaded.messages
        assert stored.messages[-3].parts == [TextPart('Because')]


async def test_its_files_are_not_removed_while_it_cannot_be_stored(tmp_path: Path) -> None:
    data_folder = await open_store(tmp_path)
    conversation = await asked(data_folder)
    picture = BinaryImage(png(40, 30), media_type='image/png', identifier='boat.png')
    attachment = await data_folder.conversations.store_file('boat.png', picture)
    answer = ModelResponse(parts=[FilePart(picture)], metadata={'files': [asdict(attachment)]})
    await data_folder.conversations.write_checkpoint(conversation.conversation_id, [answer])
    disk = FullDisk(1, times=10**9)
    full = await open_store(tmp_path, disk=disk)
    assert await full.conversations.collect_blobs() == 0
    loaded = await full.conversations.load(conversation.conversation_id)
    assert loaded is not None
    disk.times = 0
    loaded.messages += turn('and?')
    await full.conversations.save(loaded)
    await full.close()
    async with store_in(tmp_path) as again:
        stored = await again.conversations.load(conversation.conversation_id)
        assert stored is not None
        assert isinstance(part := stored.messages[-3].parts[0], FilePart)
        assert part.content == picture
    await data_folder.close()


async def test_who_is_answering_can_store_it_after_a_deletion_that_failed(tmp_path: Path) -> None:
    disk = FullDisk()
    data_folder = await open_store(tmp_path, disk=disk)
    conversation = await asked(data_folder)
    await data_folder.conversations.write_checkpoint(conversation.conversation_id, said('Because'))
    disk.first, disk.times = 0, 10**9
    with pytest.raises(OSError, match='space'):
        await data_folder.conversations.move_to_trash(conversation.conversation_id)
    disk.times = 0
    conversation.messages += said('Because of all.')
    await data_folder.conversations.save(conversation)
    loaded = await data_folder.conversations.load(conversation.conversation_id)
    assert loaded is not None
    assert loaded.messages == conversation.messages
    await data_folder.close()


async def test_more_conversations_than_stay_in_memory_end_no_checkpoint(tmp_path: Path) -> None:
    data_folder = await open_store(tmp_path)
    conversation = await asked(data_folder)
    await data_folder.conversations.write_checkpoint(conversation.conversation_id, said('Because'))
    for number in range(40):
        await data_folder.conversations.save(conversation_of(str(number)))
    async with store_in(tmp_path) as again:
        loaded = await again.conversations.load(conversation.conversation_id)
        assert loaded is not None
        assert len(loaded.messages) == 4
    await data_folder.close()


async def test_a_long_answer_is_written_about_twice(tmp_path: Path) -> None:
    """And not once for each checkpoint: the cost grows with the answer and not with its square."""
    disk = RecordingDisk()
    text = ''.join(f'word {number} "quoted", ' for number in range(3200))
    data_folder = await open_store(tmp_path, disk=disk)
    conversation = await asked(data_folder)
    disk.events.clear()
    for length in range(0, len(text), len(text) // 120):
        await data_folder.conversations.write_checkpoint(conversation.conversation_id, said(text[:length]))
    written = sum(len(arguments[1]) for name, arguments in disk.events if name in ('write', 'extend'))
    assert written < 2 * len(text) + 121 * 700
    assert 'sync' not in [name for name, _ in disk.events]
    await data_folder.close()


TEXT = some.text(max_size=20)


@given(TEXT, TEXT, TEXT)
def test_growth_is_what_is_new(start: str, one: str, two: str) -> None:
    for before, after in ((start + one, start + two), (start, start + one), (one, two), (one, one)):
        step = text_delta(before, after)
        assert apply_delta(before, step) == after
    assert text_delta(start, start + one) == {'keep': len(start), 'rest': one}


@pytest.mark.parametrize('length', [0, 1, 2, 63, 64, 1000])
def test_growth_finds_where_texts_differ(length: int) -> None:
    assert text_delta('x' * length + 'a', 'x' * length + 'b') == {'keep': length, 'rest': 'b'}
