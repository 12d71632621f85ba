"""Which key sends, and which belongs to what is being written."""

import pytest
from playwright.async_api import expect

from tests.browser.components.composing import box_of, compose, messages
from tests.support.component_page import Stage
from tests.support.gestures import input_method

COMPOSED = """(box, pause) => {
    const now = performance.now();
    const event = (name, type, at, more) => {
        const made = new type(name, { bubbles: true, cancelable: true, ...more });
        Object.defineProperty(made, "timeStamp", { value: at });
        box.dispatchEvent(made);
    };
    event("compositionend", CompositionEvent, now, { data: "日本" });
    event("keydown", KeyboardEvent, now + pause, { key: "Enter" });
}"""


async def test_enter_sends_and_empties_the_box(stage: Stage) -> None:
    composer = await compose(stage)
    await expect(box_of(stage)).to_be_focused()
    await stage.page.keyboard.type('Hello')
    await stage.page.keyboard.press('Enter')
    assert await messages(composer, 1) == ['Hello']
    await expect(box_of(stage)).to_have_value('')


async def test_enter_while_composing_does_not_send(stage: Stage) -> None:
    """With an input method Enter takes the suggested word, as when Japanese is written."""
    composer, box = await compose(stage), box_of(stage)
    await input_method(stage.page, 'imeSetComposition', text='にほん', selectionStart=3, selectionEnd=3)
    await box.dispatch_event('keydown', {'key': 'Enter', 'isComposing': True})
    await box.dispatch_event('keydown', {'key': 'Enter', 'keyCode': 229})
    await input_method(stage.page, 'insertText', text='日本')
    await expect(box).to_have_value('日本')
    assert await messages(composer) == []
    await box.press_sequentially(' desu')
    await box.press('Enter')
    assert await messages(composer, 1) == ['日本 desu']


async def test_the_enter_that_ends_a_composition_does_not_send(stage: Stage) -> None:
    """Safari reports it after the composition, as any other Enter; one that a person presses later sends."""
    composer, box = await compose(stage), box_of(stage)
    await box.fill('日本')
    await box.evaluate(COMPOSED, 20)
    assert await messages(composer) == []
    await expect(box).to_have_value('日本')
    await box.evaluate(COMPOSED, 80)
    assert await messages(composer, 1) == ['日本']


async def test_shift_enter_begins_a_line(stage: Stage) -> None:
    composer, box = await compose(stage), box_of(stage)
    await box.press_sequentially('one')
    await box.press('Shift+Enter')
    await box.press_sequentially('two')
    await expect(box).to_have_value('one\ntwo')
    await box.press('Enter')
    assert await messages(composer, 1) == ['one\ntwo']


@pytest.mark.parametrize('nothing', ['', '   ', ' \n\t\n'])
async def test_whitespace_is_never_sent(stage: Stage, nothing: str) -> None:
    composer, box = await compose(stage), box_of(stage)
    await box.fill(nothing)
    await box.press('Enter')
    await stage.page.get_by_test_id('send').click()
    assert await messages(composer) == []
    await expect(box).to_have_value(nothing)


async def test_a_press_is_a_message(stage: Stage) -> None:
    """Two Enters in a row, or a double click, send once."""
    composer, box = await compose(stage), box_of(stage)
    await box.fill('Hello')
    await box.evaluate(
        """(box) => {
            const options = { key: "Enter", bubbles: true, cancelable: true };
            for (const _ of [1, 2]) box.dispatchEvent(new KeyboardEvent("keydown", options));
        }"""
    )
    await box.fill('Again')
    await stage.page.get_by_test_id('send').dblclick()
    assert await messages(composer, 2) == ['Hello', 'Again']


async def test_the_second_half_of_a_double_click_on_send_does_not_stop(stage: Stage) -> None:
    composer = await compose(stage, running=True)
    stop = stage.page.get_by_test_id('stop')
    await stop.dispatch_event('click', {'detail': 2})
    assert await composer.emitted('stop') == []
    await stop.dispatch_event('click', {'detail': 1})
    assert len(await composer.emitted('stop', 1)) == 1


async def test_with_the_other_setting_only_mod_enter_sends(stage: Stage) -> None:
    composer, box = await compose(stage, sendKey='mod-enter'), box_of(stage)
    await expect(stage.page.locator('.composer-hint')).to_have_text('Ctrl + Enter to send')
    await box.press_sequentially('one')
    await box.press('Enter')
    await box.press_sequentially('two')
    assert await messages(composer) == []
    await box.press('Control+Enter')
    assert await messages(composer, 1) == ['one\ntwo']
    await composer.change(sendKey='enter')
    await expect(stage.page.locator('.composer-hint')).to_have_text('Shift + Enter for a new line')
    await box.press_sequentially('three')
    await box.press('Enter')
    assert await messages(composer, 2) == ['one\ntwo', 'three']


async def test_on_a_touch_screen_enter_is_a_new_line(phone: Stage) -> None:
    composer, box = await compose(phone), box_of(phone)
    await expect(box).not_to_be_focused()  # the keyboard would cover the page
    await box.tap()
    await phone.page.keyboard.type('one')
    await phone.page.keyboard.press('Enter')
    await phone.page.keyboard.type('two')
    await expect(box).to_have_value('one\ntwo')
    button = phone.page.get_by_test_id('send')
    size = await button.bounding_box()
    assert size is not None
    assert min(size['width'], size['height']) >= 44
    await button.tap()
    assert await messages(composer, 1) == ['one\ntwo']


async def test_the_box_grows_to_a_part_of_the_page_and_scrolls(stage: Stage) -> None:
    await compose(stage)
    heights: list[float] = []
    for count in (1, 5, 80):
        await box_of(stage).fill('\n'.join(f'line {number}' for number in range(count)))
        box = await box_of(stage).bounding_box()
        assert box is not None
        heights.append(box['height'])
    assert heights[0] < heights[1] < heights[2]
    assert round(heights[2]) == round(0.38 * 800)
    assert await box_of(stage).evaluate('(box) => box.scrollHeight > box.clientHeight')
    await expect(stage.page.get_by_test_id('send')).to_be_in_viewport()


async def test_without_a_secure_context_messages_have_ids(stage: Stage) -> None:
    """On plain HTTP in a network a browser has neither of these."""
    await stage.page.evaluate(
        """() => {
            for (const name of ["randomUUID", "subtle"])
                Object.defineProperty(crypto, name, { value: undefined });
        }"""
    )
    composer, box = await compose(stage), box_of(stage)
    for text in ('One', 'Two'):
        await box.fill(text)
        await box.press('Enter')
    ids = [message['id'] for (message,) in await composer.emitted('send', 2)]
    assert len(set(ids)) == 2
    assert {len(each) for each in ids} == {36}


async def test_arrow_up_in_an_empty_box_edits_what_was_asked_last(stage: Stage) -> None:
    """Or what waits to be asked: its button comes after those of the turns."""
    await stage.show("""<div class="page"><div id="dock"></div>
        <button data-action="edit"></button>
        <button data-action="edit" onclick="this.dataset.pressed = ''">Edit</button></div>""")
    await stage.mount('composer', {'draftKey': 'x', 'draft': {'text': ''}, 'limits': {}}, inside='#dock')
    await box_of(stage).fill('words')
    await box_of(stage).press('ArrowUp')
    await expect(stage.page.locator('[data-pressed]')).to_have_count(0)
    await box_of(stage).fill('')
    await box_of(stage).press('ArrowUp')
    await expect(stage.page.locator('[data-pressed]')).to_have_text('Edit')


async def test_a_message_goes_where_it_was_written_for(stage: Stage) -> None:
    """It says which answer was the last one on the page; of several side by side, which is gone on with."""
    await stage.show("""<div class="page"><div class="thread"><div class="turn" data-entry="first"></div>
        <div class="comparison" data-entry="second"><div class="turn" data-entry="second"></div>
        <div class="turn" data-entry="third"></div></div></div><div id="dock"></div></div>""")
    composer = await stage.mount(
        'composer',
        {'draftKey': 'x', 'conversation': 'c', 'draft': {'text': ''}, 'limits': {}},
        inside='#dock',
    )
    await box_of(stage).fill('Hello')
    await box_of(stage).press('Enter')
    (message,), *_ = await composer.emitted('send', 1)
    assert message['seen'] == 'second'
    assert message['conversation'] == 'c'
