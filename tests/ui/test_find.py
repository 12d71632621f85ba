"""Finding words in the chat that is open: in which texts, and in the parts of it that are not on the page."""

from dataclasses import replace

import pytest
from nicegui.testing import User
from pydantic_ai import ModelRequest, ModelResponse, TextPart

from chat.conversation.content.turns import Turn
from chat.sharing.access import Guest, Owner, Visitor
from chat.storage import Storage
from chat.ui.chat.found_text import Hit, ShownText, TextFinder, TurnTexts, needle_of, read_text, texts_of
from tests.store.store_samples import conversation_of
from tests.ui.handlers import handled_to_the_end

ANSWER = r"""
# A **bo**ld head

The *Café* & `code`, a [link](http://127.0.0.1/address) and $\alpha^2$.

```python
print("cafe")
```

| one | two |
|-----|-----|
| 1   | CAFÉ noir |
"""


@pytest.mark.parametrize(
    ('words', 'spellings'),
    [
        ('cafe', ['CAFÉ', 'Café', 'cafe']),
        ('Cafe & code', ['Café & code']),
        ('BOLD\thead', ['bold head']),
        ('café NOIR', ['CAFÉ noir']),
        ('\N{GREEK SMALL LETTER ALPHA}2', ['\N{GREEK SMALL LETTER ALPHA}2']),
        ('print("', ['print("']),
        ('head The', ['head The']),
        ('one two', ['one two']),
        ('address', []),  # where a link leads is not read
        ('**', []),
        ('Copy', []),  # what a button says is no text of the answer
        (' ', []),
    ],
)
def test_words_are_found_as_they_are_read(words: str, spellings: list[str]) -> None:
    half = TurnTexts('1', 'assistant', [ShownText(ANSWER)])
    hits, found = TextFinder().find([half], needle_of(words))
    assert sorted(found) == sorted(spellings)
    assert hits == [Hit('1', 'assistant', place) for place in range(len(hits))]
    assert len(hits) == len(spellings)


def test_a_prompt_is_read_as_it_was_written() -> None:
    assert read_text(ShownText('**Not** bold,\n <b>nor</b>', is_markdown=False)) == '**Not** bold, <b>nor</b>'
    halves = [
        TurnTexts('1', 'user', [ShownText('Tea and tea', is_markdown=False)]),
        TurnTexts('1', 'assistant', [ShownText('I *thought* of tea'), ShownText('Tea')]),
    ]
    hits, spellings = TextFinder().find(halves, 'tea')
    assert [(hit.role, hit.place) for hit in hits] == [
        ('user', 0), ('user', 1), ('assistant', 0), ('assistant', 1),
    ]  # fmt: skip
    assert spellings == {'tea', 'Tea'}


def test_answers_side_by_side_are_all_read() -> None:
    turn = Turn(id='1', prompt=ModelRequest.user_text_prompt('Tea?'))
    answers = [replace(turn, answer=(ModelResponse(parts=[TextPart(text)]),)) for text in ('Yes.', 'No.')]
    question, answer = texts_of([replace(answers[0], compared=tuple(answers))])
    assert [text.text for text in (*question.texts, *answer.texts)] == ['Tea?', 'Yes.', 'No.']


@pytest.fixture(params=['owner', 'guest'])
async def visitor(request: pytest.FixtureRequest, storage: Storage) -> Visitor:
    """One of them, for whom there is a chat of which a page shows the end."""
    await storage.conversations.save(
        conversation_of(*(f'Prompt {n}.' for n in range(30)), conversation_id='c')
    )
    guest = Guest(conversation_id='c', permission='read', name='Ann', session_id='ann')
    return Owner() if request.param == 'owner' else guest


async def test_what_is_found_further_up_comes_onto_the_page(person: User, visitor: Visitor) -> None:
    await person.open('/c/c' if isinstance(visitor, Owner) else '/')
    await person.should_see('Prompt 29.')
    await person.should_not_see('Prompt 3.')
    find = person.find(marker='find')
    find.trigger('action', ['go', 0])  # nothing was found yet
    async with handled_to_the_end():
        find.trigger('action', ['ask', 'PROMPT  3.', ''])
    find.trigger('action', ['go', 7])
    await person.should_not_see('Prompt 3.')
    find.trigger('action', ['go', 0])
    await person.should_see('Prompt 3.')
    await person.should_not_see('Prompt 2.')
