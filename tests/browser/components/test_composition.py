"""An input method, as Japanese is written with and every word on Android: what is composed is found already.

The Enter that takes a word does nothing else. Safari reports it after the composition, and only by the code
of the key.
"""

from dataclasses import asdict

import pytest
from playwright.async_api import Locator, expect

from chat.ui.schema_fields import FormField
from tests.browser.components import test_conversation_list, test_model_list, test_schema_form, test_search
from tests.support.component_page import Mounted, Stage
from tests.support.gestures import input_method

QUESTION = FormField(name='answer', label='Answer', kind='long', value='', testid='answer')


async def press_composing(field: Locator, key: str) -> None:
    """Press a key that belongs to a composition, as any browser reports it, and as Safari does."""
    for how in ({'isComposing': True}, {'keyCode': 229}):
        await field.dispatch_event('keydown', {'key': key, **how})
        await field.dispatch_event('keyup', {'key': key})


async def test_a_reason_denies_nothing_while_it_is_composed(stage: Stage) -> None:
    form = await stage.mount('schema_form', test_schema_form.PROPS)
    reason = stage.page.get_by_test_id('deny-reason')
    await reason.fill('危険')
    await press_composing(reason, 'Enter')
    assert await form.emitted('act') == []
    await reason.press('Enter')
    ((name, _, said),) = await form.emitted('act', 1)
    assert (name, said) == ('deny', '危険')


async def test_an_answer_is_not_sent_while_it_is_composed(stage: Stage) -> None:
    props = {**test_schema_form.PROPS, 'fields': [asdict(QUESTION)], 'enters': True}
    form = await stage.mount('schema_form', props)
    answer = stage.page.get_by_test_id('answer')
    await answer.fill('東京')
    await press_composing(answer, 'Enter')
    assert await form.emitted('act') == []
    await answer.press('Enter')
    assert await form.emitted('act', 1) == [['approve', {'answer': '東京'}, '']]


@pytest.mark.parametrize('key', ['Enter', 'Escape'])
async def test_a_name_in_the_list_is_not_left(stage: Stage, key: str) -> None:
    conversations = await test_conversation_list.shown(stage)
    await test_conversation_list.link(stage, 'Flaky').focus()
    await stage.page.keyboard.press('F2')
    name = stage.page.get_by_test_id('conversation-name')
    await name.fill('旅行')
    await press_composing(name, key)
    await expect(name).to_have_value('旅行')
    await name.press('Enter')
    assert await conversations.emitted('action', 1) == [[['rename', 'id-2', '旅行']]]


@pytest.mark.parametrize('key', ['Enter', 'Escape'])
async def test_the_title_above_the_chat_is_not_left(stage: Stage, key: str) -> None:
    header = await stage.mount('chat_header', {'chat': 'id', 'title': 'Trip', 'folders': []})
    await header.call('edit')
    name = stage.page.get_by_test_id('conversation-name')
    await name.fill('旅行')
    await press_composing(name, key)
    await expect(name).to_have_value('旅行')
    await name.press('Enter')
    assert await header.emitted('action', 1) == [[['rename', '旅行']]]


async def test_no_result_of_a_search_is_opened(stage: Stage) -> None:
    await test_search.search(stage)
    await stage.page.evaluate(test_search.NOTE_CLICKS)
    box = stage.page.get_by_test_id('search-input')
    await press_composing(box, 'ArrowDown')
    await press_composing(box, 'Enter')
    assert await stage.page.evaluate('clicked') == []
    await box.press('Enter')
    assert await stage.page.evaluate('clicked') == ['first']


async def test_no_model_is_picked(stage: Stage) -> None:
    models = await test_model_list.shown(stage)
    await press_composing(test_model_list.search(stage), 'Enter')
    assert await models.emitted('pick') == []
    await stage.page.keyboard.press('Enter')
    assert await models.emitted('pick', 1) == [['server:tiny']]


async def test_a_search_does_not_wait_for_the_end_of_a_word(stage: Stage) -> None:
    """On Android a word is composed until a space follows it."""
    dialog = await test_search.search(stage)
    await input_method(stage.page, 'imeSetComposition', text='bre', selectionStart=3, selectionEnd=3)
    await dialog.call('show', 'bre', test_search.ROWS[:1])
    await expect(stage.page.get_by_test_id('search-result')).to_have_count(1)
    await expect(stage.page.get_by_test_id('search-input')).to_have_value('bre')


async def test_the_find_bar_does_not_wait_for_the_end_of_a_word(stage: Stage) -> None:
    bar, _ = await find_bar(stage)
    await input_method(stage.page, 'imeSetComposition', text='bre', selectionStart=3, selectionEnd=3)
    assert await bar.emitted('action', 1) == [[['ask', 'bre', '']]]


async def find_bar(stage: Stage) -> tuple[Mounted, Locator]:
    """The bar, opened, and its box."""
    thread = '<div class="scroller"><div class="thread"><div class="turn"></div></div></div>'
    await stage.show(f'<div class="page">{thread}</div>')
    bar = await stage.mount('find_bar', inside='.page')
    await stage.page.evaluate('document.dispatchEvent(new Event("parlour-find", { cancelable: true }))')
    box = stage.page.get_by_test_id('find')
    await expect(box).to_be_focused()
    return bar, box


async def test_the_find_bar_stays(stage: Stage) -> None:
    _, box = await find_bar(stage)
    await press_composing(box, 'Escape')
    await expect(box).to_be_visible()
    await box.press('Escape')
    await expect(box).to_be_hidden()


@pytest.mark.parametrize(('component', 'add'), [('server_list', 'server-add'), ('mcp_servers', 'mcp-add')])
async def test_the_form_of_a_server_stays(stage: Stage, component: str, add: str) -> None:
    await stage.mount(component)
    await stage.page.get_by_test_id(add).click()
    name = stage.page.get_by_test_id('server-name')
    await name.fill('書庫')
    await press_composing(name, 'Escape')
    await expect(name).to_have_value('書庫')
    await name.press('Escape')
    await expect(name).to_have_count(0)
