"""The bytes of attachments: in files of their own, put back when loaded, gone when nobody names them."""

import hashlib
import os
from pathlib import Path
from typing import Any

import pytest
from pydantic_ai import BinaryContent, Conversation, ModelMessage, ModelRequest, ModelResponse
from pydantic_ai.messages import FilePart, ToolReturnPart, UserPromptPart

from chat.store.conversations.blobs import MAX_INLINE_BYTES, BlobStore, is_missing
from chat.store.filesystem.disk import UNFINISHED_SUFFIX, Disk
from tests.store.store_samples import names_in, only_file, store_in

BIG = bytes(range(256)) * 64
SHA256 = hashlib.sha256(BIG).hexdigest()


def file_of(content: bytes = BIG, media_type: str = 'image/png') -> BinaryContent:
    return BinaryContent.narrow_type(BinaryContent(content, media_type=media_type, identifier='a.png'))


def asking(*content: bytes) -> Conversation:
    """A conversation whose prompt has these files."""
    return Conversation(messages=[ModelRequest(parts=[UserPromptPart(['See:', *map(file_of, content)])])])


def files_in(conversation: Conversation | None) -> list[BinaryContent]:
    """The files in the prompts."""
    assert conversation is not None
    parts = [part for message in conversation.messages for part in message.parts]
    contents = [part.content for part in parts if isinstance(part, UserPromptPart)]
    return [item for content in contents for item in content if isinstance(item, BinaryContent)]


def blobs_in(folder: Path) -> set[str]:
    return names_in(folder / 'blobs')


async def test_files_anywhere_in_a_message_come_back_and_are_not_in_the_json(tmp_path: Path) -> None:
    messages: list[ModelMessage] = [
        ModelRequest(parts=[UserPromptPart(['See:', file_of(), file_of(media_type='application/pdf')])]),
        ModelResponse(parts=[FilePart(file_of())]),
        ModelRequest(parts=[ToolReturnPart('look', {'seen': [file_of(), 'a cat']}, 'call')]),
    ]
    async with store_in(tmp_path) as data_folder:
        conversation = Conversation(messages=list(messages))
        await data_folder.conversations.save(conversation)
        loaded = await data_folder.conversations.load(conversation.conversation_id)
        assert loaded is not None
        assert loaded.messages == messages
    assert blobs_in(tmp_path) == {SHA256}
    assert (tmp_path / 'blobs' / SHA256).read_bytes() == BIG
    stored = only_file(tmp_path).read_text()
    assert stored.count('"data": "", "media_type": "image/png"') == 3
    assert stored.count(f'"blob": "{SHA256}"') == 4
    async with store_in(tmp_path) as data_folder:
        entries = await data_folder.conversations.load_entries(conversation.conversation_id)
        assert entries is not None
        assert [entry.message for entry in entries] == messages
        assert await data_folder.conversations.read_entry(entries[0].id) == entries[0]
        assert blobs_in(tmp_path) == {SHA256}


async def test_a_file_of_3_mb_costs_1_kb_in_the_json(tmp_path: Path) -> None:
    async with store_in(tmp_path) as data_folder:
        conversation = asking(os.urandom(3_000_000))
        await data_folder.conversations.save(conversation)
        loaded = await data_folder.conversations.load(conversation.conversation_id)
        assert loaded is not None
        assert loaded.messages == conversation.messages
    assert only_file(tmp_path).stat().st_size < 1500


async def test_a_small_file_stays_in_the_json(tmp_path: Path) -> None:
    async with store_in(tmp_path) as data_folder:
        conversation = asking(b'x' * MAX_INLINE_BYTES, b'')
        await data_folder.conversations.save(conversation)
        loaded = await data_folder.conversations.load(conversation.conversation_id)
        assert [file.data for file in files_in(loaded)] == [b'x' * MAX_INLINE_BYTES, b'']
    assert blobs_in(tmp_path) == set()


LOOK_ALIKES: dict[str, dict[str, Any]] = {
    'no base64': {'kind': 'binary', 'data': 'not base64! ' * 1000},
    'another base64': {'kind': 'binary', 'data': '+/+/' * 1000},
    'no text': {'kind': 'binary', 'data': 7},
    'another thing': {'kind': 'blob', 'blob': SHA256, 'data': ''},
}


@pytest.mark.parametrize('returned', LOOK_ALIKES.values(), ids=LOOK_ALIKES.keys())
async def test_what_a_tool_returns_comes_back_as_it_was(tmp_path: Path, returned: dict[str, Any]) -> None:
    async with store_in(tmp_path) as data_folder:
        messages: list[ModelMessage] = [ModelRequest(parts=[ToolReturnPart('look', [returned], 'call')])]
        conversation = Conversation(messages=list(messages))
        await data_folder.conversations.save(conversation)
        loaded = await data_folder.conversations.load(conversation.conversation_id)
        assert loaded is not None
        assert loaded.messages == messages


async def test_a_tool_cannot_name_the_file_of_another_conversation(tmp_path: Path) -> None:
    async with store_in(tmp_path) as data_folder:
        await data_folder.conversations.save(asking(BIG))
        grabbing = {'kind': 'binary', 'data': '', 'media_type': 'image/png', 'blob': SHA256}
        conversation = Conversation(messages=[ModelRequest(parts=[ToolReturnPart('look', grabbing, 'call')])])
        await data_folder.conversations.save(conversation)
        loaded = await data_folder.conversations.load(conversation.conversation_id)
        assert loaded is not None
        [part] = loaded.messages[0].parts
        assert isinstance(part, ToolReturnPart)
        assert all(isinstance(file, BinaryContent) and is_missing(file) for file in part.files)


@pytest.mark.parametrize('name', [SHA256, '../../secret', ''])
async def test_a_missing_file_is_a_missing_attachment(tmp_path: Path, name: str) -> None:
    (tmp_path / 'secret').write_text('secret')
    async with store_in(tmp_path) as data_folder:
        conversation = asking(BIG, b'small')
        await data_folder.conversations.save(conversation)
    path = only_file(tmp_path)
    path.write_text(path.read_text().replace(SHA256, name))
    (tmp_path / 'blobs' / SHA256).unlink()
    async with store_in(tmp_path) as data_folder:
        [missing, there] = files_in(await data_folder.conversations.load(conversation.conversation_id))
        assert (missing.data, missing.media_type, missing.identifier) == (b'', 'image/png', 'a.png')
        assert (is_missing(missing), is_missing(there)) == (True, False)


async def test_a_blob_is_shared_until_the_last_conversation_is_deleted(tmp_path: Path) -> None:
    async with store_in(tmp_path) as data_folder:
        store = data_folder.conversations
        one, two = asking(BIG, BIG[1:]), asking(BIG)
        await store.save(one)
        await store.save(two)
        fork = await store.fork(one.conversation_id)
        assert len(blobs_in(tmp_path)) == 2
        await store.delete(one.conversation_id)
        assert len(blobs_in(tmp_path)) == 2
        await store.delete(fork.conversation_id)
        assert blobs_in(tmp_path) == {SHA256}
        assert files_in(await store.load(two.conversation_id)) == [file_of()]
        await store.delete(two.conversation_id)
        assert blobs_in(tmp_path) == set()


class RecordingDisk(Disk):
    def __init__(self) -> None:
        self.synced: list[str] = []

    def sync(self, path: Path) -> None:
        super().sync(path)
        self.synced.append(path.name)

    def sync_folder(self, folder: Path) -> None:
        super().sync_folder(folder)
        self.synced.append(folder.name)


def test_a_blob_lasts_before_it_is_named(tmp_path: Path) -> None:
    """Also one that was there: whoever stored it may have died before its name was on the disk."""
    disk = RecordingDisk()
    blobs = BlobStore(tmp_path, disk=disk)
    assert blobs.put(BIG) == SHA256
    assert disk.synced == [f'{SHA256}{UNFINISHED_SUFFIX}', tmp_path.name]
    assert blobs.put(BIG) == SHA256
    assert disk.synced[2:] == [tmp_path.name]


def test_a_blob_that_was_cut_is_mended_by_storing_it_again(tmp_path: Path) -> None:
    (tmp_path / SHA256).write_bytes(BIG[:-1])
    BlobStore(tmp_path).put(BIG)
    assert (tmp_path / SHA256).read_bytes() == BIG


@pytest.mark.parametrize('name', ['', '..', '../x', '/etc/passwd', SHA256.upper(), SHA256[1:], f'{SHA256}\n'])
def test_only_a_sha256_leads_to_a_file(tmp_path: Path, name: str) -> None:
    assert BlobStore(tmp_path).path(name) is None
    assert BlobStore(tmp_path).path(SHA256) == tmp_path / SHA256
