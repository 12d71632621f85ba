"""CommonMark 0.31.2: which of its examples look so here, and why others do not; and the extensions of GFM.

The examples of CommonMark are those of `commonmark-spec@0.31.2` of npm. CI installs it; elsewhere
`PARLOUR_COMMONMARK_SPEC` says where its spec.txt is. Those of the extensions are our own.
"""

import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from chat.rendering import IncrementalMarkdown, render
from tests.support.profile import sized

VARIABLE = 'PARLOUR_COMMONMARK_SPEC'
PACKAGE = 'commonmark-spec@0.31.2'

EXAMPLE = re.compile(r'^`{32} example\n(.*?)^\.\n(.*?)^`{32}$', re.DOTALL | re.MULTILINE)
"""Markdown and HTML, as they stand in spec.txt, with an arrow for each tab."""

DIFFERENT = {
    'HTML is text, and a few elements act that need no attributes': (
        '21 31 148-178 180-182 184-191 201 344 475-477 491 494 524 536 613-617 623 627-631 642-643'
    ),
    'Comments are not shown at all': '179 183 308-309 625-626',
    'Definitions that nothing refers to are shown': '200 207-208 210 317 537-538 545 563 565 567 571 592',
    'What stands between `\\[` and `\\]` is a formula': '12',
    'Only addresses of the web, of mail and of telephones are links': '500 596 598-599 601',
    'Bare addresses are links': '602 608 611-612',
    'Asterisks between letters or digits multiply': '355-356 429',
    'Brackets directly after a name are part of a program': '532-533 569-570',
}
"""By the reason, the examples of CommonMark that look different here; all else looks as specified."""

TO_DO = '<input class="task-list-item-checkbox" disabled="" type="checkbox" aria-label="To do">'
DONE = '<input class="task-list-item-checkbox" disabled="" type="checkbox" aria-label="Done" checked="">'
TASKS = 'class="contains-task-list"'
TASK = 'class="task-list-item"'
HEAD = '<thead><tr><th>A</th><th>B</th></tr></thead>'
ROW = '<tr><td>1</td><td>2</td></tr>'

EXTENSIONS = {
    # Tables
    '| A | B |\n|---|---|\n| 1 | 2 |': f'<table>{HEAD}<tbody>{ROW}</tbody></table>',
    'A | B\n:--|:-:\n1 | 2': '<table><thead><tr><th align="left">A</th><th align="center">B</th></tr></thead>'
    '<tbody><tr><td align="left">1</td><td align="center">2</td></tr></tbody></table>',
    '| A | B |\n|---|---|\n| a \\| b | `c \\| d` |': (
        f'<table>{HEAD}<tbody><tr><td>a | b</td><td><code>c | d</code></td></tr></tbody></table>'
    ),
    '| A | B |\n|---|---|': f'<table>{HEAD}</table>',
    '| A | B |\n|---|---|\n| 1 | 2 |\n> A quote': (
        f'<table>{HEAD}<tbody>{ROW}</tbody></table><blockquote><p>A quote</p></blockquote>'
    ),
    '| A | B |\n|---|---|\nA line\n\nAfter': (
        f'<table>{HEAD}<tbody><tr><td>A line</td><td></td></tr></tbody></table><p>After</p>'
    ),
    '| A | B |\n|---|\n| 1 |': '<p>| A | B |\n|---|\n| 1 |</p>',  # fewer columns than headings
    # Task lists
    '- [ ] buy\n- [x] bake': (
        f'<ul {TASKS}><li {TASK}>{TO_DO} buy</li><li {TASK}>{DONE} bake</li></ul>'  # may not be ticked here
    ),
    '1. [X] first\n2. second': f'<ol {TASKS}><li {TASK}>{DONE} first</li><li>second</li></ol>',
    '- a\n  - [ ] b': f'<ul><li>a<ul {TASKS}><li {TASK}>{TO_DO} b</li></ul></li></ul>',
    '- [ ]a\n- [y] b': '<ul><li>[ ]a</li><li>[y] b</li></ul>',
    # Strikethrough
    'It costs ~~ten~~ nine.': '<p>It costs <s>ten</s> nine.</p>',
    '~~a *b* `c`~~': '<p><s>a <em>b</em> <code>c</code></s></p>',
    'Not ~~over\n\nparagraphs~~.': '<p>Not ~~over</p><p>paragraphs~~.</p>',
    'a ~~ b ~~ c': '<p>a ~~ b ~~ c</p>',
    # Bare addresses
    'See https://example.org/a?b=c&d=e.': (
        '<p>See <a href="https://example.org/a?b=c&amp;d=e">https://example.org/a?b=c&amp;d=e</a>.</p>'
    ),
    '(see https://example.org/a_(b))': (
        '<p>(see <a href="https://example.org/a_(b)">https://example.org/a_(b)</a>)</p>'
    ),
    '`https://example.org`': '<p><code>https://example.org</code></p>',
    'me@example.org, or not': '<p><a href="mailto:me@example.org">me@example.org</a>, or not</p>',
}
"""The extensions of GFM, where all agree: examples of our own, and their HTML."""

UNLIKE_GFM = {
    'Bare addresses are asked for by https': {
        'www.example.org/help': '<p><a href="https://www.example.org/help">www.example.org/help</a></p>',
    },
    'Mail needs a known country': {'me@example.nowhere': '<p>me@example.nowhere</p>'},
    'Only addresses of the web, of mail and of telephones are links': {
        'ftp://example.org/a': '<p>ftp://example.org/a</p>',
    },
    'HTML is text': {'<title>a</title>': '<p>&lt;title&gt;a&lt;/title&gt;</p>'},
    'A cell that is too many joins the last one': {
        '| A | B |\n|---|---|\n| 1 | 2 | 3 |': (
            f'<table>{HEAD}<tbody><tr><td>1</td><td>2 | 3</td></tr></tbody></table>'
        ),
    },
}
"""By the reason, what GFM has otherwise."""

OUR_EXAMPLES = EXTENSIONS | {
    markdown: html for examples in UNLIKE_GFM.values() for markdown, html in examples.items()
}

OURS = [
    (r'<figure class="code.*?<code>', '<pre><code>'),
    ('</code></pre></figure>', '</code></pre>'),
    (r'<span class="tk-[^"]*">|</span>', ''),
    (r'<div class="table-card">.*?<table>', '<table>'),
    ('</table></div></div>', '</table>'),
    (' style="text-align:', ' align="'),
    (r' dir="auto"| target="_blank"| rel="noopener noreferrer"| id="heading-[^"]*"', ''),
    (' class="long-numbers"', ''),
    ('#heading-', '#'),
    (r'<(a|img)([^>]*) title="[^"]*"', r'<\1\2'),
]
"""What is always so here: the frames of code and tables, colours, and what links and headings have."""

THEIRS = [
    (r' class="language-[^"]*"', ''),
    (r'<(a|img)([^>]*) title="[^"]*"', r'<\1\2'),
    (r'<a href="(?![a-zA-Z]+:|#)([^"]+)">(.*?)</a>', r'\2 (\1)'),
    (r'<a href="">(.*?)</a>', r'\1'),
    (r'<img src="([^"]*)" alt="" />', r'Image: \1'),
    (r'<img src="([^"]*)" alt="([^"]*)" />', r'Image: \2 (\1)'),
    (r'(</?)del>', r'\1s>'),
]
"""Links and images lead nowhere unless they have a whole address: their words and the address are shown."""

BLOCK_TAG = r'\n*(</?(?:p|ul|ol|li|blockquote|table|thead|tbody|tr|td|th|h\d|pre|hr|div)\b[^>]*>)\n*'


def canonical(html: str, replacements: list[tuple[str, str]]) -> str:
    """HTML without what does not matter: how it is spaced, and line ends, all of which are kept here."""
    for pattern, replacement in [*replacements, (r'<br ?/?>\n?|\n(?=[^<]*</?[a-z])', '\n')]:
        html = re.sub(pattern, replacement, html, flags=re.DOTALL)
    return re.sub(BLOCK_TAG, r'\1', html).replace(' />', '>').replace('&quot;', '"').strip()


def is_same(markdown: str, html: str) -> bool:
    return canonical(render(markdown), OURS) == canonical(html, THEIRS)


def numbers(spans: str) -> Iterator[int]:
    """The numbers of examples: `1-2 4` is 1, 2 and 4."""
    for span in spans.split():
        first, _, last = span.partition('-')
        yield from range(int(first), int(last or first) + 1)


EXPECTED = {number for spans in DIFFERENT.values() for number in numbers(spans)}


@pytest.fixture(scope='module')
def commonmark() -> Mapping[int, tuple[str, str]]:
    """Markdown and HTML by the number of the example; without them tests are skipped, but for those of CI."""
    if path := os.environ.get(VARIABLE):
        found = EXAMPLE.findall(Path(path).read_text('utf8').replace('→', '\t'))
        return {number: (markdown, html) for number, (markdown, html) in enumerate(found, start=1)}
    reason = f'{VARIABLE} names no spec.txt; npm install --prefix FOLDER {PACKAGE} brings one'
    if os.environ.get('CI'):
        pytest.fail(reason)
    pytest.skip(reason)


def test_examples_look_as_specified_but_for_these(commonmark: Mapping[int, tuple[str, str]]) -> None:
    """Also the other way round: who makes one look as specified takes it off the table."""
    assert len(commonmark) == 652
    assert {number for number, example in commonmark.items() if not is_same(*example)} == EXPECTED


def test_so_many_look_as_specified() -> None:
    assert len(EXPECTED) == 102


@pytest.mark.parametrize('markdown', OUR_EXAMPLES)
def test_extensions_look_as_here(markdown: str) -> None:
    assert canonical(render(markdown), OURS) == OUR_EXAMPLES[markdown]


def test_examples_are_the_same_once_they_have_streamed(commonmark: Mapping[int, tuple[str, str]]) -> None:
    for markdown, _ in commonmark.values():
        stream_and_compare(markdown)


def test_extensions_are_the_same_once_they_have_streamed() -> None:
    for markdown in OUR_EXAMPLES:
        stream_and_compare(markdown)


def stream_and_compare(markdown: str) -> None:
    stream = IncrementalMarkdown()
    for end in range(1, len(markdown), sized(7, 1)):
        stream.update(markdown[:end])
    stream.update(markdown)
    stream.finish()
    assert stream.html == render(markdown)
