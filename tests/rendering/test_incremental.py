"""A text that grows: its blocks close one after the other, and in the end it is what `render` makes of it."""

from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from chat.rendering.incremental import IncrementalMarkdown
from chat.rendering.markdown import render
from tests.support.profile import examples

# fmt: off
FRAGMENTS = [
    '# Heading\n', '#', '# ', 'text ', 'text\n', '**bold** ', '*open ', '`code` ', '`', '~~no~~ ', '\\',
    '  \n', '\n', '\n', '\n', '\n\n', '---\n', '===\n', '***\n', '-', '* ', '+ ', '3', '3.', '  lazy\n',
    '\t', '    four\n', '- item\n', '  - nested\n', '    - deeper\n', '1. one\n', '2. two\n', '10) ten\n',
    '- [ ] to do\n', '- [x] done\n', '```python\n', '```\n', '````\n', '~~~ py\n', '~~~\n', '   ```\n',
    '    ```\n', '``', 'x = 1\n', ' ```py\n', '- ```\n', '  ```\n', '  x\n', '> ```\n',
    '1. ```sh\n   ls\n   ```\n', '> quote\n', '> ', '> > deep\n', '>\n', '> - x\n', '| a | b |\n',
    '|---|---|\n', '| 1 | `x \\| y` |\n', '| a', '$x$ ', '$5 ', '$$x$$\n', '$$\n', 'a\n+ b\n', '$$ a\n',
    'b $$\n', '\\[\n', '\\]\n', '\\(x\\) ', '> $$\n', '- $$\n', '[x] ', '[x]: /address\n', "'title\n",
    '[a]:\n', '[^1] ', '[^1]: note\n', '    more\n', '^[inline] ', '![i](/files/a) ',
    '$ x = 1 $ ', '$\\ldots$ ', '$`x`$ ', '\\[\n\nx\n', '\n\\]\n', '```math\n', '\\begin{align}\n',
    'a &= b\n', '\\end{align}\n', '\\boxed{B} ', '\\boxed{', 'some more words\n', '"$A" ',
    '<details>\n', '<summary>s</summary>\n', '</details>\n', '<sub>', '</sub>', '<br>', '<!-- ', ' -->\n',
    '> [!NOTE]\n', '> [!TIP] ', '| $|v| | `a|b` | c |\n', '[y]: https://example.com "t"\n',
    '[#x](#x) ', '[r](r) ',
    '[^2]: other\n', 'www.example.com/a。', 'https://example.com ', '<b>', '&amp;', '中文。', '「',
    '：', '**“',
    '”**', '。~~', '🙂', '\r\n', '\r', '\f', '\u2028', '\0',
]
# fmt: on
"""Every construct, whole and in parts, to be put together in any order."""

documents = st.lists(st.sampled_from(FRAGMENTS) | st.text(max_size=8), max_size=25).map(''.join)

ANSWER = """# Title

It grows, word **by** word.

1. Run this:
   ```bash
   ls
   ```
2. Then this.

| a | b |
|---|---|
| 1 | 2 |

```python
def f():
    return '```'
```

$$
a
+ b
$$

Done.
"""


MARKS = set('\n`~$|#>*_-[]!:\\')
"""Where what is said begins to mean something else; pieces that end beside one are likely to be misread."""


def streamed(*prefixes: str) -> IncrementalMarkdown:
    stream = IncrementalMarkdown()
    for prefix in prefixes:
        stream.update(prefix)
    return stream


def test_a_text_that_comes_all_at_once_is_rendered_a_bit_at_a_time() -> None:
    text, stream = ANSWER * 30, IncrementalMarkdown()
    lengths: list[int] = []
    while not stream.advance(text, slice_time=0):
        lengths.append(len(stream.html))
    assert len({*lengths}) > 3
    assert lengths == sorted(lengths)
    stream.finish()
    assert stream.html == render(text)


def test_a_long_text_can_be_finished_by_who_has_rendered_it_elsewhere() -> None:
    text = 'See [the docs].\n\n[the docs]: https://example.com\n'
    stream = streamed(text)
    assert stream.unfinished_length == len(text)
    stream.finish(render(text))
    assert stream.html == render(text)


@pytest.mark.long
@examples(short=50, long=500)
@given(text=documents, data=st.data())
@example(text='$$\na\n+ b\n$$\n', data=None)
@example(text='- ```\n  x\n3. y\n', data=None)
def test_any_text_in_any_pieces_ends_as_its_whole(text: str, data: st.DataObject | None) -> None:
    """What was closed stays until the end, and the end is what a reader gets who opens it later."""
    everywhere = list(range(len(text)))
    at_marks = [at for at in everywhere if set(text[max(0, at - 1) : at + 1]) & MARKS] or everywhere
    places = st.sampled_from(everywhere) | st.sampled_from(at_marks)
    cuts = data.draw(st.lists(places, unique=True)) if data and text else everywhere
    stream, shown = IncrementalMarkdown(), list[str]()
    for cut in [*sorted(cuts), len(text)]:
        stream.update(text[:cut])
        assert stream.closed[: len(shown)] == shown
        assert stream.generation == 0
        shown = list(stream.closed)
    stream.finish()
    assert stream.html == render(text)
    assert stream.generation or stream.closed[: len(shown)] == shown


def test_blocks_close_one_after_the_other() -> None:
    stream = streamed('# One\n\ntwo\nlines')
    assert stream.closed == ['<h1 id="heading-one">One</h1>\n']
    assert stream.tail == '<p>two<br>\nlines</p>\n'


def test_at_each_character_all_that_was_written_is_shown() -> None:
    stream = IncrementalMarkdown()
    for end in range(len(ANSWER)):
        stream.update(ANSWER[:end])
        words = [word for word in ('grows', 'ls', 'return', 'Done') if word in ANSWER[: max(0, end - 20)]]
        assert all(word in stream.html for word in words)
    assert len(stream.closed) > 4


@pytest.mark.parametrize(
    ('text', 'more'),
    [
        ('text\n#', 'hashtag\n'),
        ('- ```\n  x\n  ```\n3', '.'),
        ('text\n\n| a |\n', '|---|\n'),
        ('Title\n=', '=\n'),
        ('text\n$$\na\n+ b\n', '$$\n'),
        ('> quote\n', 'goes on\n'),
        ('- a\n\n', '  still a\n'),
        ('a\n\n<!-- b', ' -->\n'),
        ('a\n\n<!-- b -->', ' c\n'),
        ('<details>\n\na\n\n', '</details>\n'),
        ('> [!NOTE]', '\n> a\n'),
    ],
)
def test_what_the_next_line_may_change_is_not_closed(text: str, more: str) -> None:
    stream = streamed(text, text + more)
    assert stream.generation == 0
    assert stream.html == render(text + more)


def test_a_fence_is_code_from_its_first_line() -> None:
    stream = streamed('Look:\n\n```python\nif a < b', 'Look:\n\n```python\nif a < b:\n    go(')
    assert stream.closed == ['<p>Look:</p>\n']
    assert stream.tail.endswith('\n    go(</code></pre></figure>\n')


def test_a_fence_is_highlighted_and_closed_with_its_last_line() -> None:
    stream = streamed('```python\nif', '```python\nif a:\n``', '```python\nif a:\n```\n')
    assert stream.closed == [render('```python\nif a:\n```\n')]
    assert stream.tail == ''


def test_a_mark_that_may_close_a_fence_is_not_shown_as_code() -> None:
    stream = streamed('```\nx\n', '```\nx\n``')
    assert '``' not in stream.tail
    stream.update('```\nx\n``y')
    assert '``y' in stream.tail


@pytest.mark.parametrize('first', ['one\r', 'one\r\n', 'one'])
def test_a_line_end_may_come_in_halves(first: str) -> None:
    text = 'one\r\ntwo\r'
    stream = streamed(first, text)
    stream.finish()
    assert stream.html == render(text)


def test_a_second_look_at_the_same_text_changes_nothing() -> None:
    stream = streamed(ANSWER[:200])
    before = (list(stream.closed), stream.tail, stream.generation)
    stream.update(ANSWER[:200])
    assert (stream.closed, stream.tail, stream.generation) == before
    stream.update(ANSWER)
    stream.finish()
    before = (list(stream.closed), stream.tail, stream.generation)
    stream.finish()
    stream.update(ANSWER)
    assert (stream.closed, stream.tail, stream.generation) == before


def test_another_text_begins_again() -> None:
    stream = streamed('# One\n\ntwo\n', 'Other')
    assert (stream.closed, stream.generation) == ([], 1)
    assert stream.html == render('Other')


def test_a_finished_text_that_goes_on_begins_again() -> None:
    stream = streamed('# One\n\ntwo')
    stream.finish()
    stream.update('# One\n\ntwo three')
    assert stream.generation == 1
    assert stream.html == render('# One\n\ntwo three')


@pytest.mark.parametrize(
    'text',
    ['See [it].\n\nMore.\n\n[it]: https://example.com\n', 'A claim.[^1]\n\nMore.\n\n[^1]: Its proof.\n'],
)
def test_what_is_said_late_about_a_closed_block_is_shown_at_the_end(text: str) -> None:
    prefixes = [text[:end] for end in range(len(text))]
    stream = streamed(*prefixes, text)
    assert (stream.generation, '<a ' in stream.closed[0]) == (0, False)
    stream.finish()
    assert (stream.generation, stream.html) == (1, render(text))
    assert '<a ' in stream.html


def test_a_text_without_late_words_keeps_its_blocks_to_the_end() -> None:
    stream = streamed(*(ANSWER[:end] for end in range(len(ANSWER))), ANSWER)
    closed = list(stream.closed)
    stream.finish()
    assert stream.generation == 0
    assert stream.closed == closed


def test_a_text_that_grows_only_adds_blocks() -> None:
    stream = IncrementalMarkdown()
    seen: list[list[str]] = []
    for end in range(len(ANSWER)):
        stream.update(ANSWER[:end])
        seen.append(list(stream.closed))
    assert all(after[: len(before)] == before for before, after in pairwise(seen))
