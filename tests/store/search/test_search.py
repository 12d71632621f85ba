"""Search over titles and messages, in files that the store has written, and in others."""

# ruff: noqa: RUF001 - letters that look alike are the subject

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from pydantic_ai import (
    BinaryContent,
    Conversation,
    ModelMessage,
    ModelRequest,
    ModelResponse,
    TextPart,
    UserPromptPart,
)
from pydantic_ai.messages import SystemPromptPart, TextContent, ThinkingPart, ToolCallPart, ToolReturnPart

from chat.conversation.content.metadata import ConversationMetadata
from chat.conversation.search import SearchHit
from chat.store.conversations.format import file_name
from chat.store.data_folder import DataFolder
from chat.store.search.query import Query
from chat.store.search.search import MAX_HITS_PER_CONVERSATION, Search
from tests.store.store_samples import conversation_of, store_in, turn


@asynccontextmanager
async def search_in(folder: Path) -> AsyncGenerator[tuple[DataFolder, Search]]:
    """The data folder, and a search in it."""
    async with store_in(folder) as data_folder:
        search = Search(folder / 'conversations', data_folder.catalog)
        try:
            yield data_folder, search
        finally:
            await search.close()


async def found_in(search: Search, text: str, limit: int = 50) -> list[SearchHit]:
    hits = await search.search(text, limit=limit)
    assert hits is not None
    return hits


def marked(hit: SearchHit) -> str:
    return hit.snippet[hit.start : hit.end]


async def saved(data_folder: DataFolder, *messages: ModelMessage, title: str = '') -> Conversation:
    conversation = Conversation(messages=list(messages))
    await data_folder.conversations.write_metadata(
        conversation.conversation_id, ConversationMetadata(title=title)
    )
    await data_folder.conversations.save(conversation)
    return conversation


def test_words_and_phrases() -> None:
    assert Query('Two  words').terms == (('two',), ('words',))
    assert Query('a "Straße  am Fluss" b').terms == (('a',), ('strasse', 'am', 'fluss'), ('b',))
    assert Query('“curly” "open end').terms == (('curly',), ('open', 'end'))
    assert Query('same SAME').terms == (('same',),)
    assert Query(' "" " \u0301').terms == ()


async def test_prompts_and_answers_are_found(tmp_path: Path) -> None:
    async with search_in(tmp_path) as (data_folder, search):
        conversation = await saved(
            data_folder, *turn('where is Zürich?', 'In Switzerland.'), title='Geography'
        )
        entries = await data_folder.conversations.read_history(
            (await data_folder.conversations.read_records())[0].head_id
        )
        [hit] = await found_in(search, 'zurich')
        assert hit == SearchHit(
            conversation_id=conversation.conversation_id,
            title='Geography',
            entry_id=entries[0].id,
            updated_at=data_folder.catalog.summaries[0].updated_at,
            snippet='where is Zürich?',
            start=9,
            end=15,
        )
        [hit] = await found_in(search, 'SWITZERLAND')
        assert hit.entry_id == entries[1].id
        assert await found_in(search, 'zebra') == []


@pytest.mark.parametrize(
    ('text', 'query', 'match'),
    [
        ('die Straße nach Hause', 'strasse', 'Straße'),
        ('DIE STRASSE', 'straße', 'STRASSE'),
        ('Über den Wolken', 'uber', 'Über'),
        ('a naive idea', 'naïve', 'naive'),
        ('cafe\u0301 au lait', 'café', 'cafe\u0301'),
        ('東京は日本の首都です', '日本', '日本'),
        ('안녕하세요', '녕하', '녕하'),
        ('привет, МИР', 'мир', 'МИР'),
        ('say "hello\\world"\nagain', 'hello\\world', 'hello\\world'),
        ('path/to/file', 'to/f', 'to/f'),
        ('Ｗｉｄｅ', 'wide', 'Ｗｉｄｅ'),
        ('co\u00adop', 'coop', 'co\u00adop'),
        ('emoji 🙂 here', '🙂', '🙂'),
        ('a \x1b[31mred\x1b[0m word', 'red\x1b[0m', 'red\x1b[0m'),
        ('one\n\ttwo   three', '"one two three"', 'one two three'),
        ('one\u00a0two', '"one two"', 'one two'),
        ('inside of words', 'ide', 'ide'),
        ('C:\\users and \\u00e9 in code', '\\u00e9', '\\u00e9'),
    ],
)
async def test_what_matches(tmp_path: Path, text: str, query: str, match: str) -> None:
    async with search_in(tmp_path) as (data_folder, search):
        await saved(data_folder, *turn('nothing here', text), title=text)
        title, message = await found_in(search, query)
        assert (marked(title), marked(message)) == (match, match)
        assert title.entry_id is None
        assert message.entry_id is not None


async def test_all_words_must_be_in_the_same_message_or_title(tmp_path: Path) -> None:
    async with search_in(tmp_path) as (data_folder, search):
        await saved(data_folder, *turn('a red house', 'a blue boat'), title='green')
        assert [marked(hit) for hit in await found_in(search, 'house red')] == ['red']
        assert await found_in(search, 'red boat') == []
        assert await found_in(search, 'green boat') == []
        assert await found_in(search, '"house red"') == []
        assert len(await found_in(search, '"red house"')) == 1
        assert await found_in(search, '"redhouse"') == []


async def test_only_what_was_said_is_searched(tmp_path: Path) -> None:
    async with search_in(tmp_path) as (data_folder, search):
        picture = BinaryContent.narrow_type(BinaryContent(b'zebra' * 400, media_type='image/png'))
        await saved(
            data_folder,
            ModelRequest(
                parts=[
                    SystemPromptPart('zebra'),
                    UserPromptPart(['first piece', picture, TextContent('second piece')]),
                ],
                instructions='zebra',
            ),
            ModelResponse(parts=[ThinkingPart('zebra'), ToolCallPart('zebra', {'zebra': 'zebra'})]),
            ModelRequest(parts=[ToolReturnPart('zebra', 'zebra', tool_call_id='zebra')]),
            ModelResponse(parts=[TextPart('third piece')], model_name='zebra'),
        )
        assert [marked(hit) for hit in await found_in(search, 'piece')] == ['piece', 'piece']
        assert [hit.snippet for hit in await found_in(search, 'first second')] == [
            'first piece … second piece'
        ]
        assert await found_in(search, '"piece second"') == []
        for text in ('zebra', 'parent_id', 'part_kind', 'user-prompt', 'entries', 'format_version'):
            assert await found_in(search, text) == []


async def test_hidden_branches_are_searched(tmp_path: Path) -> None:
    async with search_in(tmp_path) as (data_folder, search):
        conversation = await saved(data_folder, *turn('first', 'the old answer'))
        conversation.messages[1:] = [ModelResponse(parts=[TextPart('the new answer')])]
        await data_folder.conversations.save(conversation)
        snippets = [hit.snippet for hit in await found_in(search, 'answer')]
        assert snippets == ['the new answer', 'the old answer']


async def test_titles_come_first_then_the_newest(tmp_path: Path) -> None:
    async with search_in(tmp_path) as (data_folder, search):
        for number, title in enumerate(['apple pie', '', 'apple tart', '']):
            await saved(data_folder, *turn(f'apple {number}'), title=title)
        hits = await found_in(search, 'apple')
        assert [hit.snippet for hit in hits] == [
            'apple tart', 'apple 2', 'apple pie', 'apple 0', 'apple 3', 'apple 1',
        ]  # fmt: skip
        assert await found_in(search, 'apple', limit=2) == hits[:2]
        assert await found_in(search, 'apple', limit=0) == []


async def test_one_conversation_has_few_hits_the_newest(tmp_path: Path) -> None:
    async with search_in(tmp_path) as (data_folder, search):
        await data_folder.conversations.save(conversation_of(*(f'apple {number}' for number in range(9))))
        snippets = [hit.snippet for hit in await found_in(search, 'apple')]
        assert snippets == ['apple 8', 'apple 7', 'apple 6'][:MAX_HITS_PER_CONVERSATION]


@pytest.mark.parametrize('text', ['', ' \n', '"', '""', '\u0301', '\u200b'])
async def test_without_a_word_nothing_is_found(tmp_path: Path, text: str) -> None:
    async with search_in(tmp_path) as (data_folder, search):
        await saved(data_folder, *turn(), title='title')
        assert await found_in(search, text) == []


async def test_a_snippet_is_a_piece_of_one_line(tmp_path: Path) -> None:
    async with search_in(tmp_path) as (data_folder, search):
        before, after = 'before\n\n' * 100, '\tafter\r\n' * 100
        await saved(data_folder, *turn('x', f'{before}the Needle{after}'))
        [hit] = await found_in(search, 'needle')
        assert marked(hit) == 'Needle'
        assert hit.snippet.startswith('…before before ')
        assert hit.snippet.endswith(' after after…')
        assert 100 <= len(hit.snippet) <= 122
        [hit] = await found_in(search, 'the needle after')
        assert marked(hit) == 'the'


async def test_a_snippet_without_spaces_cuts_no_accents_off(tmp_path: Path) -> None:
    async with search_in(tmp_path) as (data_folder, search):
        await saved(data_folder, *turn('x', 'e\u0301' * 200 + 'needle' + 'e\u0301' * 200))
        [hit] = await found_in(search, 'needle')
        assert set(hit.snippet.strip('…').replace('needle', '').split('e\u0301')) == {''}


async def test_what_is_deleted_is_not_found(tmp_path: Path) -> None:
    async with search_in(tmp_path) as (data_folder, search):
        one = await saved(data_folder, *turn('apple one'))
        await saved(data_folder, *turn('apple two'))
        (tmp_path / 'trash').mkdir(exist_ok=True)
        for folder in ('trash', 'conversations'):
            copy = only_name(one) + '.corrupt' if folder == 'conversations' else only_name(one)
            (tmp_path / folder / copy).write_bytes((tmp_path / 'conversations' / only_name(one)).read_bytes())
        await data_folder.conversations.delete(one.conversation_id)
        assert [hit.snippet for hit in await found_in(search, 'apple')] == ['apple two']


def only_name(conversation: Conversation) -> str:
    return file_name(conversation.conversation_id)


async def test_what_is_deleted_meanwhile_is_not_found(tmp_path: Path) -> None:
    async with search_in(tmp_path) as (data_folder, search):
        one = await saved(data_folder, *turn('apple one'), title='apple')
        searching = asyncio.create_task(search.search('apple'))
        await asyncio.sleep(0)
        data_folder.catalog.remove(one.conversation_id)
        assert await searching == []


async def test_a_newer_question_ends_the_older_one(tmp_path: Path) -> None:
    async with search_in(tmp_path) as (data_folder, search):
        await saved(data_folder, *turn('apple'))
        older = asyncio.create_task(search.search('apple'))
        newer = asyncio.create_task(search.search('apple'))
        assert await older is None
        assert [hit.snippet for hit in await newer or []] == ['apple']


async def test_different_askers_do_not_end_one_another(tmp_path: Path) -> None:
    async with search_in(tmp_path) as (data_folder, search):
        await saved(data_folder, *turn('apple'))
        found = await asyncio.gather(*(search.search('apple', asker=page) for page in 'ab'))
        assert [len(hits or []) for hits in found] == [1, 1]


async def test_what_was_prepared_for_is_found_as_it_is_by_then(tmp_path: Path) -> None:
    """Files that were changed, added or removed since are no exception."""
    async with search_in(tmp_path) as (data_folder, search):
        gone, changed = await saved(data_folder, *turn('Öl')), await saved(data_folder, *turn('nothing'))
        await search.prepare()
        changed.messages.extend(turn('Größe'))
        await data_folder.conversations.save(changed)
        await data_folder.conversations.recover_journals()
        added = await saved(data_folder, *turn('grosse Dinge'))
        (tmp_path / 'conversations' / file_name(gone.conversation_id)).unlink()
        assert {hit.conversation_id for hit in await found_in(search, 'grosse')} == {
            added.conversation_id,
            changed.conversation_id,
        }
        assert await found_in(search, 'öl') == []


async def test_a_search_ends_with_its_caller(tmp_path: Path) -> None:
    async with search_in(tmp_path) as (data_folder, search):
        await saved(data_folder, *turn('apple'))
        searching = asyncio.create_task(search.search('apple'))
        await asyncio.sleep(0)
        searching.cancel()
        with pytest.raises(asyncio.CancelledError):
            await searching
        assert len(await found_in(search, 'apple')) == 1


async def test_closing_ends_all_searches(tmp_path: Path) -> None:
    async with search_in(tmp_path) as (data_folder, search):
        await saved(data_folder, *turn('apple'))
        searching = asyncio.create_task(search.search('apple'))
        await asyncio.sleep(0)
        await search.close()
        assert await searching is None
        assert await search.search('apple') is None
