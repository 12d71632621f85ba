"""Find the title in what a model says, whatever stands around it."""

import json
import re
from collections.abc import Iterator
from typing import cast

from chat.conversation.content.metadata import first_words
from chat.lone_surrogates import replace_lone_surrogates

MAX_TITLE_WORDS = 6
"""Most words of a title that a model finds."""

THINKING_PATTERN = re.compile(
    r'<(think|thinking|thought|reasoning|analysis)>.*?(</\1>|\Z)|\[THINK\].*?(\[/THINK\]|\Z)'
    r'|<\|channel\|>analysis<\|message\|>.*?(?=<\|channel\|>final|\Z)',
    re.DOTALL | re.IGNORECASE,
)
"""Thoughts between marks; those that were cut off in the middle go on to the end."""

THINKING_END_PATTERN = re.compile(
    r'\A.*(</(think|thinking|thought|reasoning|analysis)>|\[/THINK\])', re.DOTALL | re.IGNORECASE
)
"""Some servers leave out the mark at the beginning. It is looked for once, not from each character on."""

TOKEN_PATTERN = re.compile(
    r'<\|channel\|>\w+<\|message\|>|<\|[^|>]{1,40}\|>|</?(title|answer|response|output|final|b|i|strong|em|h\d|p)>',
    re.IGNORECASE,
)
"""Marks of templates and of HTML."""

FENCE_PATTERN = re.compile(r'^(`{3,}|~{3,})[^\n`]*\n?(.*?)\n?(\1|\Z)', re.DOTALL | re.MULTILINE)

PARTIAL_JSON_PATTERN = re.compile(r'"[^"]*titl?e?[^"]*"\s*:\s*"((?:[^"\\]|\\.)*)', re.IGNORECASE)

LABEL_PATTERN = re.compile(
    r'\A\W*((chat|conversation|suggested)\s+)?(title|titel|titre|título|titolo|标题)\W*[:\uff1a](\*{2,3}|_{2,3})?',
    re.IGNORECASE,
)

HEADING_PATTERN = re.compile(r'\A(#{1,6}\s+|[-*\u2022>]\s+|\d{1,2}[.)]\s+)|(?<=\S)\s+#+\Z')

EMPHASIS_PATTERN = re.compile(r'\A(\*{1,3}|_{1,3}|`)(?!\s)((?:(?!\1).)+)(?<!\s)\1\Z')

PREAMBLE_PATTERN = re.compile(
    r"(okay|ok|alright|hmm+|well|so|first|let me|let's|we (need|have|should)|i (need|should|have|will)"
    r"|the (user|title|conversation|assistant)|sure|certainly|of course|here('s| is| are))\b",
    re.IGNORECASE,
)
"""How thoughts begin that have no marks, and what is said before a title."""

REFUSAL_PATTERN = re.compile(
    r"(i('m| am)? (sorry|unable)|i (cannot|can't|can not)|sorry|as an ai)\b", re.IGNORECASE
)

QUOTATION_MARKS = '"\'`\u2018\u2019\u201a\u201c\u201d\u201e\xab\xbb\u300c\u300d\u300e\u300f'

DOUBLE_QUOTES = '"\u201c\u201d\u201e\xab\xbb\u300c\u300d'

MAX_SEARCHED_LENGTH = 20_000
"""Characters at the end of what a model says in which a title is looked for; thoughts may come before."""

MAX_LINE_LENGTH = 500
"""Characters of a line that are looked at; a title needs far fewer."""

MAX_TITLE_LINE_WORDS = 12
"""A line of at most so many words may be a title."""


def parse_title(text: str) -> str:
    """Return the title in what a model said, cut to a few words; '' if there is none."""
    return first_words(' '.join(title_in(text).split()[:MAX_TITLE_WORDS]).rstrip(' .:;,'))


def title_in(text: str) -> str:
    """Return the title on one line, without thoughts, marks, quotes, fence and JSON; '' if there is none."""
    text = replace_lone_surrogates(text[-MAX_SEARCHED_LENGTH:])
    text = TOKEN_PATTERN.sub('', THINKING_END_PATTERN.sub('', THINKING_PATTERN.sub('', text))).strip()
    if fenced := FENCE_PATTERN.search(text):
        text = fenced[2].strip()
    if text[:1] in ('{', '['):
        text = _title_in_json(text)
    title = _clean_line(_title_line(text)[:MAX_LINE_LENGTH])
    is_none = title[:1] in ('{', '[') or REFUSAL_PATTERN.match(title) or not any(map(str.isalnum, title))
    return '' if is_none else title


def _title_in_json(text: str) -> str:
    """Return the title in JSON, whole or cut; the text itself if it only begins like JSON."""
    try:
        return next(_json_strings(json.loads(text)), '')
    except (ValueError, RecursionError):
        cut = PARTIAL_JSON_PATTERN.search(text)
        return cut[1] if cut else text


def _json_strings(value: object) -> Iterator[str]:
    """Yield all texts in a JSON document, first those whose key says title."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for item in cast('list[object]', value):
            yield from _json_strings(item)
    elif isinstance(value, dict):
        fields = cast('dict[str, object]', value)
        for name in sorted(fields, key=lambda name: 'tit' not in name.lower()):
            yield from _json_strings(fields[name])


def _title_line(text: str) -> str:
    """Return the line with the title: the first, unless it only introduces one."""
    lines = [stripped for line in text.splitlines() if (stripped := line.strip())]
    if not lines:
        return ''
    first, last = lines[0], lines[-1]
    if len(lines) > 1 and first.endswith((':', '\uff1a')):
        return lines[1]
    if not PREAMBLE_PATTERN.match(first) or len(first.split()) <= MAX_TITLE_LINE_WORDS // 2:
        return first
    return (
        last
        if len(lines) > 1 and len(last.split()) <= MAX_TITLE_LINE_WORDS and not PREAMBLE_PATTERN.match(last)
        else ''
    )


def _clean_line(line: str) -> str:
    """Return a title without what stands around it; marks that belong to it, as in C#, stay."""
    before = None
    while line != before:
        before = line
        line = LABEL_PATTERN.sub('', HEADING_PATTERN.sub('', line)).strip().rstrip('.:;,').strip()
        line = EMPHASIS_PATTERN.sub(r'\2', line)
        if len(line) > 1 and line[0] in QUOTATION_MARKS and line[-1] in QUOTATION_MARKS:
            line = line[1:-1]
        elif line.count(line[:1]) == 1 or line.count(line[-1:]) == 1:
            line = line.strip(DOUBLE_QUOTES)
    return line
