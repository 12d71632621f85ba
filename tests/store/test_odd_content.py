"""Content that no file could hold as it is does not make a conversation unsaveable."""

from pathlib import Path
from typing import Any

from pydantic_ai import Conversation, ModelRequest, ModelResponse, TextPart, UserPromptPart
from pydantic_ai.messages import ToolReturnPart

from chat.conversation.content.metadata import ConversationMetadata
from tests.store.store_samples import (
    conversation_of,
    only_file,
    prompts_in,
    stock_tinydb,
    store_in,
    turn,
)


async def test_half_a_character_does_not_stop_a_save(tmp_path: Path) -> None:
    """A model cut off inside an emoji leaves a lone surrogate, which no UTF-8 can hold."""
    conversation = Conversation(
        messages=[
            ModelRequest(
                parts=[UserPromptPart('ab\ud83d'), ToolReturnPart('t', {'k\udc00': ['\udfff']}, 'c')]
            ),
            ModelResponse(parts=[TextPart('whole \ud83d\ude42')]),
        ]
    )
    async with store_in(tmp_path) as data_folder:
        await data_folder.conversations.write_metadata(
            conversation.conversation_id, ConversationMetadata(title='ab\ud83d')
        )
        await data_folder.conversations.save(conversation)
        conversation.messages += turn('two')
        await data_folder.conversations.save(conversation)
    async with store_in(tmp_path) as data_folder:
        loaded = await data_folder.conversations.load(conversation.conversation_id)
        assert prompts_in(loaded) == ['ab\ufffd', 'two']
        assert loaded is not None
        [_, returned] = loaded.messages[0].parts
        assert isinstance(returned, ToolReturnPart)
        content: Any = returned.content
        assert list(content.values()) == [['\ufffd']]
        assert loaded.messages[1].parts == [TextPart('whole 🙂')]
        assert [summary.title for summary in data_folder.catalog.summaries] == ['ab\ufffd']


async def test_what_json_cannot_say_does_not_stop_a_save(tmp_path: Path) -> None:
    content = {'object': object(), 'number': float('nan'), 'bytes': b'\xff', 'big': 10**30, 'set': {1}}
    conversation = Conversation(messages=[ModelRequest(parts=[ToolReturnPart('look', content, 'call')])])
    async with store_in(tmp_path) as data_folder:
        await data_folder.conversations.save(conversation)
    stored = only_file(tmp_path).read_text()
    assert 'NaN' not in stored
    async with store_in(tmp_path) as data_folder:
        loaded = await data_folder.conversations.load(conversation.conversation_id)
        assert loaded is not None
        [part] = loaded.messages[0].parts
        assert isinstance(part, ToolReturnPart)
        returned: Any = part.content
        assert returned['big'] == 10**30
        assert returned['object'].startswith('<object')


async def test_numbers_that_no_file_can_hold_become_words(tmp_path: Path) -> None:
    content = {'none': [float('nan'), float('inf'), float('-inf')], 'long': 10**5000, 'big': -(2**64)}
    conversation = Conversation(messages=[ModelRequest(parts=[ToolReturnPart('look', content, 'call')])])
    async with store_in(tmp_path) as data_folder:
        await data_folder.conversations.save(conversation)
        await data_folder.conversations.write_checkpoint(conversation.conversation_id, conversation.messages)
    async with store_in(tmp_path) as data_folder:
        loaded = await data_folder.conversations.load(conversation.conversation_id)
        assert loaded is not None
        [part] = loaded.messages[0].parts
        assert isinstance(part, ToolReturnPart)
        returned: Any = part.content
        assert returned['big'] == -(2**64)
        assert returned['long'] == hex(10**5000)
        assert returned['none'] in ([None] * 3, ['NaN', 'Infinity', '-Infinity'])


async def test_a_file_with_numbers_that_only_tinydb_writes_can_be_read(tmp_path: Path) -> None:
    async with store_in(tmp_path) as data_folder:
        await data_folder.conversations.save(conversation_of('one'))
    with stock_tinydb(only_file(tmp_path)) as database:
        database.table('meta').insert({'title': 'One', 'more': float('nan')})
    async with store_in(tmp_path) as data_folder:
        [summary] = data_folder.catalog.summaries
        assert summary.title == 'One'
        await data_folder.conversations.write_metadata(
            summary.conversation_id, ConversationMetadata(title='Two')
        )
    assert 'NaN"' in only_file(tmp_path).read_text()
