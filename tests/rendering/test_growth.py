"""The least that must be added to what is shown."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chat.rendering.blocks import BlockStream
from chat.rendering.growth import END_TAG, Growth, growth, is_whole
from chat.rendering.markdown import render


@pytest.mark.parametrize(
    ('before', 'after', 'depth', 'html'),
    [
        ('One', 'One two', 1, ' two'),
        ('One `x`', 'One `x` two', 1, ' two'),
        ('- one', '- one\n- two', 1, '<li>two</li>\n'),
        ('- one', '- one more', 2, ' more'),
        ('> one', '> one\n>\n> two', 1, '<p>two</p>\n'),
        ('|a|\n|-|\n|1|', '|a|\n|-|\n|1|\n|2|', 3, '<tr>\n<td>2</td>\n</tr>\n'),
        ('```\none\n', '```\none\n<two>\n', 3, '&lt;two&gt;\n'),
        ('One', 'One $x$ and <b>', 1, None),
    ],
)
def test_what_is_added(before: str, after: str, depth: int, html: str | None) -> None:
    found = growth(render(before), render(after))
    assert found is not None
    assert found.depth == depth
    assert html is None or found.html == html


@pytest.mark.parametrize(
    ('before', 'after'),
    [
        ('One **two', 'One **two**'),
        ('One', 'Two'),
        ('One two', 'One'),
        ('One', 'One\n==='),
        ('', 'One'),
    ],
)
def test_what_is_no_growth(before: str, after: str) -> None:
    assert growth(render(before), render(after)) is None


def test_inside_a_formula_nothing_is_added() -> None:
    assert growth('<p><math><mi>x</mi></math></p>', '<p><math><mi>x</mi><mi>y</mi></math></p>') is None


def grown(before: str, added: Growth) -> str:
    """The HTML after an addition, found by counting end tags from the end."""
    ends = list(END_TAG.finditer(before))
    cut = ends[-added.depth].start()
    return before[:cut] + added.html + before[cut:]


@settings(deadline=None, max_examples=200)
@given(st.text(st.sampled_from('ab \n*`-|>#1.$\\[]('), max_size=60), st.integers(1, 5))
def test_the_addition_gives_just_what_is_wanted(text: str, step: int) -> None:
    stream = BlockStream()
    shown = ''
    for end in range(0, len(text), step):
        stream.update(text[:end])
        added = growth(shown, stream.tail)
        if added:
            assert grown(shown, added) == stream.tail
            assert is_whole(added.html)
        shown = stream.tail
