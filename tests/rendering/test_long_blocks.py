"""Long blocks: what is finished in an open list, table, quote or paragraph is not read again."""

import sys
from collections.abc import Callable
from types import FrameType

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from chat.rendering.incremental import IncrementalMarkdown
from chat.rendering.markdown import render
from tests.rendering.test_incremental import documents
from tests.support.profile import examples, sized

MARKERS = ['- ', '- ', '- ', '* ', ' - ', '   - ', '7. ', '8. ', '10) ', '- [ ] ', '- [x] ', '-   ', '-']
WORDS = [
    'a',
    '**b** c',
    '`d`',
    '*e',
    '$x$',
    'f\n  g',
    'h\nlazy',
    'i\n\n  j',
    '```\n  k\n  ```',
    '# l',
    '> m',
    '',
]
WITHIN = ['', '', '', '  - n\n', '    1. o\n', '    p\n', '\n', '\n\n', '   \n', '$$\n', '---\n', '> q\n']
items = st.tuples(st.sampled_from(MARKERS), st.sampled_from(WORDS), st.sampled_from(WITHIN)).map(
    lambda item: f'{item[0]}{item[1]}\n{item[2]}'
)
rows = st.sampled_from(
    [
        '| a | b |\n',
        '| **c** | `d \\| e` |\n',
        '| $|c|$ | `d | e` | f |\n',
        'f\n',
        '| g |\n',
        ' | h | i | j |\n',
        '$$\n',
        '> k\n',
        '\n',
        '    l\n',
    ]
)
quotes = st.sampled_from(
    [
        '> a\n',
        '> [!NOTE]\n',
        '> **b\n',
        '> - c\n',
        '>   d\n',
        '>\n',
        'lazy\n',
        '> ```\n',
        '> # e\n',
        '> > f\n',
        '>\tg\n',
        '$$\n',
        '\n',
        '---\n',
    ]
)
folded = st.sampled_from(
    ['a\n', '\n', '- b\n', '  c\n', '# d\n', '---\n', '```\n', '</details>\n', '<details>\n', '$$\n', '> e\n']
)
blocks = st.one_of(
    st.lists(items, min_size=3, max_size=12),
    st.lists(rows, min_size=3, max_size=12).map(lambda rows: ['| x | y |\n', '|---|--:|\n', *rows]),
    st.lists(quotes, min_size=3, max_size=12),
    st.lists(quotes, min_size=3, max_size=12).map(lambda lines: ['> [!TIP]\n', *lines]),
    st.lists(folded, min_size=3, max_size=12).map(lambda lines: ['<details><summary>s</summary>\n', *lines]),
)
"""The lines of a list, a table, a quote or what is folded, and what may end it."""


@pytest.mark.long
@examples(short=30, long=300)
@given(
    text=documents | blocks.map(''.join),
    long=st.sampled_from([0, 1, 3, 10, 40]),
    cuts=st.lists(st.integers(0, 300), max_size=40),
)
@example('| x | y |\n|---|---|\n| f |\n| g |\n\n| a | b |\n| a | b |\n', 0, [35])
def test_any_text_in_any_pieces_ends_as_its_whole(text: str, long: int, cuts: list[int]) -> None:
    stream, shown = IncrementalMarkdown(long_block_length=long), list[str]()
    for cut in [*sorted(cuts), len(text)]:
        stream.update(text[:cut])
        assert stream.closed[: len(shown)] == shown
        shown = list(stream.closed)
    stream.finish()
    assert stream.html == render(text)


@pytest.mark.long
@examples(short=40, long=500)
@given(blocks)
@example(['- a\n', '- b\n', '\n', '- c\n'])
@example(['- a\n', '$$\n', '- b\n', '- c\n', '$$\n'])
@example(['>\n', '> [!NOTE]\n', '> a\n', '> - c\n', '> a\n'])
@example(['> a\n', '>\n', '> [!NOTE]\n', '> a\n', '> a\n'])
@example(['- a\n$$\n', '- a\n', '- i\n\n  j\n$$\n'])
@example(['<details><summary>s</summary>\n', 'a\n', '```\n', '<details>\n', '```\n', 'a\n', '</details>\n'])
def test_each_line_is_shown_as_if_the_text_ended_there(lines: list[str]) -> None:
    stream = IncrementalMarkdown(long_block_length=0)
    text = ''
    for line in ''.join(lines).splitlines(keepends=True):
        text += line
        stream.update(text)
        assert stream.html == render(text) or stream.tail.startswith('<p>')


def streamed(text: str, long: int = 300) -> IncrementalMarkdown:
    stream = IncrementalMarkdown(long)
    for end in range(0, len(text), 100):
        stream.update(text[:end])
    stream.update(text)
    return stream


def work(text: str) -> int:
    """How many functions are called while a text grows; the same on any machine."""
    count = 0

    def note(_frame: FrameType, event: str, _argument: object) -> None:
        nonlocal count
        count += event == 'call'

    sys.setprofile(note)
    try:
        streamed(text)
    finally:
        sys.setprofile(None)
    return count


SIZE = sized(100, 200)

LONG_BLOCKS: dict[str, Callable[[int], str]] = {
    'table': lambda size: '| a | b | c |\n|---|---|---|\n' + '| 1 | `2` | **three** |\n' * size,
    'list': lambda size: '- one **item**\n' * size,
    'list with gaps': lambda size: '1. one **item**\n\n' * size,
    'callout': lambda size: '> [!NOTE]\n' + '> one *paragraph*\n>\n' * size,
    'details': lambda size: '<details>\n<summary>s</summary>\n\n' + 'one *paragraph*\n\n' * size,
    'formulas': lambda size: '$$\na\n\nb\n$$\n\n' * size,
    'opened formulas': lambda size: '\\[\na **word**\n\n' * size,
    'quote': lambda size: '> one *paragraph*\n>\n' * size,
    'paragraph': lambda size: 'some **more** words ' * size,
    'paragraph of lines': lambda size: 'some **more** words\n' * size,
    'paragraph of formulas': lambda size: '$x_{12}$ $y$ ' * size,
    'paragraph of short lines': lambda size: '$x$ + $y$ = `z`\n' * size,
    'paragraph without spaces': lambda size: '敏捷的狐狸**跳过**了懒狗。然后继续' * size,
    'code': lambda size: '```python\n' + 'x = compute(1)\n' * size,
}


@pytest.mark.parametrize('kind', LONG_BLOCKS)
def test_the_work_is_proportional_to_the_length(kind: str) -> None:
    make = LONG_BLOCKS[kind]
    work(make(10))  # the first use of each part is dearer
    assert work(make(4 * SIZE)) < 4.8 * work(make(SIZE))


@pytest.mark.parametrize('kind', LONG_BLOCKS)
def test_what_is_sent_is_little_more_than_what_is_new(kind: str) -> None:
    text = LONG_BLOCKS[kind](2 * SIZE)
    stream, shown, sent = IncrementalMarkdown(), IncrementalMarkdown().snapshot, 0
    for end in range(0, len(text), 50):
        stream.update(text[:end])
        if news := stream.update_since(shown):
            sent += len(news.patch.html) + len(news.tail or '')
        shown = stream.snapshot
    assert sent < 3 * len(render(text))


def test_words_that_belong_together_over_a_long_way_are_shown_so_at_the_end() -> None:
    text = f'Some **{"very bold " * 100}words** here'
    stream = streamed(text + '\n\n')
    assert '<strong>' not in streamed(text[:-10]).html
    assert stream.closed == [render(text)]


def test_a_list_that_comes_loose_is_shown_so_from_its_start() -> None:
    text = '- item\n' * 200
    assert '<li>item</li>' in streamed(text).html
    assert streamed(text + '\n- item\n').html == render(text + '\n- item\n')


def test_a_list_may_become_a_list_of_tasks() -> None:
    text = '1. item\n' * 200 + '2. [x] done\n' + '3. item\n' * 200
    assert streamed(text).html == render(text)
