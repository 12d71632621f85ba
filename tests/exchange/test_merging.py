"""What comes along with the messages by which a chat of ours has grown elsewhere."""

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pydantic_ai import Conversation, DeferredToolRequests, ModelRequest, ModelResponse, ToolCallPart
from pydantic_ai.messages import UserPromptPart

from chat.conversation.content.metadata import ConversationMetadata, LoadedImage, TurnOutcome
from chat.conversation.content.waiting import WaitingCalls
from chat.storage import Storage
from chat.store.data_folder import DataFolder
from tests.exchange.samples import PICTURE, exported, imported
from tests.store.store_samples import conversation_of, store_in
from tests.support.files import png

URL = 'https://example.org/cat.png'


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[DataFolder]:
    async with store_in(tmp_path / 'here') as folder:
        yield folder


@pytest.fixture
async def there(tmp_path: Path) -> AsyncIterator[DataFolder]:
    async with store_in(tmp_path / 'there') as folder:
        yield folder


async def image_in(storage: Storage, content: bytes) -> LoadedImage:
    return LoadedImage(
        url=URL, blob=(await storage.attachments.save('cat.png', content, for_prompt=False)).blob
    )


async def wait_for_approval(storage: Storage, conversation: Conversation) -> None:
    """Add a question, and an answer that asks whether it may go on."""
    call = ToolCallPart('zoom', {'to': 2}, tool_call_id='c1')
    requests = DeferredToolRequests(approvals=[call])
    conversation.messages += [
        ModelRequest(parts=[UserPromptPart('And this?')]),
        ModelResponse(parts=[call], run_id='run 2'),
    ]
    conversation.deferred_tool_requests = requests
    await storage.conversations.save(conversation)
    entries = (await storage.whole.read(conversation.conversation_id)).path
    metadata = ConversationMetadata(
        title='There',
        endings={name: TurnOutcome(kind='failed', sentence='There.') for name in ('run 1', 'run 2')},
        waiting={'run 2': WaitingCalls(requests=requests)},
        images={entry: (await image_in(storage, PICTURE),) for entry in (entries[1], entries[3])},
    )
    await storage.conversations.write_metadata(conversation.conversation_id, metadata)


async def test_what_is_said_of_new_messages_comes_along(
    here: DataFolder, there: DataFolder, tmp_path: Path
) -> None:
    """What is here stays, and is there again after an undo."""
    conversation, path = conversation_of('What is this?'), tmp_path / 'chat.zip'
    chat = conversation.conversation_id
    await there.conversations.save(conversation)
    path.write_bytes(await exported(there, 'zip', chat))
    await imported(here, path)
    ours = ConversationMetadata(
        title='Here',
        endings={'run 1': TurnOutcome(kind='stopped')},
        images={(await here.whole.read(chat)).path[1]: (await image_in(here, png()),)},
    )
    await here.conversations.write_metadata(chat, ours)
    await wait_for_approval(there, conversation)
    path.write_bytes(await exported(there, 'zip', chat))
    job = await imported(here, path)
    assert (job.result.states, job.result.problems) == ({'changed': 1}, [])
    theirs, merged = (await there.whole.read(chat)).metadata, await here.whole.read(chat)
    assert merged.metadata == replace(
        ours,
        endings={**theirs.endings, **ours.endings},
        images={**theirs.images, **ours.images},
        waiting=theirs.waiting,
    )
    assert [each.is_waiting for each in here.catalog.summaries] == [True]
    assert merged.record['deferred_tool_requests']
    for images in merged.metadata.images.values():
        assert await here.whole.file(images[0].blob)
    assert await job.undo() == 0
    assert (await here.whole.read(chat)).metadata == ours
    assert [each.is_waiting for each in here.catalog.summaries] == [False]


async def test_an_answer_that_becomes_another_version_has_its_images(
    here: DataFolder, there: DataFolder, tmp_path: Path
) -> None:
    conversation, path = conversation_of('What is this?'), tmp_path / 'chat.json'
    chat = conversation.conversation_id
    await there.conversations.save(conversation)
    answer = (await there.whole.read(chat)).path[1]
    metadata = ConversationMetadata(images={answer: (await image_in(there, png()),)})
    path.write_bytes(await exported(there, 'json', chat))
    await imported(here, path)
    await there.conversations.write_metadata(chat, metadata)
    document: dict[str, Any] = json.loads(await exported(there, 'json', chat))
    document['entries'][answer]['message']['parts'][0]['content'] = 'Another answer'
    document['record']['1'] |= {'revision': 'later', 'updated_at': '2199-01-01T00:00:00+00:00'}
    path.write_text(json.dumps(document))
    assert (await imported(here, path)).result.states == {'changed': 1}
    whole = await here.whole.read(chat)
    [version] = whole.metadata.images
    assert version != answer
    assert 'Another answer' in str(whole.entries[version])
