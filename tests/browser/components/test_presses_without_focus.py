"""Buttons and links that get no focus by a press, as in Safari: what a press begins or shows is the same."""

import pytest
from playwright.async_api import expect

from tests.browser.components import test_conversation_list
from tests.support.component_page import Stage

NO_FOCUS = """addEventListener("mousedown", (event) => {
    if (event.target.closest("a, button")) event.preventDefault();
}, { capture: true })"""
GAUGE = """<button class="context-gauge" data-testid="context-gauge" style="margin-top: 100px">25% of context
    <span class="usage" data-testid="usage">12 of 48 tokens</span></button>"""
ANSWER = '<div id="answer" style="margin-top: 100px"></div>'
ACTIONS = {'label': 'Demo', 'usage': '12 tokens', 'models': ['demo'], 'number': 1, 'count': 1, 'end': 'a'}


@pytest.mark.parametrize('button', ['context-gauge', 'answer-model'])
async def test_a_tap_shows_what_was_taken_until_the_next_one(phone: Stage, button: str) -> None:
    await phone.page.evaluate(NO_FOCUS)
    await phone.show(f'<p>Elsewhere</p>{GAUGE if button == "context-gauge" else ANSWER}')
    if button == 'answer-model':
        await phone.mount('answer_actions', ACTIONS, inside='#answer')
    usage = phone.page.get_by_test_id('usage')
    for where in (phone.page.get_by_test_id(button), phone.page.get_by_text('Elsewhere')):
        await expect(usage).to_be_hidden()
        await phone.page.get_by_test_id(button).tap()
        await expect(usage).to_be_visible()
        await where.tap()
    await expect(usage).to_be_hidden()
    await phone.page.get_by_test_id(button).tap()
    await phone.page.keyboard.press('Escape')
    await expect(usage).to_be_hidden()


async def test_a_range_begins_at_the_chat_that_was_pressed_last(stage: Stage) -> None:
    conversations = await test_conversation_list.shown(stage)
    await stage.page.evaluate(NO_FOCUS)
    await stage.page.evaluate('addEventListener("click", (event) => event.preventDefault())')  # no other page
    await test_conversation_list.link(stage, 'Lisbon').click()
    await test_conversation_list.link(stage, 'MVCC').click(modifiers=['Shift'])
    assert await conversations.emitted('select', 1) == [[['range', 'id-1', 'id-3']]]
