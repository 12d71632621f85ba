"""The smallest patch at the end of the shown HTML that brings it up to date: mostly an addition."""

import re
from dataclasses import dataclass

TAG_PATTERN = re.compile(r'<(/?)([a-z][a-z0-9]*)[^<>]*?(/?)>')

GROWING_TAGS = frozenset(
    {'', 'a', 'blockquote', 'code', 'div', 'em', 'figure', 'li', 'ol', 'p', 'pre', 's', 'strong', 'ul'}
    | {'h1', 'h2', 'h3', 'h4', 'h5', 'h6'}
    | {'details', 'kbd', 'mark', 'sub', 'summary', 'sup', 'u'}
    | {'table', 'thead', 'tbody', 'tr', 'th', 'td'}
)
"""Elements to which HTML can be appended; inside a formula the browser parses it differently."""

VOID_TAGS = frozenset({'br', 'hr', 'img', 'input'})

SEARCH_STEP_LENGTH = 512
"""Characters from the end of the shown HTML within which most changes are."""


@dataclass(frozen=True, slots=True)
class HtmlPatch:
    """A change at the end of an element."""

    depth: int
    """The depth of the element: 0 is the root, 1 its last child, 2 the last child of that one, and so on."""
    dropped: int | None
    """How many of its last children are removed, with the text around them; `None` if none is."""
    html: str
    """The HTML that is appended then."""


@dataclass(frozen=True, slots=True)
class ElementEnd:
    """The end of an element that was opened before a given position."""

    name: str
    """Its tag; empty for the root."""
    at: int
    children: int
    """How many children begin in it after that position, not counting the child that is open there."""

    @property
    def may_grow(self) -> bool:
        return self.name in GROWING_TAGS


def html_patch(before: str, after: str) -> HtmlPatch:
    """Return the smallest patch that turns `before` into `after`."""
    same = common_prefix_length(before, after)
    old, new = open_element_ends(before, same), open_element_ends(after, same)
    place = next(
        place
        for place, end in enumerate(old)
        if end.may_grow
        and not any(outer.children for outer in old[place + 1 :])
        and before[end.at :] == after[new[place].at :]
    )
    depth, end = len(old) - 1 - place, old[place]
    if place == 0 and end.at == same:
        return HtmlPatch(depth, None, after[same : new[0].at])
    start = before.rfind('>', 0, element_start(before, same, place)) + 1
    return HtmlPatch(depth, end.children + (place > 0), after[start : new[place].at])


def common_prefix_length(before: str, after: str) -> int:
    """Return the length of the common prefix, without a tag that is cut off."""
    step, low, high = SEARCH_STEP_LENGTH, len(before), len(before)
    while not after.startswith(before[:low]):
        low, high, step = max(0, low - step), low, 4 * step
    while low < high:
        middle = (low + high + 1) // 2
        if before[low:middle] == after[low:middle]:
            low = middle
        else:
            high = middle - 1
    tag = before.rfind('<', 0, low)
    return tag if tag > before.rfind('>', 0, low) else low


def open_element_ends(html: str, start: int) -> list[ElementEnd]:
    """Return the ends of all elements that are open at a position, the innermost first."""
    found: list[ElementEnd] = []
    depth = children = 0
    for tag in TAG_PATTERN.finditer(html, start):
        if not tag[1]:
            children += depth == 0
            depth += 1
        if tag[1] or is_void(tag):
            depth -= 1
        if depth < 0:
            found.append(ElementEnd(tag[2], tag.start(), children))
            depth = children = 0
    return [*found, ElementEnd('', len(html), children)]


def element_start(html: str, place: int, levels: int) -> int:
    """Return where the element begins that is `levels` open elements out from a position."""
    while levels:
        place = html.rfind('<', 0, place)
        tag = TAG_PATTERN.match(html, place)
        if tag and not is_void(tag):
            levels += 1 if tag[1] else -1
    return place


def is_void(tag: re.Match[str]) -> bool:
    """Return whether an element has no end tag."""
    return bool(tag[3]) or tag[2] in VOID_TAGS
