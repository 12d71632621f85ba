"""Title, model and endings: stored with the messages, and never in their way."""

from dataclasses import replace
from pathlib import Path

from chat.conversation.content.metadata import ConversationMetadata, TurnOutcome
from tests.store.store_samples import (
    conversation_of,
    only_file,
    prompts_in,
    stock_tinydb,
    store_in,
    tables_of,
)

DETAILS = ConversationMetadata(
    title='Ping', model='demo', endings={'turn': TurnOutcome(kind='failed', sentence='No network.')}
)


async def test_early_details_are_stored_with_the_first_messages(tmp_path: Path) -> None:
    async with store_in(tmp_path) as data_folder:
        conversation = conversation_of('one')
        assert (
            await data_folder.conversations.read_metadata(conversation.conversation_id)
            == ConversationMetadata()
        )
        await data_folder.conversations.write_metadata(conversation.conversation_id, DETAILS)
        assert await data_folder.conversations.read_metadata(conversation.conversation_id) == DETAILS
        assert not list((tmp_path / 'conversations').iterdir())
        assert data_folder.catalog.summaries == []
        await data_folder.conversations.save(conversation)
        assert [summary.title for summary in data_folder.catalog.summaries] == ['Ping']
        assert tables_of(only_file(tmp_path))['meta']['1']['title'] == 'Ping'
        await data_folder.conversations.write_metadata(
            conversation.conversation_id, ConversationMetadata(title='Pong')
        )
        assert await data_folder.conversations.read_metadata(
            conversation.conversation_id
        ) == ConversationMetadata(title='Pong')


async def test_details_of_a_newer_version_stay(tmp_path: Path) -> None:
    async with store_in(tmp_path) as data_folder:
        conversation = conversation_of('one')
        await data_folder.conversations.write_metadata(conversation.conversation_id, DETAILS)
        await data_folder.conversations.save(conversation)
    with stock_tinydb(only_file(tmp_path)) as database:
        database.table('meta').update({'pages': 7})
    async with store_in(tmp_path) as data_folder:
        await data_folder.conversations.write_metadata(
            conversation.conversation_id, ConversationMetadata(title='Pong')
        )
        assert [summary.title for summary in data_folder.catalog.summaries] == ['Pong']
    stored = tables_of(only_file(tmp_path))['meta']['1']
    assert (stored['title'], stored['pages']) == ('Pong', 7)


async def test_a_detail_that_makes_no_sense_hides_neither_the_others_nor_the_messages(tmp_path: Path) -> None:
    async with store_in(tmp_path) as data_folder:
        conversation = conversation_of('one')
        await data_folder.conversations.write_metadata(conversation.conversation_id, DETAILS)
        await data_folder.conversations.save(conversation)
    with stock_tinydb(only_file(tmp_path)) as database:
        database.table('meta').update({'endings': 7})
    async with store_in(tmp_path) as data_folder:
        metadata = await data_folder.conversations.read_metadata(conversation.conversation_id)
        assert metadata == replace(DETAILS, endings={})
        assert prompts_in(await data_folder.conversations.load(conversation.conversation_id)) == ['one']


async def test_the_place_in_the_list_is_kept_and_is_no_reason_to_move(tmp_path: Path) -> None:
    """Pinned, archived and unread survive a start, with the index or without it; the order stays."""
    async with store_in(tmp_path) as data_folder:
        older, newer = conversation_of('older'), conversation_of('newer')
        for conversation in (older, newer):
            await data_folder.conversations.save(conversation)
        metadata = ConversationMetadata(title='Older', is_pinned=True, is_archived=True, is_unread=True)
        await data_folder.conversations.write_metadata(older.conversation_id, metadata)
        listed = data_folder.catalog.summaries
    assert [summary.conversation_id for summary in listed] == [newer.conversation_id, older.conversation_id]
    assert (listed[1].is_pinned, listed[1].is_archived, listed[1].is_unread) == (True, True, True)
    async with store_in(tmp_path) as data_folder:
        assert data_folder.catalog.summaries == listed
        assert data_folder.catalog.get(older.conversation_id) == listed[1]
    (tmp_path / 'index.json').unlink()
    async with store_in(tmp_path) as data_folder:
        assert data_folder.catalog.summaries == listed
        assert data_folder.catalog.get('another') is None
