"""Where a reader of a conversation is, also after a reload."""

from playwright.async_api import Locator, expect

from tests.support.component_page import Stage
from tests.support.reading import STILL_FRAMES

SHOWN = '<div class="page" style="height: 400px; display: flex; flex-direction: column"></div>'
THREAD = ''.join(
    f'<article class="turn" data-turn="{n}" data-role="user" style="min-height: 200px">Turn {n}</article>'
    for n in range(20)
)

WITHOUT_ANCHORS = """() => {
    const { supports } = CSS;
    CSS.supports = (name, value) => name !== "overflow-anchor" && supports.call(CSS, name, value);
    document.head.append(document.createElement("style"));
    document.head.lastChild.textContent = ".scroller { overflow-anchor: none }";
}"""
"""Makes a browser what Safari is: what is below a reader moves them when it grows."""
GROW = """(box) => {
    box.querySelector(".turn:last-child").append(document.createElement("p"));
    box.querySelector("p:last-child").style.height = "300.4px";
}"""
TOP_OF_A_TURN = '(box) => box.querySelector("[data-turn=\'14\']").getBoundingClientRect().top'
SCROLL = """(box, pixels) => new Promise((done) => {
    box.addEventListener("scroll", () => done(), { once: true });
    box.scrollTop += pixels;
})"""


STILL = f"""(box) => new Promise((done) => {{
    const look = (before, frames) => {{
        if (frames === {STILL_FRAMES}) return done(box.scrollTop);
        requestAnimationFrame(() => look(box.scrollTop, box.scrollTop === before ? frames + 1 : 0));
    }};
    look(null, 0);
}})"""


async def transcript(stage: Stage) -> Locator:
    """Twenty turns, half of which fill the window twice; the newest are in view."""
    await stage.show(SHOWN)
    slot = f'<div class="thread">{THREAD}</div>'
    await stage.mount('message_list', {'conversation': 'this one'}, inside='.page', slot=slot)
    return stage.page.locator('.scroller')


async def test_a_reader_comes_back_to_the_same_place(stage: Stage) -> None:
    scroller = await transcript(stage)
    await scroller.evaluate(SCROLL, -1230)
    before = await scroller.evaluate(STILL)  # turns take their height as they are seen
    assert before < -500
    await expect(stage.page.locator('.page')).to_contain_class('away')
    await stage.reload()
    scroller = await transcript(stage)
    await stage.page.wait_for_function(
        '(top) => Math.abs(document.querySelector(".scroller").scrollTop - top) < 2', arg=before
    )


async def test_a_reader_further_up_stays_where_they_are_in_a_browser_without_anchors(stage: Stage) -> None:
    await stage.page.evaluate(WITHOUT_ANCHORS)
    scroller = await transcript(stage)
    await scroller.evaluate(SCROLL, -800)
    before = await scroller.evaluate(TOP_OF_A_TURN)
    for _ in range(5):
        await scroller.evaluate(GROW)
    assert abs(await scroller.evaluate(TOP_OF_A_TURN) - before) < 1
    await scroller.evaluate(f'(box) => {{ box.scrollTop += 30; ({GROW})(box) }}')  # in one frame
    assert abs(await scroller.evaluate(TOP_OF_A_TURN) - (before - 30)) < 1


async def test_a_reader_at_the_end_stays_there_in_a_browser_without_anchors(stage: Stage) -> None:
    await stage.page.evaluate(WITHOUT_ANCHORS)
    scroller = await transcript(stage)
    for pixels in (-800, 800):
        await scroller.evaluate(SCROLL, pixels)
    await scroller.evaluate(GROW)
    assert await scroller.evaluate('(box) => box.scrollTop') == 0


AFTER_A_SECOND = f"""async (box) => {{
    const top = () => box.querySelector("[data-turn='10']").getBoundingClientRect().top;
    const before = top();
    const frame = () => new Promise(requestAnimationFrame);
    for (const end = Date.now() + 1100; Date.now() < end; );
    await new Promise((done) => setTimeout(done));
    ({GROW})(box);
    await frame().then(frame);
    return top() - before;
}}"""
"""How far a turn moves when one below it grows, on a device that has painted nothing for a second."""


async def test_a_turn_that_is_reached_stays_there_until_heights_have_settled(stage: Stage) -> None:
    await stage.page.add_style_tag(content='.scroller { overflow-anchor: none }')
    scroller = await transcript(stage)
    await stage.use('reading_place', 'scrollToTurn("10", "user")')
    assert abs(await scroller.evaluate(AFTER_A_SECOND)) < 1
