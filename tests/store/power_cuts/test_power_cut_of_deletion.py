"""Attachments, trash and deletion, with a power cut after each operation on a model of a disk."""

import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest
from pydantic_ai import BinaryContent, Conversation, ModelRequest, UserPromptPart

from chat.store.data_folder import open_store
from tests.store.power_cuts.disk_model import (
    DiskModel,
    Files,
    RecordingDisk,
    WithoutFileSync,
    WithoutFolderSync,
)
from tests.store.store_samples import turn

NOW = datetime.now(UTC)
CONTENT = b'secret picture' * 500
SAVED, CONTINUED, TRASHED, ERASED = 'saved', 'continued', 'trashed', 'erased'


def with_file(conversation_id: str) -> Conversation:
    file = BinaryContent(CONTENT, media_type='application/pdf')
    request = ModelRequest(parts=[UserPromptPart(['secret', file], timestamp=NOW)])
    return Conversation(messages=[request, *turn()], conversation_id=conversation_id)


async def recorded(folder: Path, disk: RecordingDisk, rewrite_below: float) -> None:
    """Save with a file, trash, restore, continue, trash, erase; each step is told when it is done."""
    data_folder = await open_store(folder, rewrite_below=rewrite_below, disk=disk)
    store = data_folder.conversations
    conversation = with_file('one')
    await store.save(conversation)
    disk.tell(SAVED)
    await store.move_to_trash('one')
    await store.trash.restore('one')
    conversation.messages += turn('more')
    await store.save(conversation)
    disk.tell(CONTINUED)
    await store.move_to_trash('one')
    disk.tell(TRASHED)
    disk.tell('erasing')
    await store.trash.delete_for_good('one')
    disk.tell(ERASED)
    await data_folder.close()


async def problem_after(folder: Path, files: Files, told: str) -> str | None:
    """What is lost, or left over, in the folder with these files."""
    shutil.rmtree(folder)
    for path, data in files.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    data_folder = await open_store(folder, disk=RecordingDisk())
    store = data_folder.conversations
    await store.collect_blobs()
    if any(row.conversation_id == 'one' for row in store.trash.conversations):
        await store.trash.restore('one')
    loaded = await store.load('one')
    await data_folder.close()
    if loaded is None:
        if told in (SAVED, CONTINUED, TRASHED):
            return 'lost'
        return 'left over' if told == ERASED and names_secret(folder) else None
    if told == ERASED:
        return 'came back'
    if loaded.messages[0].parts != with_file('one').messages[0].parts:
        return 'attachment lost'
    return None if len(loaded.messages) == 5 or told in ('', SAVED) else 'turn lost'


def names_secret(folder: Path) -> bool:
    return any(b'secret' in path.read_bytes() for path in folder.rglob('*') if path.is_file())


async def problems_in(folder: Path, disk: RecordingDisk, *, until_bad: bool = False) -> tuple[int, set[str]]:
    """How many states a cut could leave, and what is wrong in any of them."""
    model, told, seen = DiskModel(), '', set[tuple[str, frozenset[tuple[Path, bytes]]]]()
    problems = set[str]()
    for name, arguments in disk.events:
        if name == 'tell':
            told = arguments[0]
        model.do(name, arguments)
        for files in model.after_a_cut():
            key = (told, frozenset(files.items()))
            if key not in seen:
                seen.add(key)
                problem = await problem_after(folder, files, told)
                problems |= {f'{problem} after "{told}"'} if problem else set()
        if problems and until_bad:
            break
    return len(seen), problems


@pytest.mark.parametrize('rewrite_below', [float('inf'), 0])
async def test_a_power_cut_loses_nothing_and_brings_nothing_back(
    tmp_path: Path, rewrite_below: float
) -> None:
    disk = RecordingDisk()
    await recorded(tmp_path / 'data', disk, rewrite_below)
    states, problems = await problems_in(tmp_path / 'data', disk)
    assert problems == set()
    assert states > 50


@pytest.mark.parametrize('careless', [WithoutFileSync, WithoutFolderSync])
async def test_without_a_sync_it_would(tmp_path: Path, careless: type[RecordingDisk]) -> None:
    disk = careless()
    await recorded(tmp_path / 'data', disk, float('inf'))
    assert (await problems_in(tmp_path / 'data', disk, until_bad=True))[1]
