"""Code blocks."""

import re
from html import unescape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat.rendering import code
from chat.rendering.client_state import ClientState
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


def test_code_of_an_answer_that_was_cut_off_is_highlighted_too() -> None:
    html = render('```python\ndef f(): <b>')
    assert content(html) == 'def f(): <b>'
    assert 'tk-k' in html


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


PYTHON = (
    'def greet(name: str) -> str:\n    """Say hello.\n\n    It is polite.\n    """\n'
    "    return f'Hello, {name}'  # a comment\n\n"
) * 30
C = '/* a comment\n * of many lines\n */\nint main(void) {\n    return 0; // done\n}\n' * 30
JSON = '[\n' + '  {\n    "a": [1, 2.5],\n    "b": "text"\n  },\n' * 60 + ']\n'


@pytest.mark.parametrize(('language', 'source'), [('python', PYTHON), ('c', C), ('json', JSON)])
def test_complete_lines_have_their_last_colours_while_a_block_grows(language: str, source: str) -> None:
    """So a page is sent each line once, in colours; only the line that grows has none yet.

    A lexer may see how a comment or a string is meant only when it is closed.
    """
    whole = code.highlighted(source, language)
    stream = IncrementalMarkdown()
    for end in range(40, len(source), 40):
        stream.update(f'```{language}\n{source[:end]}')
        shown = stream.html.removeprefix(code.figure_start(language)).removesuffix(code.FIGURE_END)
        assert content(stream.html).rstrip() == source[:end].rstrip()
        if source.count('"""', 0, end) % 2 == 0:
            assert whole.startswith(shown[: shown.rfind('\n') + 1])


def test_a_line_that_is_sent_is_sent_once() -> None:
    """What a page is sent for a block that grows is little more than its HTML."""
    state, stream = ClientState(), IncrementalMarkdown()
    text = f'```python\n{PYTHON}```\n'
    sent = 0
    for end in range(20, len(text) + 20, 20):
        stream.update(text[:end])
        sent += len(str(state.update(stream)))
    stream.finish()
    assert state.update(stream) is None
    assert stream.html == render(text)
    assert sent < 1.5 * len(stream.html) + 50 * len(text) // 20


def test_code_without_a_safe_line_loses_its_colours_until_it_is_complete() -> None:
    """Looking at all of a comment again would cost more with every line."""
    stream = IncrementalMarkdown()
    text = '```c\nint x;\n/*' + ' word\n' * 2_000
    for end in range(0, len(text), 100):
        stream.update(text[:end])
    stream.update(text)
    assert stream.html.count('tk-') < render(text).count('tk-')
    stream.finish()
    assert stream.html == render(text)


async def test_lexers_that_take_long_are_loaded_beforehand() -> None:
    """In a thread, so that no page waits for them."""
    await code.load_lexers()
    before = code.lexer_of.cache_info().misses
    for language in code.LOADED_WITH_THE_FIRST:
        code.highlighted('x\n', language)
    assert code.lexer_of.cache_info().misses == before
