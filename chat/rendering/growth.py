"""What has to be added to HTML that is shown already, when it has only grown at its end."""

import re
from dataclasses import dataclass

END_TAGS = re.compile(r'(?:</[a-z][a-z0-9]*>\s*)+$')
END_TAG = re.compile(r'</([a-z][a-z0-9]*)>\s*')
TAG = re.compile(r'<(/?)([a-z][a-z0-9]*)[^<>]*>')

GROWING = frozenset(
    {'blockquote', 'code', 'div', 'em', 'figure', 'li', 'ol', 'p', 'pre', 's', 'strong', 'ul'}
    | {'h1', 'h2', 'h3', 'h4', 'h5', 'h6'}
    | {'table', 'thead', 'tbody', 'tr', 'th', 'td'}
)
"""Elements into which HTML can be added as it stands; what is inside a formula is parsed in another way."""

VOID = frozenset({'br', 'hr', 'img', 'input'})


@dataclass(frozen=True, slots=True)
class Growth:
    """HTML to be added at the end of an element."""

    depth: int
    """How far down the element is: 1 is the last element of all, 2 the last one in that, and so on."""
    html: str


def growth(before: str, after: str) -> Growth | None:
    """What makes `after` of `before`; `None` if that takes more than an addition at the end of an element."""
    run = END_TAGS.search(before)
    if run is None or len(after) < len(before):
        return None
    ends = list(END_TAG.finditer(before, run.start()))
    for place, end in enumerate(ends):
        cut = end.start()
        rest = before[cut:]
        if end[1] in GROWING and after.endswith(rest) and after.startswith(before[:cut]):
            added = after[cut : len(after) - len(rest)]
            if is_whole(added):
                return Growth(depth=len(ends) - place, html=added)
    return None


def is_whole(html: str) -> bool:
    """Whether each element that begins in this HTML ends in it, and the other way round."""
    open_tags: list[str] = []
    for tag in TAG.finditer(html):
        if not tag[1]:
            open_tags += [tag[2]] if tag[2] not in VOID else []
        elif not open_tags or open_tags.pop() != tag[2]:
            return False
    return not open_tags
