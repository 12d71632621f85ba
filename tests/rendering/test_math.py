"""Formulas become MathML, or stay readable as source."""

import pytest

from chat.rendering.math import display_formula, formula


def test_a_formula_in_a_line() -> None:
    assert formula(r'x^2') == '<math><msup><mi>x</mi><mn>2</mn></msup></math>'


def test_a_formula_that_stands_by_itself() -> None:
    assert display_formula('x') == '<div class="math-card"><math display="block"><mi>x</mi></math></div>'
    assert (
        display_formula('x', 'span')
        == '<span class="math-card"><math display="block"><mi>x</mi></math></span>'
    )


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
    ],
)
def test_what_people_write_is_set(source: str) -> None:
    assert formula(source, display=True).startswith('<math')


def test_the_number_of_an_equation_is_left_out() -> None:
    assert formula(r'E = mc^2 \tag{1}') == formula('E = mc^2 ')


def test_what_cannot_be_set_is_shown_as_source() -> None:
    assert formula(r'\ce{H2O} <b>') == r'<code class="math-source">\ce{H2O} &lt;b&gt;</code>'


def test_a_label_takes_no_id_of_the_page() -> None:
    html = formula(r'\begin{align} x \label{composer} \end{align}', display=True)
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
        r'\begin{matrix}' * 200,
        '{' + '(x' * 60 + '}' + ')' * 60,
        '(' * 10 + r'\hat)' * 10 + '(' * 10 + r'\big)' * 10 + '(' * 10,
        '((((((((%))))))))\n' * 6,
        r'\newcommand{\a}{((((((((((}' + r'\a' * 6,
    ],
)
def test_a_formula_that_would_hang_or_end_the_program_is_shown_as_source(source: str) -> None:
    assert formula(source).startswith('<code class="math-source">')
