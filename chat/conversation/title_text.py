"""The title in what a model says when it is asked for one: models wrap it in much else."""

import json
import re
from collections.abc import Iterator
from typing import cast

from chat.whole_text import whole_text

THOUGHTS = re.compile(
    r'<(think|thinking|thought|reasoning|analysis)>.*?(</\1>|\Z)|\[THINK\].*?(\[/THINK\]|\Z)'
    r'|<\|channel\|>analysis<\|message\|>.*?(?=<\|channel\|>final|\Z)',
    re.DOTALL | re.IGNORECASE,
)
"""Thoughts between marks; those that were cut off in the middle go on to the end."""

END_OF_THOUGHTS = re.compile(
    r'.*(</(think|thinking|thought|reasoning|analysis)>|\[/THINK\])', re.DOTALL | re.IGNORECASE
)
"""Some servers leave out the mark at the beginning."""

MARKS = re.compile(
    r'<\|channel\|>\w+<\|message\|>|<\|[^|>]{1,40}\|>|</?(title|answer|response|output|final|b|i|strong|em|h\d|p)>',
    re.IGNORECASE,
)
"""Marks of templates and of HTML."""

FENCE = re.compile(r'^(`{3,}|~{3,})[^\n`]*\n?(.*?)\n?(\1|\Z)', re.DOTALL | re.MULTILINE)
CUT_JSON = re.compile(r'"[^"]*titl?e?[^"]*"\s*:\s*"((?:[^"\\]|\\.)*)', re.IGNORECASE)
LABEL = re.compile(
    r'\A\W*((chat|conversation|suggested)\s+)?(title|titel|titre|título|titolo|标题)\W*[:\uff1a](\*{2,3}|_{2,3})?',
    re.IGNORECASE,
)
HEADING = re.compile(r'\A(#{1,6}\s+|[-*\u2022>]\s+|\d{1,2}[.)]\s+)|(?<=\S)\s+#+\Z')
EMPHASIS = re.compile(r'\A(\*{1,3}|_{1,3}|`)(?!\s)((?:(?!\1).)+)(?<!\s)\1\Z')
OPENING = re.compile(
    r"(okay|ok|alright|hmm+|well|so|first|let me|let's|we (need|have|should)|i (need|should|have|will)"
    r"|the (user|title|conversation|assistant)|sure|certainly|of course|here('s| is| are))\b",
    re.IGNORECASE,
)
"""How thoughts begin that have no marks, and what is said before a title."""

REFUSAL = re.compile(r"(i('m| am)? (sorry|unable)|i (cannot|can't|can not)|sorry|as an ai)\b", re.IGNORECASE)
QUOTES = '"\'`\u2018\u2019\u201a\u201c\u201d\u201e\xab\xbb\u300c\u300d\u300e\u300f'
DOUBLE_QUOTES = '"\u201c\u201d\u201e\xab\xbb\u300c\u300d'

FEW_WORDS = 12
"""A line of at most so many words may be a title."""


def told(text: str) -> str:
    """The title on one line, without thoughts, marks, quotes, fence and JSON; '' if there is none."""
    text = MARKS.sub('', END_OF_THOUGHTS.sub('', THOUGHTS.sub('', whole_text(text)))).strip()
    if fenced := FENCE.search(text):
        text = fenced[2].strip()
    if text[:1] in ('{', '['):
        text = _in_json(text)
    title = _tidy(_line(text))
    is_none = title[:1] in ('{', '[') or REFUSAL.match(title) or not any(map(str.isalnum, title))
    return '' if is_none else title


def _in_json(text: str) -> str:
    """The title in JSON, whole or cut; a text that only begins like JSON is what it is."""
    try:
        return next(_texts(json.loads(text)), '')
    except (ValueError, RecursionError):
        cut = CUT_JSON.search(text)
        return cut[1] if cut else text


def _texts(value: object) -> Iterator[str]:
    """All texts in a JSON document, first those that are called a title."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for item in cast('list[object]', value):
            yield from _texts(item)
    elif isinstance(value, dict):
        fields = cast('dict[str, object]', value)
        for name in sorted(fields, key=lambda name: 'tit' not in name.lower()):
            yield from _texts(fields[name])


def _line(text: str) -> str:
    """The line that is the title: the first, unless that only speaks about one."""
    lines = [stripped for line in text.splitlines() if (stripped := line.strip())]
    if not lines:
        return ''
    first, last = lines[0], lines[-1]
    if len(lines) > 1 and first.endswith((':', '\uff1a')):
        return lines[1]
    if not OPENING.match(first) or len(first.split()) <= FEW_WORDS // 2:
        return first
    return last if len(lines) > 1 and len(last.split()) <= FEW_WORDS and not OPENING.match(last) else ''


def _tidy(line: str) -> str:
    """A title without what stands around it; marks that belong to it, as in C#, stay."""
    before = None
    while line != before:
        before = line
        line = LABEL.sub('', HEADING.sub('', line)).strip().rstrip('.:;,').strip()
        line = EMPHASIS.sub(r'\2', line)
        if len(line) > 1 and line[0] in QUOTES and line[-1] in QUOTES:
            line = line[1:-1]
        elif line.count(line[:1]) == 1 or line.count(line[-1:]) == 1:
            line = line.strip(DOUBLE_QUOTES)
    return line
