"""What writing a file would change, or has changed, line by line; it can be read without its colours."""

import re
from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from nicegui import ui

from chat.file_difference import FileDifference
from chat.ui.formatting import as_json
from chat.ui.html import HtmlElement, HtmlText
from chat.ui.local_text import LocalText
from chat.ui.schema_fields import as_object

MAX_OPEN_LINES = 40
"""Lines that stand there from the start; the rest is folded away."""

CUT_MESSAGE = 'There is more than is shown here. All that would be written stands in the arguments above.'

KINDS = {'-': ('del', '−'), '+': ('ins', '+'), '@': ('b', '…'), '\\': ('i', '')}  # noqa: RUF001  # a minus is meant
"""By the sign of a line, its tag and what stands before it; all others are unchanged."""

_UNSEEN = re.compile(
    '[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060\u2066-\u2069\ufeff]'
)
"""Characters that cannot be seen, and those that change the order of others: a text with them may lie."""


class DifferenceView(HtmlElement):
    """The name of the file with how much of it changes, and below it the lines."""

    def __init__(self, difference: FileDifference, note: str = '', *, is_open: bool) -> None:
        super().__init__('details', 'difference', data_testid='difference')
        self.props['open'] = is_open
        lines = difference.text.split('\n') if difference.text else []
        with self:
            with HtmlElement('summary'):
                HtmlText(
                    'span', difference.path, 'difference-path', title=f'{difference.folder}/{difference.path}'
                )
                counts = f'+{difference.added:,} −{difference.removed:,}'  # noqa: RUF001  # as above
                LocalText('span', counts, 'difference-counts', aria_label=counts_in_words(difference))
                if words := note or ('' if difference.before else 'New file'):
                    HtmlText('span', words, 'difference-note')
            _show_lines(lines[:MAX_OPEN_LINES])
            if rest := lines[MAX_OPEN_LINES:]:
                with HtmlElement('details', 'difference-rest'):
                    LocalText('summary', f'{len(rest):,} more lines')
                    _show_lines(rest)
            if difference.is_cut:
                HtmlText('p', CUT_MESSAGE, 'approval-line')


def counts_in_words(difference: FileDifference) -> str:
    """Return how much changes, for those who hear it."""
    return f'{difference.added:,} lines added, {difference.removed:,} removed'


def _show_lines(lines: Sequence[str]) -> None:
    html = ''.join(map(_line, lines))
    ui.html(f'<pre tabindex="0">{html}</pre>', sanitize=False).classes('difference-lines')


def _line(line: str) -> str:
    tag, sign = KINDS.get(line[:1], ('span', ' '))
    text = line[1:].lstrip() if tag == 'b' else line[1:]
    return f'<{tag}><span>{sign}</span>{escape(_UNSEEN.sub(_visible, text))}\n</{tag}>'


def _visible(found: re.Match[str]) -> str:
    return f'\\u{ord(found[0]):04x}'


def show_changes(before: Any, after: Mapping[str, Any]) -> None:
    """Show each argument that was changed, as it was and as it is."""
    known = as_object(before) or {}
    for name in (name for name in {**known, **after} if known.get(name) != after.get(name)):
        HtmlText('h4', name)
        HtmlText('del', _as_text(known.get(name)))
        HtmlText('ins', _as_text(after.get(name)))


def _as_text(value: object) -> str:
    """Return a text as it is, and all else as JSON."""
    return value if isinstance(value, str) else '—' if value is None else as_json(value)
