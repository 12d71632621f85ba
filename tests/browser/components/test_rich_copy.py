"""What a part of an answer is in the clipboard, as text and as HTML."""

import pytest
from playwright.async_api import expect

from chat.rendering import render
from tests.support.component_page import Stage

LONG = r'x = \frac{a+b}{c} = \frac{d+e}{f} = \frac{g+h}{i} = \frac{k+l}{m} = n + o'
TABLE = '| Name | Share |\n|---|--:|\n| $x^2$ | 1<br>2 |\n| `a \\| b` | **3** |'

COPY = """([from, to]) => {
    const range = document.createRange();
    range.setStart(...place(from)), range.setEnd(...place(to));
    getSelection().removeAllRanges();
    getSelection().addRange(range);
    const data = new DataTransfer();
    const event = new ClipboardEvent('copy', { clipboardData: data, bubbles: true, cancelable: true });
    const isOurs = !document.body.dispatchEvent(event);
    return isOurs ? [data.getData('text/plain'), data.getData('text/html')] : null;
    function place(selector) {
        const [name, offset] = selector.split('@');
        const element = document.querySelector(name);
        const words = document.createTreeWalker(element, NodeFilter.SHOW_TEXT).nextNode();
        return [offset === undefined ? element : words, offset === undefined ? 0 : Number(offset)];
    }
}"""


async def copied(stage: Stage, markdown: str, start: str = '#start', end: str = '#end') -> list[str] | None:
    """What is copied from one place to another; `None` if the browser does it by itself."""
    html = f'<p id="start"></p>{render(markdown)}<p id="end"></p>'
    await stage.show(f'<div class="prose">{html}</div>')
    return await stage.page.evaluate(COPY, [start, end])


@pytest.mark.parametrize(
    ('markdown', 'text'),
    [
        ('so $x^2+\\frac{a}{b}$ holds', 'so $x^2+\\frac{a}{b}$ holds'),
        ('so\n\n$$\na < b\n$$\n\nholds', 'so\n\n$$a < b$$\n\nholds'),
        (f'so ${LONG}$ holds', f'so ${LONG}$ holds'),
        ('One:\n\n```python\ndef f():\n    pass\n```\n\ntwo', 'One:\n\ndef f():\n    pass\n\ntwo'),
        ('```mermaid\ngraph TD\n```', 'graph TD'),
        (f'One:\n\n{TABLE}\n\ntwo', 'One:\n\nName\tShare\n$x^2$\t1 2\na | b\t3\n\ntwo'),
    ],
    ids=['formula', 'display', 'long', 'code', 'diagram', 'table'],
)
async def test_the_text_of_a_selection(stage: Stage, markdown: str, text: str) -> None:
    found = await copied(stage, markdown)
    assert found
    assert found[0].strip() == text


async def test_the_html_of_a_selection(stage: Stage) -> None:
    """A formula is one MathML with its source, code is plain, and nothing is left of our buttons."""
    found = await copied(stage, f'${LONG}$\n\n```python\npass\n```\n\n{TABLE}')
    assert found
    html = found[1]
    assert html.count('<math') == 2
    assert f'<annotation encoding="application/x-tex">{LONG}</annotation>' in html
    assert '<pre><code>pass\n</code></pre>' in html
    assert '<td style="text-align:right"><strong>3</strong></td>' in html.replace(': ', ':').replace(
        ';"', '"'
    )
    assert not any(word in html for word in ('<button', 'Copy', 'class=', 'data-', 'figcaption'))


async def test_a_formula_is_copied_as_a_whole(stage: Stage) -> None:
    """Also if only a sign of it is selected, or a piece of a long one."""
    assert (await copied(stage, f'so ${LONG}$ holds', 'mn, mi@0', 'mi@1') or [''])[0] == f'${LONG}$'
    assert (await copied(stage, f'so ${LONG}$ holds', 'math:nth-of-type(3)', 'p:last-child') or [''])[
        0
    ].strip() == f'${LONG}$ holds'


async def test_what_the_browser_copies_well_is_left_to_it(stage: Stage) -> None:
    """Words without any of these, a part of some code, and what is in a box."""
    assert await copied(stage, 'Some **words**.') is None
    assert await copied(stage, '```python\ndef f(): ...\n```', 'code@0', 'code@2') is None
    assert await copied(stage, f'Words\n\n{TABLE}', '#start + p@1', '#start + p@3') is None


async def test_cells_stay_a_table(stage: Stage) -> None:
    found = await copied(stage, TABLE, 'tbody td@0', 'tbody tr:last-child td:last-child@1')
    assert found
    assert found[0].strip() == '$x^2$\t1 2\na | b\t3'
    assert found[1].startswith('<table><tbody>')


@pytest.mark.parametrize('has_clipboard', [True, False])
async def test_a_table_is_copied_by_its_button(stage: Stage, has_clipboard: bool) -> None:
    await stage.page.context.grant_permissions(['clipboard-read', 'clipboard-write'])
    if not has_clipboard:
        await stage.page.evaluate('Object.defineProperty(navigator, "clipboard", { value: undefined })')
    await stage.show(
        f'<div class="prose">{render(TABLE)}</div><textarea></textarea><div id="rich" contenteditable></div>'
    )
    button = stage.page.get_by_test_id('table-copy')
    await button.focus()
    await stage.page.keyboard.press('Enter')
    await expect(stage.page.locator('.announcer')).to_have_text('Copied')
    await stage.page.locator('textarea').press('Control+V')
    await expect(stage.page.locator('textarea')).to_have_value('Name\tShare\n$x^2$\t1 2\na | b\t3')
    await stage.page.locator('#rich').press('Control+V')
    await expect(stage.page.locator('#rich table td strong')).to_have_text('3')


async def test_with_the_keys_of_the_browser(stage: Stage) -> None:
    """What is pasted into a box is the text, and into a document what it looked like."""
    await stage.page.context.grant_permissions(['clipboard-read', 'clipboard-write'])
    answer = render('So $x^2$:\n\n```python\npass\n```\n\nThe end.')
    boxes = '<textarea></textarea><div id="rich" contenteditable></div>'
    await stage.show(f'<div class="prose" tabindex="0">{answer}</div>{boxes}')
    prose = stage.page.locator('.prose')
    await prose.evaluate('(prose) => (prose.focus(), getSelection().selectAllChildren(prose))')
    await stage.page.keyboard.press('Control+C')
    await stage.page.locator('textarea').press('Control+V')
    await expect(stage.page.locator('textarea')).to_have_value('So $x^2$:\n\npass\n\nThe end.')
    await stage.page.locator('#rich').press('Control+V')
    await expect(stage.page.locator('#rich pre')).to_have_text('pass')
    await expect(stage.page.locator('#rich button')).to_have_count(0)
