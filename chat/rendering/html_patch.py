"""How HTML that is shown becomes what it is now: by a change at its end, mostly an addition."""

import re
from dataclasses import dataclass

TAG_PATTERN = re.compile(r'<(/?)([a-z][a-z0-9]*)[^<>]*?(/?)>')

GROWING_TAGS = frozenset(
    {'', 'a', 'blockquote', 'code', 'div', 'em', 'figure', 'li', 'ol', 'p', 'pre', 's', 'strong', 'ul'}
    | {'h1', 'h2', 'h3', 'h4', 'h5', 'h6'}
    | {'table', 'thead', 'tbody', 'tr', 'th', 'td'}
)
"""Elements to which HTML can be added as it stands; what is inside a formula is parsed in another way."""

VOID_TAGS = frozenset({'br', 'hr', 'img', 'input'})

SEARCH_STEP_LENGTH = 512
"""Characters from the end of what is shown within which most changes are."""


@dataclass(frozen=True, slots=True)
class HtmlPatch:
    """A change at the end of an element."""

    depth: int
    """Which element: 0 is the one that all is in, 1 the last in that, 2 the last in that one, and so on."""
    dropped: int | None
    """How many of its last elements go, with all text after the one before them; `None` if all stays."""
    html: str
    """What is added then."""


@dataclass(frozen=True, slots=True)
class ElementEnd:
    """Where an element ends that has begun before the place one looks from."""

    name: str
    """Its tag; nothing for what all is in."""
    at: int
    children: int
    """How many elements begin in it from there on, and after the end of the one that ended before."""

    @property
    def may_grow(self) -> bool:
        return self.name in GROWING_TAGS


def html_patch(before: str, after: str) -> HtmlPatch:
    """The least change that makes `after` of `before`."""
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
    """How far both are the same, but for a tag that is not whole."""
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
    """The ends of all elements that are open at a place, the innermost first."""
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
    """Where the element begins that is open at a place and has so many open ones from itself inwards."""
    while levels:
        place = html.rfind('<', 0, place)
        tag = TAG_PATTERN.match(html, place)
        if tag and not is_void(tag):
            levels += 1 if tag[1] else -1
    return place


def is_void(tag: re.Match[str]) -> bool:
    """Whether an element ends with its first tag."""
    return bool(tag[3]) or tag[2] in VOID_TAGS
