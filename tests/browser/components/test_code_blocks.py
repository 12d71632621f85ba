"""What is done with a block of code besides copying it, and tables that are wider than the column."""

import pytest
from playwright.async_api import expect

from chat.rendering import render
from tests.support.component_page import Stage

LONG_LINE = 'x = ' + ' + '.join(f'number_{place}' for place in range(60))
WIDE_ROW = '| ' + ' | '.join(f'column {place}' for place in range(30)) + ' |'
WIDE_TABLE = f'{WIDE_ROW}\n{"|---" * 30}|\n{WIDE_ROW}'


def prose(*blocks: str) -> str:
    """An answer of these blocks."""
    text = '\n\n'.join(blocks)
    return f'<div class="prose">{render(text)}</div>'


@pytest.mark.parametrize(
    ('info', 'name'),
    [
        ('python', 'code.py'),
        ('python:src/app.py', 'app.py'),
        ('{python}', 'code.py'),
        ('toml', 'code.toml'),
        ('', 'code.txt'),
        ('dockerfile', 'Dockerfile'),
        ('sh:../../..', 'code.sh'),
        ('javascript:a\\b<c>.js', 'bc.js'),
    ],
)
async def test_code_is_saved_as_a_file(stage: Stage, info: str, name: str) -> None:
    await stage.show(prose(f'```{info}\nif 1 < 2:\n\tü\n```'))
    async with stage.page.expect_download() as downloading:
        await stage.page.get_by_test_id('code-download').press('Enter')
    download = await downloading.value
    assert download.suggested_filename == name
    assert (await download.path()).read_bytes() == 'if 1 < 2:\n\tü\n'.encode()


async def test_lines_are_wrapped_and_not(stage: Stage) -> None:
    """A block that grows is made anew when it ends, and stays as it was."""
    block = f'```python\n{LONG_LINE}\n```\n'
    await stage.show(prose(block + block))
    button = stage.page.get_by_test_id('code-wrap').nth(1)
    await expect(button).to_have_attribute('aria-pressed', 'false')
    widths = '() => [...document.querySelectorAll("pre")].map((each) => each.scrollWidth > each.clientWidth)'
    assert await stage.page.evaluate(widths) == [True, True]
    await button.press('Enter')
    await expect(button).to_have_attribute('aria-pressed', 'true')
    assert await stage.page.evaluate(widths) == [True, False]
    await stage.page.locator('figure').nth(1).evaluate('(old, html) => (old.outerHTML = html)', render(block))
    await expect(button).to_have_attribute('aria-pressed', 'true')
    assert await stage.page.evaluate(widths) == [True, False]
    await button.press('Enter')
    await expect(button).to_have_attribute('aria-pressed', 'false')
    assert await stage.page.evaluate(widths) == [True, True]


async def test_the_line_that_is_read_stays_where_it_is(stage: Stage) -> None:
    lines = '\n'.join(f'line_{number} = ' + 'some_name + ' * 40 for number in range(100))
    scroller = '<div class="scroller" style="height: 400px"><div class="thread">'
    await stage.show(f'{scroller}{prose("```python", lines, "```")}</div></div>')
    await stage.page.locator('.scroller').evaluate('(it) => (it.scrollTop = -1000)')
    box = await stage.page.locator('figcaption').bounding_box()
    assert box
    read = """([x, y]) => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => {
        const { offsetNode, offset } = document.caretPositionFromPoint(x, y);
        const code = document.querySelector('code');
        const range = document.createRange();
        range.setStart(code, 0), range.setEnd(offsetNode, offset);
        done(range.toString().split('\\n').length);
    })))"""
    point = [box['x'] + 20, box['y'] + box['height'] + 8]
    first = await stage.page.evaluate(read, point)
    await stage.page.get_by_test_id('code-wrap').press('Enter')
    assert await stage.page.evaluate(read, point) == first > 20


async def test_the_head_of_a_long_block_stays_in_sight(stage: Stage) -> None:
    block = '```python\n' + 'x = 1\n' * 200 + '```\n'
    scroller = '<div class="scroller" style="height: 400px"><div class="thread">'
    await stage.show(f'{scroller}{prose(block + "After it.")}</div></div>')
    head = stage.page.locator('figcaption')
    await stage.page.locator('.scroller').evaluate('(it) => (it.scrollTop = -1500)')
    await expect(head).to_be_in_viewport()
    box, around = await head.bounding_box(), await stage.page.locator('.scroller').bounding_box()
    assert box
    assert around
    assert abs(box['y'] - around['y']) < 2


@pytest.mark.parametrize('letter', ['a', '\u05d0'])
async def test_a_table_fades_where_there_is_more(stage: Stage, letter: str) -> None:
    """At its end first, then on both sides, at last where it began; never without anything to scroll to."""
    table = WIDE_TABLE.replace('column 0', letter)
    narrow = f'| {letter} |\n|---|\n| 1 |'
    await stage.show(f'<div style="width: 600px">{prose(table, narrow)}</div>')
    scroller = stage.page.get_by_role('region', name='Table')

    async def fades(place: int) -> list[bool]:
        """Whether it fades at the side where reading begins, and at the other."""
        script = """(it) => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => {
            const style = getComputedStyle(it);
            done(['left', 'right'].map((side) => parseFloat(style.getPropertyValue(`--fade-${side}`)) > 20));
        })))"""
        sides = await scroller.nth(place).evaluate(script)
        return sides if letter == 'a' else sides[::-1]

    direction = 1 if letter == 'a' else -1
    assert await fades(0) == [False, True]
    await scroller.first.evaluate('(it, by) => (it.scrollLeft = by)', 800 * direction)
    assert await fades(0) == [True, True]
    await scroller.first.evaluate('(it, by) => (it.scrollLeft = by)', 99_999 * direction)
    assert await fades(0) == [True, False]
    assert await fades(1) == [False, False]


async def test_numbers_and_deep_lists_stay_in_the_column(phone: Stage) -> None:
    deep = '\n'.join(f'{"  " * depth}- level {depth + 1}' for depth in range(8))
    many = '\n'.join('1. item' for _ in range(120))
    await phone.show(prose('1000. a\n1001. b', deep, 'text', many))
    padding = '(lists) => lists.map((each) => parseFloat(getComputedStyle(each).paddingLeft))'
    thousand, hundred = await phone.page.locator('ol').evaluate_all(padding)
    assert thousand >= 44
    assert hundred >= 35
    left = '(items) => items.map((each) => each.getBoundingClientRect().x)'
    places = await phone.page.locator('ul > li').evaluate_all(left)
    assert places[1] > places[0] + 20
    assert places[7] - places[4] < 8
