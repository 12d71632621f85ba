"""What a result of a search shows of a message: its words, without the marks of Markdown."""

import re
from collections.abc import Iterator

TextRange = tuple[int, int]

_MARKS = re.compile(
    r"""
      `{3,}[\w+\#.-]*                            # a fence, and the language of what is in it
    | `+
    | (?<![\w*\\]) \*{1,3} (?=[^\s*])             # an emphasis begins ...
    | (?<=[^\s*\\]) \*{1,3} (?![\w*])             # ... and ends; a product is none
    | (?<!\w) ~~ (?=\S) | (?<=\S) ~~ (?!\w)
    | (?:(?<=\s)|^) \#{1,6} [ ] (?=\S)           # a heading
    | ^ (?:>[ ]?)+
    | \|? (?:[ ]? :?-{3,}:? [ ]? \|)+ [ ]?       # the line below the head of a table
    | (?:(?<=\s)|^) \| (?:[ ]|$)                 # between its cells
    | \\ (?=[*_`\#\[\]|>~-])
    """,
    re.VERBOSE,
)
_LINK = re.compile(r'(!?\[)[^\[\]]*(\]\([^()\s]*\))')


def plain_snippet(snippet: str, start: int, end: int) -> tuple[str, str, str]:
    """What comes before a match, the match, and what comes after it; of what was searched for, marks stay."""
    marks = sorted({*_marks(snippet, start, end), *_links(snippet, start, end)})
    return _without(marks, snippet, 0, start), snippet[start:end], _without(marks, snippet, end, len(snippet))


def _without(marks: list[TextRange], snippet: str, begin: int, end: int) -> str:
    kept, at = '', begin
    for left, right in marks:
        if begin <= left and right <= end:
            kept += snippet[at:left]
            at = max(at, right)
    return kept + snippet[at:end]


def _marks(snippet: str, start: int, end: int) -> Iterator[TextRange]:
    """Where the marks are that are no part of the match."""
    for mark in _MARKS.finditer(snippet):
        if mark.end() <= start or end <= mark.start():
            yield mark.span()


def _links(snippet: str, start: int, end: int) -> Iterator[TextRange]:
    """What is around the words of links, unless the address is what was found."""
    for link in _LINK.finditer(snippet):
        sides = link.span(1), link.span(2)
        if all(right <= start or end <= left for left, right in sides):
            yield from sides
