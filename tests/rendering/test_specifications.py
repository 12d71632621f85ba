"""CommonMark 0.31.2 and the extensions of GFM: which examples look so here, and why others do not."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from chat.rendering import IncrementalMarkdown, render
from tests.support.profile import sized

EXAMPLES: dict[str, dict[str, list[str]]] = json.loads(
    Path(__file__).with_name('specification_examples.json').read_text('utf8')
)
"""Markdown and HTML by number; the file says whose they are, and under which licence."""

DIFFERENT = {
    'HTML is text, and a few elements act that need no attributes': (
        'CommonMark 21 31 148-178 180-182 184-191 201 344 475-477 491 494 524 536',
        'CommonMark 613-617 623 627-631 642-643',
        'GFM 653',
    ),
    'Comments are not shown at all': ('CommonMark 179 183 308-309 625-626',),
    'Definitions that nothing refers to are shown': (
        'CommonMark 200 207-208 210 317 537-538 545 563 565 567 571 592',
    ),
    'What stands between `\\[` and `\\]` is a formula': ('CommonMark 12',),
    'Only addresses of the web, of mail and of telephones are links': (
        'CommonMark 500 596 598-599 601',
        'GFM 628',
    ),
    'Bare addresses are links': ('CommonMark 602 608 611-612',),
    'They are asked for by https, end before a bracket too many, and those of mail need a known country': (
        'GFM 621-627 629-631',
    ),
    'Asterisks between letters or digits multiply': ('CommonMark 355-356 429',),
    'Brackets directly after a name are part of a program': ('CommonMark 532-533 569-570',),
    'A cell that is too many joins the last one': ('GFM 204',),
}
"""By the reason, what looks different here; all else looks as the specifications say."""

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


def numbers(ranges: tuple[str, ...]) -> Iterator[str]:
    """The names of examples: `A 1-2` is `A 1` and `A 2`."""
    for text in ranges:
        kind, *spans = text.split()
        for span in spans:
            first, _, last = span.partition('-')
            yield from (f'{kind} {number}' for number in range(int(first), int(last or first) + 1))


EXPECTED = {name: reason for reason, ranges in DIFFERENT.items() for name in numbers(ranges)}


@pytest.mark.parametrize('specification', ['CommonMark', 'GFM'])
def test_examples_look_as_specified_but_for_these(specification: str) -> None:
    """Also the other way round: who makes one look as specified takes it off the table."""
    examples = EXAMPLES[specification].items()
    different = {f'{specification} {number}' for number, example in examples if not is_same(*example)}
    assert different == {name for name in EXPECTED if name.startswith(specification)}


def test_so_many_look_as_specified() -> None:
    assert sum(name.startswith('CommonMark') for name in EXPECTED) == 102
    assert len(EXAMPLES['CommonMark']) == 652


@pytest.mark.parametrize('specification', ['CommonMark', 'GFM'])
def test_examples_are_the_same_once_they_have_streamed(specification: str) -> None:
    for markdown, _ in EXAMPLES[specification].values():
        stream = IncrementalMarkdown()
        for end in range(1, len(markdown), sized(7, 1)):
            stream.update(markdown[:end])
        stream.update(markdown)
        stream.finish()
        assert stream.html == render(markdown)
