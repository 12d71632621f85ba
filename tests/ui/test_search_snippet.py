"""A result of a search shows words, not the marks of Markdown around them."""

import pytest

from chat.ui.search import plain_snippet


def shown(marked: str) -> str:
    """What is shown of a snippet, in which «…» marks the match."""
    before, _, rest = marked.partition('«')
    match, _, after = rest.partition('»')
    return '{}«{}»{}'.format(*plain_snippet(before + match + after, len(before), len(before) + len(match)))


@pytest.mark.parametrize(
    ('snippet', 'words'),
    [
        ('some **bold** «words» and *more* of ***them***', 'some bold «words» and more of them'),
        ('**all of the «words» are bold**', 'all of the «words» are bold'),
        ('```python def «half»(x): return x ``` Then', ' def «half»(x): return x  Then'),
        ('with `code` and «words»', 'with code and «words»'),
        ('## A heading «words»', 'A heading «words»'),
        ('text ## A heading «words»', 'text A heading «words»'),
        ('> quoted «words»', 'quoted «words»'),
        ('see [the «words»](https://example.com/a) there', 'see the «words» there'),
        ('see ![a picture](x.png) «words»', 'see a picture «words»'),
        ('| name | «value» | | --- | ---: | | one | 1 |', 'name «value» one 1 '),
        ('~~old~~ «words»', 'old «words»'),
        (r'a \*star\* and «words»', 'a *star* and «words»'),
    ],
)
def test_marks_are_left_out(snippet: str, words: str) -> None:
    assert shown(snippet) == words


@pytest.mark.parametrize(
    'snippet',
    [
        '2*3*«4» and 5 * 6',
        'snake_case, __init__ and «words»',
        'a > b, C# and «words»||more',
        'find «**bold**» here',
        'at [a place](https://«example».com/)',
        '«»',
        'a #tag and issue #7 «words»',
    ],
)
def test_what_is_no_mark_and_what_was_searched_for_stays(snippet: str) -> None:
    assert shown(snippet) == snippet
