"""Code blocks."""

import re
from html import unescape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat.rendering import code
from chat.rendering.incremental import IncrementalMarkdown
from chat.rendering.markdown import render
from tests.support.profile import examples

LONG = 'x = 1\n' * 10_000


def content(html: str) -> str:
    """What a person copies: the text inside `<code>`."""
    inside = html[html.index('<code>') + 6 : html.rindex('</code>')]
    return unescape(re.sub('<[^>]*>', '', inside))


def test_a_block_names_its_language_and_can_be_copied() -> None:
    assert code.figure('1 < 2\n', 'klingon') == (
        '<figure class="code"><figcaption><span class="language">klingon</span>'
        + code.CODE_BUTTONS
        + '<button type="button" class="copy" aria-label="Copy code">Copy</button></figcaption>'
        '<pre tabindex="0"><code>1 &lt; 2\n</code></pre></figure>\n'
    )


def test_a_known_language_is_highlighted() -> None:
    assert '<span class="tk-k">def</span>' in render('```python\ndef f(): ...\n```')


def test_the_language_is_the_first_word_in_any_case() -> None:
    html = render('```Python title="x"\ndef f(): ...\n```')
    assert '<span class="language">Python</span>' in html
    assert 'tk-k' in html


@pytest.mark.parametrize(
    'block',
    [
        '```{python}\nx = 1\n```',
        '```{.python .numberLines}\nx = 1\n```',
        '```python:app.py\nx = 1\n```',
        '```jsonc\n{"a": 1}\n```',
        '```dotenv\nA=1\n```',
        '```vba\nSub A()\nEnd Sub\n```',
        '```patch\n+a\n```',
        '```assembly\nmov eax, 1\n```',
        '```regex\n[a-z]+\n```',
    ],
)
def test_names_that_models_use_are_known(block: str) -> None:
    assert 'tk-' in render(block)


@pytest.mark.parametrize('text', ['```klingon\nif x\n```', '```\nif x\n```', '    if x\n', '~~~\nif x\n~~~'])
def test_other_code_is_plain(text: str) -> None:
    html = render(text)
    assert content(html) == 'if x\n'
    assert 'tk-' not in html


def test_a_fence_that_is_still_open_is_code_but_not_highlighted() -> None:
    html = render('```python\ndef f(): <b>')
    assert content(html) == 'def f(): <b>'
    assert 'tk-' not in html


def test_code_in_a_list_is_highlighted_too() -> None:
    html = render('1. Try\n   ```python\n   def f(): ...\n\n   f()\n   ```\n2. Done')
    assert content(html) == 'def f(): ...\n\nf()\n'
    assert 'tk-k' in html


def test_very_long_code_is_plain() -> None:
    assert 'tk-' not in code.figure(LONG, 'python')
    assert content(code.figure(LONG, 'python')) == LONG


def test_the_language_cannot_act() -> None:
    assert '<i>' not in code.figure('', '<i>')


@pytest.mark.parametrize(
    'language', ['python', 'html', 'json', 'pycon', 'bash', 'diff', 'console', 'http', 'tex', '']
)
@examples(short=10, long=200)
@given(text=st.text(st.sampled_from('a1 \n\t<>&"\'`$#{}()\\\ufeff中')))
def test_not_a_character_of_code_is_changed(language: str, text: str) -> None:
    assert content(code.figure(text, language)) == text
    assert content(code.plain_figure(text, language)) == text


@pytest.mark.parametrize('text', ['```python\nx = 1\n```\n', 'Look:\n\n~~~~ sh\nls\n~~~~\n\nDone.'])
def test_a_block_that_comes_in_two_pieces_is_whole(text: str) -> None:
    """Also if the first piece ends in the name of its language."""
    for end in range(len(text)):
        stream = IncrementalMarkdown()
        stream.update(text[:end])
        stream.update(text)
        stream.finish()
        assert stream.html == render(text)


def test_a_diagram_has_room_for_its_drawing_once_it_is_complete() -> None:
    """Until then, and if it cannot be drawn, it is shown as the code that it is."""
    stream = IncrementalMarkdown()
    stream.update('```mermaid\ngraph LR\n')
    assert 'class="drawing"' not in stream.html
    stream.update('```mermaid\ngraph LR\n```\n')
    stream.finish()
    assert 'class="drawing"' in stream.html
    assert content(stream.html) == 'graph LR\n'
    assert stream.html == render('```mermaid\ngraph LR\n```')
