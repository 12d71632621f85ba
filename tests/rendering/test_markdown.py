"""What Markdown looks like, and what it cannot do."""

import re
from html import escape, unescape
from html.parser import HTMLParser

import pytest

from chat.rendering.links import with_file_prefix
from chat.rendering.markdown import image_addresses, normalized, render, render_with_images

VOID = {'br', 'hr', 'img', 'input', 'mspace'}


class Page(HTMLParser):
    """The elements a browser would make of a text; fails if they are not nested well."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self._open: list[str] = []
        self.feed(html)
        self.close()
        assert not self._open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def names(self) -> set[str]:
        return {name for name, _ in self.elements}

    def values(self, attribute: str) -> list[str]:
        return [value for _, attributes in self.elements if (value := attributes.get(attribute))]


@pytest.mark.parametrize(
    'payload',
    [
        '<script>alert(1)</script>',
        '<img src=x onerror=alert(1)>',
        '<style>body{display:none}</style>',
        '<b>bold</b>',
        'List<String> and <iframe src="https://evil.example">',
        '[x](javascript:alert(1))',
        '[x](JaVaScRiPt:alert(1))',
        '[x](java&#115;cript:alert(1))',
        '[x](\x01javascript:alert(1))',
        '[x](java\tscript:alert(1))',
        '<javascript:alert(1)>',
        '[x](data:text/html,<script>alert(1)</script>)',
        '[x](vbscript:msgbox)',
        '[x](file:///etc/passwd)',
        '[x](some-program:open)',
        '[x][y]\n\n[y]: javascript:alert(1)',
        '![x](javascript:alert(1))',
        '![x](https://evil.example/?secret)',
        '![x](//evil.example/pixel.png)',
        '![x](data:image/svg+xml,<svg onload=alert(1)>)',
        '![x](/files/../join/token)',
        '![x](/files/%2e%2e/join/token)',
        '![x](/join/token)',
        '![" onerror="alert(1)](/files/a.png)',
        '[x](https://example.com "\\" onclick=\\"alert(1)")',
        '```"><script>alert(1)</script>\ncode\n```',
        '```python\n</code></pre><script>alert(1)</script>\n```',
        '$\\text{<img src=x onerror=alert(1)>}$',
        '$\\href{javascript:alert(1)}{x}$',
        '$$\\unknown{<script>alert(1)</script>}$$',
        '| <script> |\n|---|\n| <img onerror=x> |',
        '[^<script>]: x\n\n[^<script>]',
        '- [x] <script>alert(1)</script>',
        '# <svg onload=alert(1)>',
    ],
)
def test_what_is_written_cannot_act(payload: str) -> None:
    page = Page(render(payload))
    assert not page.names() & {'script', 'style', 'iframe', 'svg', 'b'}
    assert not [name for _, attributes in page.elements for name in attributes if name.startswith('on')]
    assert all(address.startswith('/files/a') for address in page.values('src'))
    assert all(address.startswith(('http', '/', '#')) for address in page.values('href'))


def test_html_is_shown_as_it_was_written() -> None:
    assert render('a <b>c</b> & d') == '<p>a &lt;b&gt;c&lt;/b&gt; &amp; d</p>\n'


def test_links_open_beside_the_conversation() -> None:
    expected = '<p><a href="https://example.com" target="_blank" rel="noopener noreferrer">here</a></p>\n'
    assert render('[here](https://example.com)') == expected


def test_addresses_become_links_but_file_names_do_not() -> None:
    html = render('See https://example.com。 Then main.py, README.md and a@example.com')
    assert Page(html).values('href') == ['https://example.com', 'mailto:a@example.com']


def test_our_own_files_are_found_where_the_app_is() -> None:
    """What only looks like one of our tags is text, and stays as it was written."""
    html = with_file_prefix(
        render('![x](/files/a) [y](/files/b) `<img src="/files/c">` [z](https://d/files/e)'), '/ai'
    )
    page = Page(html)
    assert page.values('src') == ['/ai/files/a']
    assert page.values('href') == ['/ai/files/b', 'https://d/files/e']
    assert '"/files/c"' in unescape(html)


def test_our_own_files_are_shown() -> None:
    assert '<img src="/files/3fa9.png" alt="a &lt;cat&gt;" loading="lazy">' in render(
        '![a <cat>](/files/3fa9.png)'
    )


def test_an_image_from_elsewhere_is_a_link() -> None:
    html = render('![a cat](https://example.com/cat.png) ![](https://example.com/dog.png)')
    assert 'img' not in Page(html).names()
    assert '>Image: a cat</a>' in html
    assert '>Image: https://example.com/dog.png</a>' in html


def test_an_image_that_was_loaded_is_shown() -> None:
    """By its address as it is in the link; in a link an image is only its words."""
    text = '![a "cat"](https://e.example/c.png?a=1&b=ü) [![x](https://e.example/x.png)](https://e.example)'
    (url,) = {each for each in image_addresses(text) if 'c.png' in each}
    assert f'href="{escape(url)}"' in render(text)
    html = render_with_images(text, {url: '1', 'https://e.example/x.png': '2'})
    assert '<img src="/files/1" alt="a &quot;cat&quot;" loading="lazy">' in html
    assert '/files/2' not in html
    assert render(text) != html


def test_only_images_of_the_web_can_be_loaded() -> None:
    text = '![a](ftp://e.example/a.png) ![b](b.png) ![c](//e.example/c.png) ![d](/files/1) ![e](mailto:e)'
    assert image_addresses(text) == set()
    assert 'image-link' not in render(text)


def test_an_image_that_is_a_link_is_one_link() -> None:
    html = render('*[![badge](https://example.com/b.svg)](https://example.com/project)*')
    assert Page(html).values('href') == ['https://example.com/project']
    assert '>badge</a>' in html


@pytest.mark.parametrize(
    'text',
    [
        'It costs $5 and $10.',
        'US$ 680',
        '**$1.50**',
        '$10, US$ 680, **$1.50**',
        'between $5M and $10M, or $5-$10',
        '\\$x$ and `$y$`',
        'a $ 5 $ c',
        'from $ 5 to $ 10 or $ 20',
        'worth $$$ or $$',
        'the $ sign = a dollar $ sign',
    ],
)
def test_dollars_are_money(text: str) -> None:
    assert '<math' not in render(text)
    assert 'math-source' not in render(text)


@pytest.mark.parametrize(
    'text',
    [
        'echo "$A"  # then\necho "$B" again',
        'if [ "$x" = "" ]; then y="$z"; fi',
        "echo '$A' and\necho '$B'",
        'PATH=$HOME/bin:$PATH',
        'cp ${A}-${B} there',
        'my $x = $y;',
        "$('#a'), $('#b')",
        '^[a-z]+$, ^[0-9]+$ or ^a$|^b$',
        '/^a$/ or /^b$/',
        'a `$` and `$`',
    ],
)
def test_dollars_are_shell_or_a_regular_expression(text: str) -> None:
    html = render(text)
    assert '<math' not in html
    assert 'math-source' not in html
    assert html.count('$') == text.count('$')


@pytest.mark.parametrize(
    'text',
    [
        '$x$',
        '$x$ is 5',
        'is $x^2$.',
        r'\(x\)',
        '中文$x$中文',
        '**$x$**',
        '- $x$',
        '$ x = 4 $',
        'Let $ k $ be',
        r'$ \frac{a}{b} $',
        '$`a+b`$',
        r'so \boxed{B}',
        r'\boxed{\text{a {b}}}',
        r'$\text{if $x>0$}$',
        "$f'(x)$ and\n$f''$",
        '$k$NN',
    ],
)
def test_formulas_in_a_line(text: str) -> None:
    assert re.search('<math[^>]*><m', html := render(text))
    assert '$' not in re.sub('<[^>]*>', '', html)


@pytest.mark.parametrize(
    'text',
    [
        '$$x$$',
        '$$\nx\n$$',
        r'\[ x \]',
        '\\[\nx\n\\]',
        'text\n$$\nx\n$$\ntext',
        '- item\n\n  $$\n  x\n  $$',
        '> \\[\n> x\n> \\]',
        '\\[\n\nx\n\n\\]',
        '$$\n\nx\n\n$$',
        '- item\n\n  \\[\n\n  x\n\n  \\]',
        '```math\nx\n```',
    ],
)
def test_formulas_that_stand_by_themselves(text: str) -> None:
    assert '<div class="math-card"><math data-tex="x" display="block"><mi>x</mi></math></div>' in render(text)


@pytest.mark.parametrize('environment', ['align', 'align*', 'equation*', 'gather*', 'cases', 'pmatrix'])
def test_an_environment_needs_no_marks(environment: str) -> None:
    source = f'\\begin{{{environment}}}\nx\n\\end{{{environment}}}'
    html = render(f'So:\n{source}\nand')
    assert html.startswith('<p>So:</p>\n<div class="math-card"><math ')
    assert render(f'so {source} holds').startswith('<p>so <span class="math-card"><math ')


def test_the_source_of_a_document_is_no_formula() -> None:
    assert 'math' not in render('\\begin{document}\nx\n\\end{document}')


def test_blank_lines_belong_to_a_formula_only_where_no_sentence_follows() -> None:
    html = render('\\[\nx\n\nThis is some text.\n\n\\[\ny\n\\]')
    assert html.count('<math') == 1
    assert '<p>This is some text.</p>' in html


def test_a_fence_of_mathematics_that_cannot_be_set_is_code() -> None:
    assert '<code>\\unknown\n</code>' in render('```math\n\\unknown\n```')


def test_the_lines_of_a_formula_are_no_list() -> None:
    html = render('It follows:\n$$\na\n+ b\n- c\n$$')
    assert Page(html).names() == {'p', 'div', 'math', 'mi', 'mo'}


def test_a_large_formula_within_a_sentence_stays_in_its_paragraph() -> None:
    assert render('so $$x$$ holds').startswith('<p>so <span class="math-card"><math ')


@pytest.mark.parametrize(
    'text', ['$$\nx\n\ny', r'\[ x', r'\( x', '$$', '$$$$', r'\[\]', r'\(\)', r'\boxed{', r'\begin{align}']
)
def test_a_formula_without_end_is_text(text: str) -> None:
    assert 'math' not in render(text)


def test_a_table_can_be_scrolled_by_keyboard() -> None:
    html = render('| a | b |\n|---|--:|\n| 1 | `x \\| y` |')
    assert (
        '<div class="table-scroll" tabindex="0" role="region" aria-label="Table" dir="auto"><table>' in html
    )
    assert html.endswith('</table></div></div>\n')
    assert '<code>x | y</code>' in html


def test_a_table_may_follow_a_line_and_lack_cells() -> None:
    html = render('Like this:\n| a | b |\n|---|---|\n| 1 |')
    assert html.startswith('<p>Like this:</p>\n<div class="table-card">')
    assert html.count('<td>') == 2


@pytest.mark.parametrize('text', ['- \u05d0', '1. \u05d0', '> \u05d0', '| \u05d0 |\n|---|'])
def test_lists_quotes_and_tables_run_as_their_first_letter(text: str) -> None:
    assert Page(render(text)).values('dir') == ['auto']


def test_tasks() -> None:
    html = render('- [x] done\n- [ ] to do')
    assert html.count('type="checkbox"') == html.count('disabled') == 2
    assert html.count('checked') == html.count('aria-label="Done"') == html.count('aria-label="To do"') == 1


def test_a_list_that_begins_high_has_room_for_its_numbers() -> None:
    assert '<ol start="1000" class="long-numbers"' in render('1000. a')
    assert 'class' not in render('899. a')


def test_lists_in_lists() -> None:
    assert render('1. a\n   - b\n     1. c\n\n   d').count('<li>') == 3
    assert 'deepest' in render(
        ''.join(f'{"  " * depth}- item\n' for depth in range(30)) + '\nand the deepest end'
    )


def test_footnotes_lead_there_and_back() -> None:
    page = Page(render('A claim.[^1]\n\n[^1]: The proof.'))
    assert {address.removeprefix('#') for address in page.values('href')} <= set(page.values('id'))


def test_footnotes_of_two_texts_on_one_page_are_not_mixed_up() -> None:
    first, second = (Page(render(f'{word}[^1]\n\n[^1]: note')) for word in ('one', 'two'))
    assert not set(first.values('id')) & set(second.values('id'))


@pytest.mark.parametrize(
    ('text', 'html'),
    [
        ('**bold', '<p>**bold</p>\n'),
        ('- a\n- ', '<ul dir="auto">\n<li>a</li>\n<li></li>\n</ul>\n'),
        ('| a |\n| ', '<p>| a |<br>\n|</p>\n'),
        ('[link](/c/', '<p>[link](/c/</p>\n'),
        ('', ''),
        ('**注意** 中文 *强调*。', '<p><strong>注意</strong> 中文 <em>强调</em>。</p>\n'),
        ('~~no~~ line  \nbreak', '<p><s>no</s> line<br>\nbreak</p>\n'),
    ],
)
def test_unfinished_and_foreign_text(text: str, html: str) -> None:
    assert render(text) == html


@pytest.mark.parametrize(
    'text',
    [
        'Snow on the roof,\nwind in the tree',
        '• milk\n• bread',
        '- **Address**\n  12 Long Street',
        '> Line one\n> Line two',
        '1. a\nlazy',
    ],
)
def test_a_line_end_within_a_paragraph_is_one(text: str) -> None:
    assert render(text).count('<br>\n') == 1


@pytest.mark.parametrize(
    ('text', 'html'),
    [
        ('**結論：**明日行きます。', '<strong>結論：</strong>明日'),
        ('これは**「大事」**です。', 'これは<strong>「大事」</strong>です'),
        ('값은**약 20%**입니다.', '값은<strong>약 20%</strong>입니다'),
        ('**“引用”**很重要', '<strong>“引用”</strong>很'),
        ('他说**“好”**然后**走**了', '他说<strong>“好”</strong>然后<strong>走</strong>了'),
        ('価格は**¥100**です', '価格は<strong>¥100</strong>です'),
        ('由**`n`**决定', '由<strong><code>n</code></strong>决定'),
        ('由**$n$**决定', '由<strong><math data-tex="n"><mi>n</mi></math></strong>决定'),
        ('*斜め。*文', '<em>斜め。</em>文'),
        ('~~取消。~~しました', '<s>取消。</s>しました'),
        ('**（注）**と**（例）**を', '<strong>（注）</strong>と<strong>（例）</strong>を'),
        ('**Note:**text 2 * 3 * 4 中 * 文', '**Note:**text 2 * 3 * 4 中 * 文'),
        ('中_文_字', '中_文_字'),
    ],
)
def test_emphasis_beside_chinese_japanese_and_korean(text: str, html: str) -> None:
    assert html in render(text)


def test_bars_in_code_and_formulas_split_no_row() -> None:
    html = render('| q | m |\n|---|---|\n| $|v|$ | `a || b` |\n| $\\|v\\|$ | `c \\| d` |\n| \\(|w|\\) | $5 |')
    assert html.count('<td>') == 6
    assert html.count('<mo stretchy="false" lspace="0" rspace="0">‖</mo>') == 2
    assert '<code>a || b</code>' in html
    assert '<code>c | d</code>' in html
    assert '<td>$5</td>' in html


def test_the_cells_that_a_row_has_more_than_the_header_are_shown() -> None:
    html = render('| a | b |\n|---|---|\n| 1 | 2 | 3 | `4` |\n| 1 | 2 |\n5 | 6 | 7')
    assert '<td>2 | 3 | <code>4</code></td>' in html
    assert '<td>6 | 7</td>' in html
    assert html.count('<td>') == 6


def test_a_definition_of_a_link_that_is_not_used_is_shown_where_it_stands() -> None:
    html = render(
        'Sources:\n\n[1]: https://a.example/x "First"\n[2]: https://b.example\n\nMore, see [it][2].'
    )
    assert Page(html).values('href') == ['https://a.example/x', 'https://b.example']
    assert '[1]: <a href="https://a.example/x"' in html
    assert '>First</a> (https://a.example/x)</p>\n<p>More' in html
    assert '[2]' not in html


def test_a_footnote_to_which_nothing_refers_is_shown_where_it_stands() -> None:
    html = render('As shown [1].\n\n[^1]: Smith, *A book*\n\nEnd.')
    assert '<div class="definition">\n<p>[^1]: Smith, <em>A book</em></p>\n</div>\n<p>End.</p>' in html


def test_a_regular_expression_is_no_footnote() -> None:
    assert '^[0-9]{4}' in render('Type ^[0-9]{4} for a year.')


@pytest.mark.parametrize(
    ('text', 'html'),
    [
        ('H<sub>2</sub>O', 'H<sub>2</sub>O'),
        ('<kbd>Ctrl</kbd>+<kbd>S</kbd>', '<kbd>Ctrl</kbd>+<kbd>S</kbd>'),
        ('a <mark>**b**</mark> <U>c</U>', 'a <mark><strong>b</strong></mark> <u>c</u>'),
        ('a<br>b<br/>c', 'a<br>\nb<br>\nc'),
        ('a<!-- not shown -->b', '<p>ab</p>'),
        ('<sub>a', '&lt;sub&gt;a'),
        ('a</sub>', 'a&lt;/sub&gt;'),
        ('*a <sub>b* c</sub>', '*a <sub>b* c</sub>'),
        ('<sub class="x">a</sub>', '&lt;sub class=&quot;x&quot;&gt;'),
        ('`<sub>a</sub>`', '<code>&lt;sub&gt;a&lt;/sub&gt;</code>'),
    ],
)
def test_a_few_elements_of_html(text: str, html: str) -> None:
    assert html in render(text)
    Page(render(text))


@pytest.mark.parametrize(
    'text', ['<!-- a -->\n\nText', 'Text\n<!--\na\n\nb -->', '<!-- a --> \n- <!-- b -->']
)
def test_comments_disappear(text: str) -> None:
    assert '--' not in render(text)
    assert '<p></p>' not in render(text)


def test_what_is_folded_is_markdown() -> None:
    text = '<details>\n<summary>The **answer**</summary>\n\n- 42\n\n</details>\nEnd'
    head = '<details>\n<summary>The <strong>answer</strong></summary>\n'
    folded = f'{head}<ul dir="auto">\n<li>42</li>\n</ul>\n</details>\n'
    assert render(text) == folded + '<p>End</p>\n'
    assert render(text.partition('</details>')[0]) == folded
    assert (
        render('<details><summary>a</summary>\n<details>\nb\n</details>\nc\n</details>').count('<details>')
        == 2
    )


@pytest.mark.parametrize('kind', ['NOTE', 'tip', 'IMPORTANT', 'WARNING', 'CAUTION'])
def test_a_quote_may_be_a_callout(kind: str) -> None:
    html = render(f'> [!{kind}]\n> Hot.\n>\n> Very.')
    head = f'<blockquote class="callout {kind.lower()}" data-testid="callout" dir="auto">\n'
    title = f'<p class="callout-title"><bdi>{kind.capitalize()}</bdi></p>\n'
    assert html == head + title + '<p>Hot.</p>\n<p>Very.</p>\n</blockquote>\n'
    assert render(f'> [!{kind}] words').startswith('<blockquote dir="auto">\n<p>[!')


@pytest.mark.parametrize(
    ('text', 'address'),
    [
        ('见 https://example.com/a。谢谢', 'https://example.com/a'),
        ('\uff08https://example.com/b\uff09', 'https://example.com/b'),
        ('https://example.com/d、次', 'https://example.com/d'),
        ('~~https://example.com/e~~', 'https://example.com/e'),
        ('**https://example.com/f**です', 'https://example.com/f'),
        ('“https://example.com/g”', 'https://example.com/g'),
        ('www.example.com/h.', 'https://www.example.com/h'),
        ('(see www.example.com)', 'https://www.example.com'),
        ('https://example.com/~user/a_(b)', 'https://example.com/~user/a_(b)'),
    ],
)
def test_a_bare_address_ends_where_its_sentence_does(text: str, address: str) -> None:
    assert Page(render(text)).values('href') == [address]


def test_a_link_within_the_text_leads_to_its_heading() -> None:
    html = render('- [Intro](#intro)\n- [Was ist](#was-ist-das)\n\n## Intro\n\n### Was *ist* das?')
    page = Page(html)
    assert page.values('href') == [f'#{name}' for name in page.values('id')]
    assert '_blank' not in html


def test_a_link_to_a_page_that_is_not_here_is_text() -> None:
    html = render('[Guide](docs/guide.md), [home](/c/1) and ![plan](plan.png), but [a file](/files/a.md)')
    assert Page(html).values('href') == ['/files/a.md']
    assert 'Guide (docs/guide.md), home (/c/1) and Image: plan (plan.png)' in html


def test_line_ends_of_all_kinds_are_one() -> None:
    assert normalized('a\r\nb\rc\fd\x1ce\x85f\u2028g\u2029h') == 'a\nb\nc\nd\ne\nf\ng\nh'


@pytest.mark.parametrize(
    'mark',
    [
        '[',
        '![',
        '> ',
        '- ',
        '*a ',
        '$',
        r'\(',
        r'\[',
        '`a``',
        '(',
        '<',
        '_a__b',
        '| ',
        r'\boxed{',
        '$`',
        '$ ',
        '<!-- ',
        '<!--\n',
        '<sub>',
        'www.',
    ],
)
def test_a_mark_repeated_without_end_does_no_harm(mark: str) -> None:
    assert render(mark * 500 + '\n\nend').endswith('<p>end</p>\n')


def test_half_a_character_does_no_harm() -> None:
    assert render('[\ud800](https://example.com/\ud800) $\ud800$ \ud800[^1]\n\n[^1]: \ud800')


@pytest.mark.parametrize(
    'text',
    [
        '2*3*4 = 24',
        'a*b*c = 2*x*y',
        '$A$1:$B$2 and =SUM($A$1:$A$10)',
        '2**10 and **kwargs',
        'a[i] = b[k](x)',
        'f(x)[0](y)',
    ],
)
def test_programs_and_numbers_keep_their_signs(text: str) -> None:
    assert render(text) == f'<p>{text}</p>\n'


@pytest.mark.parametrize('mark', ['_', '*', '__', '**'])
def test_marks_around_an_address_are_no_part_of_it(mark: str) -> None:
    assert '>https://example.com/z</a></' in render(f'{mark}https://example.com/z{mark} ok')


def test_an_image_that_is_its_own_address_is_shown() -> None:
    """Nobody is asked for it; other data stays text."""
    assert '<img src="data:image/png;base64,iVBORw0KGgo=" alt="dot"' in render(
        '![dot](data:image/png;base64,iVBORw0KGgo=)'
    )
    assert '<a' not in render('[dot](data:image/png;base64,iVBORw0KGgo=)')
    assert '<img' not in render('![dot](data:image/svg+xml;base64,iVBORw0KGgo=)')


def test_bold_words_of_a_summary_are_bold() -> None:
    assert '<summary><strong>Answer</strong></summary>' in render(
        '<details>\n<summary><b>Answer</b></summary>\n\nx\n\n</details>'
    )


def test_a_part_of_a_word_may_be_emphasized_from_its_start() -> None:
    assert render('the *verb*s') == '<p>the <em>verb</em>s</p>\n'
