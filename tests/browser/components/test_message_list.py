"""Where a reader of a conversation is, also after a reload."""

from playwright.async_api import Locator, expect

from tests.support.component_page import Stage

SHOWN = '<div class="page" style="height: 400px; display: flex; flex-direction: column"></div>'
THREAD = ''.join(
    f'<article class="turn" data-turn="{n}" data-role="user" style="height: 200px">Turn {n}</article>'
    for n in range(20)
)


async def transcript(stage: Stage) -> Locator:
    """Twenty turns, half of which fill the window twice; the newest are in view."""
    await stage.show(SHOWN)
    slot = f'<div class="thread">{THREAD}</div>'
    await stage.mount('message_list', {'conversation': 'this one'}, inside='.page', slot=slot)
    return stage.page.locator('.scroller')


async def test_a_reader_comes_back_to_the_same_place(stage: Stage) -> None:
    scroller = await transcript(stage)
    before = await scroller.evaluate(
        """(box) => new Promise((done) => {
            box.addEventListener("scrollend", () => setTimeout(() => done(box.scrollTop)), { once: true });
            box.scrollTop = -1230;
        })"""
    )
    assert before < -1000
    await expect(stage.page.locator('.page')).to_contain_class('away')
    await stage.reload()
    scroller = await transcript(stage)
    await stage.page.wait_for_function(
        '(top) => Math.abs(document.querySelector(".scroller").scrollTop - top) < 2', arg=before
    )
