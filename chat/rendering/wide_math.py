"""Long formulas within a line, in pieces between which the line may break.

Browsers do not break a line within `<math>`, so that a chain of equations would be cut off on a phone.
"""

import re

LONG_SIZE = 17
"""Signs from which a formula may be wider than the column of a phone; a number or a name is one sign."""

MIN_WIDE_LENGTH = 330
"""Characters of MathML below which no formula is wider than that column; it saves the count."""

OUTER_PART = re.compile(
    r'(?P<comma><mo[^>]*>[,;]</mo>)|(?P<relation><mo[^>]*>(?:&lt;|&gt;|[=≠≡≈≃≅\u223c≤≥≦≧⩽⩾≪≫∝∈∉⊂⊆⊃⊇→⟶⇒⟹⇔⟺⟷↔↦⟼≔⊢⊨])</mo>)'
    r'|<(?P<end>/?)m(?:row|frac|su[bp]|subsup|under|over|underover|sqrt|root|table|tr|td|style|padded|enclose'
    r'|phantom|multiscripts)(?=[ >])[^>]*>'
)
"""A relation, or the start or end of what may hold one."""

START, END = '<math>', '</math>'


def breakable(html: str) -> str:
    """Return a formula as several if it is long; each but the first begins with a relation."""
    if size_of(html) < LONG_SIZE or not html.startswith(START):
        return html
    inside = html[len(START) : -len(END)]
    pieces = [part for piece in split(inside, 'relation') for part in split_at_commas(piece)]
    return ''.join(piece_html(f'{START}{piece}{END}') for piece in pieces)


def split(html: str, mark: str) -> list[str]:
    """Return the pieces of a formula, parted at its outer marks of a kind."""
    places = outer_places(html, mark)
    return [html[begin:end] for begin, end in zip([0, *places], [*places, len(html)], strict=True)]


def split_at_commas(piece: str) -> list[str]:
    """Return a piece that is still long in pieces that end with a comma."""
    return split(piece, 'comma') if size_of(piece) >= LONG_SIZE else [piece]


def size_of(html: str) -> int:
    """Return about how many signs a formula has."""
    return html.count('</mi>') + html.count('</mo>') + html.count('</mn>')


def outer_places(html: str, mark: str) -> list[int]:
    """Return where a line may break: before relations or after commas in no fraction, root or other part."""
    places = list[int]()
    depth = 0
    for part in OUTER_PART.finditer(html):
        if part['end'] is not None:
            depth += -1 if part['end'] else 1
        elif depth == 0 and part[mark]:
            places.append(part.start() if mark == 'relation' else part.end())
    return [place for place in places if 0 < place < len(html)]


def piece_html(math: str) -> str:
    """Return a piece; one that is still long can be scrolled."""
    return f'<span class="math-scroll">{math}</span>' if size_of(math) >= LONG_SIZE else math
