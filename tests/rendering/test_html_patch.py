"""The least change that makes of HTML that is shown what it is now."""

import re
from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat.rendering.html_patch import VOID_TAGS, HtmlPatch, html_patch
from chat.rendering.incremental import IncrementalMarkdown
from chat.rendering.markdown import render
from tests.rendering.test_incremental import documents
from tests.support.profile import examples


@dataclass
class Element:
    """An element as a browser has it: what is in it are elements and texts."""

    begin: str = ''
    end: str = ''
    inside: list['Element | str'] = field(default_factory=list['Element | str'])

    @property
    def html(self) -> str:
        inside = ''.join(node if isinstance(node, str) else node.html for node in self.inside)
        return self.begin + inside + self.end

    @property
    def last(self) -> 'Element':
        return next(node for node in reversed(self.inside) if isinstance(node, Element))


def page_of(html: str) -> Element:
    """What a browser makes of HTML that is nested well."""
    stack = [Element()]
    for piece in re.split('(<[^<>]*>)', html):
        if piece.startswith('</'):
            stack.pop().end = piece
        elif piece.startswith('<'):
            element = Element(piece)
            stack[-1].inside.append(element)
            name = piece.strip('<>').split()[0]
            stack += [] if name in VOID_TAGS or piece.endswith('/>') else [element]
        elif piece:
            stack[-1].inside.append(piece)
    (page,) = stack
    return page


def edited(html: str, change: HtmlPatch) -> str:
    """What a browser shows after the change."""
    page = element = page_of(html)
    for _ in range(change.depth):
        element = element.last
    count = change.dropped
    while count is not None and element.inside and (count or isinstance(element.inside[-1], str)):
        count -= isinstance(element.inside.pop(), Element)
    element.inside += page_of(change.html).inside
    return page.html


@pytest.mark.parametrize(
    ('before', 'after', 'change'),
    [
        ('One', 'One two', HtmlPatch(1, None, ' two')),
        ('One `x`', 'One `x` two', HtmlPatch(1, None, ' two')),
        ('- one', '- one\n- two', HtmlPatch(1, None, '<li>two</li>\n')),
        ('- one', '- one more', HtmlPatch(2, None, ' more')),
        ('> one', '> one\n>\n> two', HtmlPatch(1, None, '<p>two</p>\n')),
        ('|a|\n|-|\n|1|', '|a|\n|-|\n|1|\n|2|', HtmlPatch(4, None, '<tr>\n<td>2</td>\n</tr>\n')),
        ('|a|b|c|\n|-|-|-|\n|1|', '|a|b|c|\n|-|-|-|\n|1|2', HtmlPatch(5, 2, '\n<td>2</td>\n<td></td>\n')),
        ('```\none\n', '```\none\n<two>\n', HtmlPatch(3, None, '&lt;two&gt;\n')),
        ('One', 'Two', HtmlPatch(1, 0, 'Two')),
        ('One\n\nx', 'One\n\n- x', HtmlPatch(0, 1, '\n<ul dir="auto">\n<li>x</li>\n</ul>\n')),
        ('`a` **two', '`a` **two**', HtmlPatch(1, 0, ' <strong>two</strong>')),
        ('', 'One', HtmlPatch(0, None, '<p>One</p>\n')),
        ('One', '', HtmlPatch(0, 1, '')),
    ],
)
def test_a_change_is_small(before: str, after: str, change: HtmlPatch) -> None:
    assert html_patch(render(before), render(after)) == change
    assert edited(render(before), change) == render(after)


def test_inside_a_formula_nothing_is_added() -> None:
    assert html_patch(render('so $x$'), render('so $x+1$')).depth == 1


@pytest.mark.long
@examples(short=40, long=400)
@given(text=documents, step=st.integers(1, 9), other=documents)
def test_a_change_gives_just_what_is_wanted(text: str, step: int, other: str) -> None:
    stream, shown = IncrementalMarkdown(), ''
    for end in range(0, len(text), step):
        stream.update(text[:end])
        assert edited(shown, html_patch(shown, stream.tail)) == stream.tail
        shown = stream.tail
    assert edited(shown, html_patch(shown, render(other))) == render(other)


def test_what_is_far_from_the_end_is_not_sent_again() -> None:
    rows = ''.join(f'| {number} | **b** | c |\n' for number in range(500))
    before, after = f'|a|b|c|\n|-|-|-|\n{rows}|', f'|a|b|c|\n|-|-|-|\n{rows}| 5 | **x'
    assert len(html_patch(render(before), render(after)).html) < 100
