"""Formulas become MathML, or stay readable as they were written."""

import re
from html import escape
from time import process_time

import pytest

from chat.rendering.markdown import render
from chat.rendering.math import display_formula, formula, is_safe_formula, mathml
from tests.support.calls import calls_of

PLAIN = str.maketrans({'\N{MINUS SIGN}': '-', '\N{MULTIPLICATION SIGN}': 'x', '\N{PRIME}': "'", '\xa0': ' '})


def words(source: str) -> str:
    """The signs of a formula, without its structure."""
    return re.sub('<[^>]*>', '', mathml(source, True)).translate(PLAIN)


def without_source(html: str) -> str:
    """A formula without what is put into the clipboard of it."""
    return re.sub(' data-tex="[^"]*"', '', html)


def test_a_formula_in_a_line() -> None:
    html = '<math data-tex="x^2"><msup><mi>x</mi><mn>2</mn></msup></math>'
    assert formula(r'x^2', '$x^2$') == html


def test_a_formula_that_stands_by_itself() -> None:
    inside = '<math data-tex="x" display="block"><mi>x</mi></math>'
    assert display_formula('x', '$$x$$') == f'<div class="math-card">{inside}</div>'
    assert display_formula('x', '$$x$$', 'span') == f'<span class="math-card">{inside}</span>'


@pytest.mark.parametrize(
    'source',
    [
        r'\begin{aligned} a &= b \\ c &= d \end{aligned}',
        r'\begin{pmatrix} \cos(\theta) & -\sin(\theta) \\ \sin(\theta) & \cos(\theta) \end{pmatrix}',
        r'\sum_{i=1}^{n} \left( \frac{1}{i} \right)',
        r'[0, 1) \cup (2, 3]',
        r'f(g(h(x)))',
        r'\bigl( \lfloor x \rfloor \bigr)',
        '(x)' * 100,
        '中文',
        r'2x = 8 \implies x = 4 \iff x_1, \ldots, x_n',
        r'17 \equiv 2 \pmod{5}, \quad 17 \bmod 5 = 2, \quad 3 \mod 2',
        r'\bra{u} A \ket{v} \textcolor{blue}{a} \fbox{b} \surd 2 \nleqq \mathstrut',
        r'\sum_{\substack{i < n \\ i \ne j}} a_i',
        r'\begin{split} a &= b \end{split}',
        r'\begin{alignat}{2} 10&x+&3&y=2 \\ 3&x+&13&y=4 \end{alignat}',
        r'\left(\begin{smallmatrix} a & b \\ c & d \end{smallmatrix}\right)',
        r'\begin{bmatrix*}[r] 1 & -2 \\ 10 & 3 \end{bmatrix*}',
        r'\begin{eqnarray} a &=& b \end{eqnarray}',
        r'\begin{array}{@{}l p{3cm}@{}} a & b \end{array}',
        r'\widetilde{AB} \pmb{\mu} \mathbbm{1} \abs{x} \norm{v} \smallsetminus x, \dotsc, y \dotsb',
        r'\gamma*(v/d) \cr \hspace7ex \large x \color{#00F} y',
        r'\left< x \right> \text{a_b & 50\%}',
        '√2 + √(x) + ∛8 ⊥ ∠ABC ∅ ∴ ⟟ &lt;',
        r'a &= b \\ c &= d',
        r'\mathclap{x} \rule{1em}{2pt} \smash[b]{x}',
    ],
)
def test_what_people_write_is_set(source: str) -> None:
    assert mathml(source, True).startswith('<math')
    assert '<math ' in mathml(source, False)


@pytest.mark.parametrize(
    ('source', 'shown'),
    [
        (r'\text{if $x>0$ then}', 'if x&gt;0 then'),
        (r'\text{if \(x\)}', 'if x'),
        (r'\mbox{for all } x', 'for all x'),
        (r'\text{a_b}', 'a_b'),
        ('√12', '12'),
        ('100% x', '100%x'),
        (r'\SI{3.0e8}{m/s}', '3.0x108m/s'),
        (r'\SI{9.81}{\meter\per\second\squared}', '9.81ms-2'),
        (r'\qty{5}{\kilo\gram}', '5kg'),
        (r'\si{\joule\per\mole\per\kelvin}', 'Jmol-1K-1'),
        (r'\num{1.2e-3}', '1.2x10-3'),
        (r'\ang{30;15;}', "30∘15'"),
        (r'\SI{25}{\degreeCelsius}', '25∘C'),
        (r'\ce{H2O}', 'H2O'),
        (r'\ce{SO4^2-}', 'SO42-'),
        (r'\ce{CuSO4.5H2O}', 'CuSO4⋅5H2O'),
        (r'\ce{2H2 + O2 -> 2H2O}', '2H2+O2 → 2H2O'),
        (r'\ce{Fe^{3+} + 3OH- -> Fe(OH)3 v}', 'Fe3++3OH- → Fe(OH)3↓'),
        (r'\ce{CaCO3(s) ->[\Delta] CaO(s) + CO2 ^}', 'CaCO3(s) →Δ CaO(s)+CO2↑'),
        (r'\ce{N2 + 3H2 <=> 2NH3}', 'N2+3H2 ⇌ 2NH3'),
        (r'\ce{[Cu(NH3)4]^2+}', '[Cu(NH3)4]2+'),
        (r'\ce{CH3-CH=CH2}', 'CH3-CH=CH2'),
        (r'K_{sp} = [\ce{Ag+}][\ce{Cl-}]', 'Ksp=[Ag+][Cl-]'),
    ],
)
def test_it_says_what_was_meant(source: str, shown: str) -> None:
    assert words(source) == shown


def test_the_numbers_of_atoms_are_below_and_charges_above() -> None:
    html = mathml(r'\ce{SO4^2-}', False)
    assert without_source(html).startswith(
        '<math><msubsup><mrow><mspace/><mi>SO</mi></mrow><mn>4</mn><mrow><mn>2</mn>'
    )


@pytest.mark.parametrize(
    'source', [r'E = mc^2 \tag{1}', r'a \\ b \tag{1}', r'\begin{aligned} a &= b \end{aligned} \tag{1}']
)
def test_an_equation_has_its_number(source: str) -> None:
    assert words(source).endswith('(1)')
    assert '<mtext>(1)</mtext>' in mathml(source, False)


def test_a_number_with_a_star_has_no_brackets() -> None:
    assert words(r'E = mc^2 \tag*{A}') == 'E=mc2A'


def test_blank_lines_in_a_formula_begin_new_rows() -> None:
    assert mathml('a = 1\n\nb = 2', True).count('<mtr>') == 2


@pytest.mark.parametrize(
    ('text', 'written'),
    [
        (r'so $\unknown{<b>}$ is', r'$\unknown{&lt;b&gt;}$'),
        (r'so \(\unknown\) is', r'\(\unknown\)'),
        (r'so $$ \unknown $$ is', r'$$ \unknown $$'),
        ('$$\n\\unknown\n  x\n$$', '$$\n\\unknown\n  x\n$$'),
        ('\\begin{align}\n\\unknown\n\\end{align}', '\\begin{align}\n\\unknown\n\\end{align}'),
        (r'$\newcommand{\a}{b} \a$', r'$\newcommand{\a}{b} \a$'),
        (r'$\def\a{b} \a$', r'$\def\a{b} \a$'),
        (r'$\href{https://example.com}{x}$', r'$\href{https://example.com}{x}$'),
        (r'$\begin{foo}x\end{foo}$', r'$\begin{foo}x\end{foo}$'),
    ],
)
def test_what_cannot_be_set_is_shown_as_it_was_written(text: str, written: str) -> None:
    assert f'<code class="math-source">{written}</code>' in render(text)


@pytest.mark.parametrize('command', [r'\text', r'\smash', r'\mathclap', r'\colorbox{red}', r'\rule{1em}'])
def test_no_text_of_a_formula_becomes_an_element(command: str) -> None:
    """The serializer of latex2mathml would let it through; it is only asked after math-core has refused."""
    html = render(rf'$\mathclap{{a}} {command}{{<img src=x onerror=alert(1)>&lt;img&gt;}}$')
    assert '<img' not in html


@pytest.mark.parametrize('command', [r'\href{javascript:alert(1)}', r'\class{chat}', r'\style{color:red}'])
def test_no_formula_has_links_or_styles_of_its_own(command: str) -> None:
    assert mathml(rf'\mathclap{{a}} {command}{{x}}', False) == ''


def test_a_long_formula_in_a_line_may_break_before_its_outer_relations() -> None:
    html = mathml(r'f(x) = \frac{a = b}{2} + x^2 + 3x + 4 = (x + 1)(x + 3) \le 12 \implies x \ge 1', False)
    pieces = without_source(html).split('</math><math>')
    assert [re.sub('<[^>]*>', '', piece)[0] for piece in pieces] == ['f', '=', '=', '≤', '⟹', '≥']
    assert '</math><math' not in mathml('f(x) = 2', False)
    assert '</math><math' not in mathml('a = b = c = d = e = f = g = h = i = j = k = l', True)


def test_a_formula_says_what_it_is_made_of() -> None:
    """The whole is in the first piece of a long one; it is put into the clipboard."""
    assert mathml(' a <"b" ', False).startswith('<math data-tex="a &lt;&quot;b&quot;">')
    long = r'x = \frac{a+b}{c} = \frac{d+e}{f} = \frac{g+h}{i} = \frac{k+l}{m} = n + o'
    assert re.findall('data-tex="([^"]*)"', mathml(long, False)) == [long, '', '', '', '', '']


def test_a_long_formula_without_a_relation_can_be_scrolled() -> None:
    html = mathml('(a + b + c + d + e + f + g + h + i + j + k + l + m + n + o + p)', False)
    assert html.startswith('<span class="math-scroll"><math ')
    assert mathml('a_1, a_2, a_3, a_4, a_5, a_6, a_7, a_8, a_9', False).count('<math ') == 9


def test_a_label_takes_no_id_of_the_page() -> None:
    html = mathml(r'\begin{align} x \label{composer} \end{align}', True)
    assert 'id="formula-composer"' in html


@pytest.mark.parametrize(
    'source',
    [
        '(' * 100,
        '(x' * 60,
        r'\bigl[' * 60,
        r'\lfloor ' * 60,
        '⟨' * 60,
        '{' * 5_000,
        r'\sqrt{' * 900,
        r'\hat' * 50_000,
        'x!' * 10_000,
        r'\ldots' * 100_000,
        r'\begin{matrix}' * 200,
        '{' + '(x' * 60 + '}' + ')' * 60,
        '(' * 10 + r'\hat)' * 10 + '(' * 10 + r'\big)' * 10 + '(' * 10,
        '((((((((%))))))))\n' * 6,
        r'\newcommand{\a}{((((((((((}' + r'\a' * 6,
        r'\DeclareMathOperator{\a}{((((((((((}' + r'\a' * 6,
        r'\ce{' + '(((((' * 40 + '}',
        r'\ce{' * 50,
        r'\text{' * 400 + '$',
        '√(' * 60,
        r'\tag{' * 300,
    ],
)
def test_a_formula_that_would_hang_or_end_the_program_is_shown_as_source(source: str) -> None:
    formula('x', 'x')  # imports what it needs
    shown = list[str]()
    assert calls_of(lambda: shown.append(formula(source, source))) < 5_000
    assert shown[0].startswith('<code class="math-source">')


@pytest.mark.parametrize(
    'macro', ['bra', 'ket', 'Bra', 'Braket', 'pmod', 'set', 'Set', 'abs', 'norm', 'dv', 'substack']
)
def test_a_macro_within_itself_costs_little(macro: str) -> None:
    mathml('x', True)  # imports what it needs
    assert calls_of(lambda: mathml(f'\\{macro}{{x}}{{y}}' * 100, True)) < 20_000
    assert calls_of(lambda: mathml(f'\\{macro}{{' * 39 + 'x' + '}{y}' * 39, True)) < 40_000


@pytest.mark.parametrize(
    'source', ['(' * 10 + ')' * 10, '((x))' * 100, '{' * 39 + '}' * 39, '\uff08x\uff09' * 20]
)
def test_brackets_that_close_do_no_harm(source: str) -> None:
    assert is_safe_formula(source)


def test_the_guard_is_cheaper_than_the_work() -> None:
    """Of what answers hold; the walk over tokens is for what has many brackets."""
    sources = [
        rf'f(x_{{{n}}}) = \frac{{{n}}}{{2}} \cdot \left( x^2 + \sqrt{{{n}}} \right)' for n in range(2_000)
    ]
    begin = process_time()
    for source in sources:
        is_safe_formula(source)
    guarded = process_time() - begin
    for source in sources:
        mathml(source, False)
    assert guarded < (process_time() - begin - guarded) / 2


@pytest.mark.parametrize('text', ['$$$', '$$$x', 'a $$$$ b'])
def test_a_run_of_dollars_is_text(text: str) -> None:
    assert render(text) == f'<p>{text}</p>\n'


def test_the_last_dollar_of_a_run_may_begin_a_formula() -> None:
    assert render('$$$x$') == '<p>$$<math data-tex="x"><mi>x</mi></math></p>\n'


def test_a_run_of_dollars_costs_no_more_than_words() -> None:
    words = calls_of(lambda: render('word and others, so on. ' * 2_000))
    assert calls_of(lambda: render('$' * 48_000)) < 2 * words


@pytest.mark.parametrize('written', ['$\\\\$', '\\[\\\\\\]', '\\[ \\label{x} \\]'])
def test_a_formula_of_which_nothing_can_be_seen_is_shown_as_it_was_written(written: str) -> None:
    html = render(written)
    assert '<math' not in html
    assert escape(written, quote=False) in html


def test_a_percent_sign_in_a_formula_of_one_line_begins_no_comment() -> None:
    assert '<mi>%</mi><mn>5</mn>' in render('$17 % 5$')


def test_a_link_without_an_address_is_its_words() -> None:
    assert render('[words]() and [x](<>)') == '<p>words and x</p>\n'


@pytest.mark.parametrize(('source', 'base', 'prime'), [("f'(x)", 'f', '\u2032'), (r"y''", 'y', '\u2033')])
def test_a_prime_stands_beside_its_letter(source: str, base: str, prime: str) -> None:
    """It is no exponent, which browsers would draw small and far above."""
    assert f'<mrow><mi>{base}</mi><mo lspace="0" rspace="0">{prime}</mo></mrow>' in render(f'${source}$')
