"""Files are taken in before they are sent, are there when they are, and leave when nobody has named them."""

from dataclasses import replace
from pathlib import Path

import pytest
from pydantic_ai import BinaryImage, Conversation

from chat.conversation.content.attachments import safe_name
from chat.conversation.content.messages import attachments_of, prompt_message
from chat.conversation.content.metadata import ConversationMetadata
from chat.errors import AttachmentMissing, AttachmentRefused
from tests.store.store_samples import names_in, only_file, store_in
from tests.support.files import PDF, attached, png


async def test_a_file_comes_back_as_it_is_whatever_is_said_of_it(tmp_path: Path) -> None:
    async with store_in(tmp_path) as data_folder:
        kept = await data_folder.attachments.save('cat.png', png())
        assert (kept.name, kept.media_type, kept.size) == ('cat.png', 'image/png', len(png()))
        pretended = replace(kept, media_type='text/html', size=1)
        assert await data_folder.attachments.read([pretended]) == attached('cat.png', 'image/png', png())
        [content] = (await data_folder.attachments.read([kept])).values()
        assert isinstance(content, BinaryImage)  # else it would not be equal to itself once it is stored


async def test_what_no_model_is_sent_is_refused(tmp_path: Path) -> None:
    async with store_in(tmp_path) as data_folder:
        with pytest.raises(AttachmentRefused, match=r"x\.zip can't be attached"):
            await data_folder.attachments.save('x.zip', b'PK\x03\x04')
        with pytest.raises(AttachmentRefused, match='is empty'):
            await data_folder.attachments.save('x.txt', b'')
        with pytest.raises(AttachmentRefused, match=r'\(text files: up to 1 MB\)'):
            await data_folder.attachments.save('x.txt', b'x' * 1_000_001)
    assert names_in(tmp_path / 'blobs') == set()


async def test_a_file_that_is_gone_is_said_by_name(tmp_path: Path) -> None:
    async with store_in(tmp_path) as data_folder:
        [attachment] = attached('cat.png', 'image/png', png())
        for blob in (attachment.blob, '../../etc/passwd'):
            with pytest.raises(AttachmentMissing, match=r'cat\.png is not there any more'):
                await data_folder.attachments.read([replace(attachment, blob=blob)])
            assert await data_folder.attachments.get(blob) is None


async def test_no_sweep_takes_what_was_just_uploaded(tmp_path: Path) -> None:
    """Nor does the deletion of the last conversation that had the same file."""
    async with store_in(tmp_path) as data_folder:
        kept = await data_folder.attachments.save('a.pdf', PDF)
        conversation = Conversation(
            messages=[prompt_message('Look', None, await data_folder.attachments.read([kept]))]
        )
        await data_folder.conversations.save(conversation)
        await data_folder.attachments.save('again.pdf', PDF)
        await data_folder.conversations.delete(conversation.conversation_id)
        await data_folder.conversations.collect_blobs()
        assert names_in(tmp_path / 'blobs') == {kept.blob}


async def test_an_upload_that_was_never_sent_is_swept_after_the_next_start(tmp_path: Path) -> None:
    async with store_in(tmp_path) as data_folder:
        await data_folder.attachments.save('a.pdf', PDF)
    async with store_in(tmp_path) as data_folder:
        await data_folder.conversations.collect_blobs()
    assert names_in(tmp_path / 'blobs') == set()


@pytest.mark.parametrize('content', [png(), PDF])
async def test_a_file_that_was_sent_lasts_and_goes_with_its_conversation(
    tmp_path: Path, content: bytes
) -> None:
    """Small ones too, whose content is in the message itself: their page asks for them by the same name."""
    async with store_in(tmp_path) as data_folder:
        kept = await data_folder.attachments.save('file', content)
        conversation = Conversation(
            messages=[prompt_message('Look', None, await data_folder.attachments.read([kept]))]
        )
        await data_folder.conversations.save(conversation)
    async with store_in(tmp_path) as data_folder:
        await data_folder.conversations.collect_blobs()
        assert await data_folder.attachments.get(kept.blob) is not None
        await data_folder.conversations.delete(conversation.conversation_id)
        assert await data_folder.attachments.get(kept.blob) is None


async def test_the_files_of_the_queue_are_blobs(tmp_path: Path) -> None:
    async with store_in(tmp_path) as data_folder:
        store = data_folder.conversations
        waiting = prompt_message('Look', 'turn', attached('a.pdf', 'application/pdf', PDF))
        conversation = Conversation(messages=[prompt_message('Hello')])
        await store.save(conversation)
        await store.write_metadata(conversation.conversation_id, ConversationMetadata(queue=(waiting,)))
    assert b'nothing to see' not in only_file(tmp_path).read_bytes()
    assert len(names_in(tmp_path / 'blobs')) == 1
    async with store_in(tmp_path) as data_folder:
        await data_folder.conversations.collect_blobs()
        metadata = await data_folder.conversations.read_metadata(conversation.conversation_id)
        assert [attachments_of(prompt) for prompt in metadata.queue] == [attachments_of(waiting)]


def test_names_are_plain() -> None:
    assert safe_name('/etc/pass\x00wd\n.txt') == 'etc pass wd .txt'
    assert safe_name('invoice\u202efdp.exe') == 'invoice fdp.exe'
    assert safe_name('x' * 300 + '.png').endswith('.png')
    assert len(safe_name('x' * 300)) == 120
    assert safe_name(' / ') == 'file'
