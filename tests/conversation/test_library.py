"""Assistants and saved prompts: with what a chat begins, and the file in which they go from hand to hand."""

import json
from dataclasses import replace

import pytest

from chat.conversation.content.library import NO_ASSISTANT, Assistant, Library, SavedPrompt, open_library
from chat.conversation.content.metadata import ConversationMetadata
from chat.errors import LibraryRefused
from tests.support.memory_values import MemoryValues

TUTOR = Assistant(
    id='tutor',
    name='Latin tutor',
    instructions='Answer in Latin.',
    model='demo',
    thinking='low',
    tools=('web',),
    suggestions=('Quid est veritas?',),
)

SUMMARY = SavedPrompt(id='sum', name='Summary', text='Summarise {{text}}.')


@pytest.fixture
async def library() -> Library:
    return await open_library(MemoryValues[Assistant](), MemoryValues[SavedPrompt]())


def test_a_chat_gets_a_copy_of_an_assistant_and_gives_it_back() -> None:
    plain = ConversationMetadata(model='openai:gpt-6', temperature=1.0)
    begun = TUTOR.begin(plain)
    assert (begun.instructions, begun.thinking, begun.temperature, begun.tools) == (
        'Answer in Latin.',
        'low',
        None,
        {'web': {}},
    )
    assert (begun.assistant, begun.model) == ('tutor', 'demo')
    without = NO_ASSISTANT.begin(begun)
    assert (without.assistant, without.instructions, without.are_set, without.tools) == ('', '', False, {})
    assert TUTOR.sign == 'L'
    assert replace(TUTOR, letter='Λ').sign == 'Λ'


async def test_what_is_put_on_a_shelf_is_stored_and_told(library: Library) -> None:
    before = library.assistants.changed.count
    await library.assistants.put(TUTOR)
    await library.assistants.put(TUTOR)  # the same tells nobody anything
    assert library.assistants.changed.count == before + 1
    assert library.assistants.get('tutor') == TUTOR
    await library.assistants.remove(TUTOR)
    assert library.assistants.entries == []


async def test_a_file_brings_everything_and_the_second_time_nothing(library: Library) -> None:
    await library.assistants.put(TUTOR)
    await library.prompts.put(SUMMARY)
    other = await open_library(MemoryValues[Assistant](), MemoryValues[SavedPrompt]())
    assert await other.load(library.dump()) == 2
    assert (other.assistants.entries, other.prompts.entries) == ([TUTOR], [SUMMARY])
    assert await other.load(library.dump()) == 0


@pytest.mark.parametrize(
    'text',
    [
        '',
        'no JSON',
        '{}',
        json.dumps({'format': 'parlour', 'version': 1}),
        json.dumps({'format': 'parlour-library', 'version': 2}),
        json.dumps({'format': 'parlour-library', 'version': 1, 'prompts': [{'id': 1}]}),
        json.dumps(
            {
                'format': 'parlour-library',
                'version': 1,
                'assistants': [{'id': 'a', 'tools': {'folder': {'path': '/home'}}}],
            }
        ),
        json.dumps(
            {
                'format': 'parlour-library',
                'version': 1,
                'prompts': [{'id': 'ok', 'name': 'Fine', 'text': ''}],
                'assistants': [{'id': 'evil', 'picture': 'https://example.org/spy.png'}],
            }
        ),
    ],
)
async def test_another_file_is_refused_in_a_sentence_and_changes_nothing(library: Library, text: str) -> None:
    with pytest.raises(LibraryRefused, match='This is no file of assistants and prompts'):
        await library.load(text)
    assert library.prompts.entries == []
