"""A form with a field of every kind, in a blank page."""

from dataclasses import asdict

from playwright.async_api import expect

from chat.ui.schema_fields import FormField
from chat.ui.schema_form import FormAction
from tests.support.component_page import Stage

FIELDS = [
    FormField(name='item', label='item', kind='text', value='Tea', required=True),
    FormField(name='note', label='note', kind='long', value='One\ntwo'),
    FormField(name='count', label='count', kind='integer', value='2', default='1'),
    FormField(name='price', label='price', kind='number', value=''),
    FormField(name='express', label='express', kind='boolean', value=False),
    FormField(
        name='size', label='size', kind='choice', value='', options=(('"s"', 'Small'), ('"l"', 'Large'))
    ),
    FormField(
        name='extras', label='extras', kind='choices', value=['1'], options=(('1', 'card'), ('2', 'bow'))
    ),
    FormField(name='tags', label='tags', kind='list', value='new', items='string'),
    FormField(name='day', label='day', kind='date', value='2026-01-31'),
    FormField(name='mail', label='mail', kind='email', value=''),
    FormField(name='place.city', label='city', kind='text', value='', group='place'),
]
ACTIONS = [
    FormAction(name='approve', label='Approve', testid='approve', look='primary'),
    FormAction(name='deny', label='Deny', testid='deny'),
    FormAction(name='chat', label='Always', testid='always-allow', look='quiet'),
]
PROPS: dict[str, object] = {
    'fields': [asdict(field) for field in FIELDS],
    'actions': [asdict(action) for action in ACTIONS],
    'testid': 'approval-form',
    'label': 'order waits for you',
    'remark': 'Reason',
    'enters': False,
    'errors': {},
}

WITHOUT_FIELD_SIZING = """() => {
    const { supports } = CSS;
    CSS.supports = (name, value) => name !== "field-sizing" && supports.call(CSS, name, value);
    document.head.append(document.createElement("style"));
    document.head.lastChild.textContent = "textarea { field-sizing: fixed !important }";
}"""


async def test_every_kind_of_field(stage: Stage) -> None:
    """Each says what stands in it, by its name; what is wrong stands at its field, which gets the focus."""
    form = await stage.mount('schema_form', PROPS)
    page = stage.page
    await page.get_by_test_id('approve').click()
    ((name, untouched, said),) = await form.emitted('act', 1)
    assert (name, said) == ('approve', '')
    assert untouched == {field.name: field.value for field in FIELDS}
    await page.locator('[name=item]').fill('Coffee')
    await page.locator('[name=item]').press('Enter')  # sends nothing: to approve is a decision
    await page.get_by_label('note').fill('Three')
    await page.get_by_label('count').fill('many')
    await page.locator('[name=express]').check()
    await page.get_by_label('size').select_option('Large')
    await page.get_by_label('bow').check()
    await page.get_by_label('tags').fill('new\nblue')
    await page.get_by_label('day').fill('2026-02-01')
    await page.get_by_label('mail').fill('ann@example.com')
    await page.locator('[name="place.city"]').fill('Lisbon')
    await page.get_by_test_id('deny-reason').fill('No.')
    await page.get_by_test_id('always-allow').click()
    _, (name, entered, said) = await form.emitted('act', 2)
    assert (name, said) == ('chat', 'No.')
    assert entered == untouched | {
        'item': 'Coffee',
        'note': 'Three',
        'count': 'many',
        'express': True,
        'size': '"l"',
        'extras': ['1', '2'],
        'tags': 'new\nblue',
        'day': '2026-02-01',
        'mail': 'ann@example.com',
        'place.city': 'Lisbon',
    }
    await form.change(errors={'count': 'It must be a whole number.', 'elsewhere': 'No.'})
    count = page.get_by_label('count')
    await expect(count).to_be_focused()
    await expect(count).to_have_attribute('aria-invalid', 'true')
    await expect(count).to_have_value('many')  # what was entered stays
    await expect(page.get_by_role('alert')).to_have_text(['It must be a whole number.', 'No.'])


async def test_an_answer_is_sent_with_enter(stage: Stage) -> None:
    field = FormField(name='answer', label='Answer', kind='long', value='', testid='question-answer')
    form = await stage.mount('schema_form', {**PROPS, 'fields': [asdict(field)], 'enters': True})
    answer = stage.page.get_by_test_id('question-answer')
    await answer.fill('This one')
    await answer.press('Shift+Enter')
    await answer.press_sequentially('please')
    await answer.press('Enter')
    assert await form.emitted('act', 1) == [['approve', {'answer': 'This one\nplease'}, '']]


async def test_enter_is_a_new_line_where_it_is_one_in_the_box_too(stage: Stage, phone: Stage) -> None:
    """Under fingers, and where the preferences say so; also in a list, whose lines are its values."""
    long = FormField(name='answer', label='Answer', kind='long', value='')
    rows = FormField(name='rows', label='Rows', kind='list', value='', items='string')
    props = {**PROPS, 'fields': [asdict(long), asdict(rows)], 'enters': True}
    for place, field, sends in ((stage, 'Rows', 'Control+Enter'), (phone, 'Answer', 'Control+Enter')):
        form = await place.mount('schema_form', props)
        box = place.page.get_by_label(field)
        await box.press_sequentially('one')
        await box.press('Enter')
        await box.press_sequentially('two')
        await expect(box).to_have_value('one\ntwo')
        assert await form.emitted('act') == []
        await box.press(sends)
        assert len(await form.emitted('act', 1)) == 1
    await stage.page.evaluate('document.documentElement.dataset.sendKey = "mod-enter"')
    answer = stage.page.get_by_label('Answer')
    await answer.press('Enter')
    await expect(answer).to_have_value('\n')


async def test_what_was_entered_is_there_until_it_is_sent(stage: Stage) -> None:
    """Whoever looks something up in another chat, or loads the page anew, goes on where they were."""
    props = {**PROPS, 'place': 'call 1', 'folded': 'Change what it orders'}
    await stage.mount('schema_form', props)
    page = stage.page
    await page.get_by_test_id('form-unfold').click()
    await page.get_by_label('note').fill('Three')
    await page.get_by_label('bow').check()
    await page.get_by_test_id('deny-reason').fill('Too much')
    await stage.reload()
    form = await stage.mount('schema_form', props)
    await expect(page.get_by_label('note')).to_have_value('Three')
    await expect(page.get_by_label('bow')).to_be_checked()
    await expect(page.get_by_test_id('deny-reason')).to_have_value('Too much')
    await stage.connect(connected=False)
    await page.get_by_test_id('deny').click()
    await form.remove()  # what was sent into a line that is lost may not have arrived
    form = await stage.mount('schema_form', props)
    await expect(page.get_by_label('note')).to_have_value('Three')
    await stage.connect(connected=True)
    await page.get_by_test_id('deny').click()
    await form.remove()
    await stage.mount('schema_form', {**props, 'folded': ''})
    await expect(page.get_by_label('note')).to_have_value('One\ntwo')


async def test_nothing_of_a_temporary_chat_stays_in_the_browser(stage: Stage) -> None:
    await stage.show('<div class="page"><div data-temporary></div><div id="inside"></div></div>')
    form = await stage.mount('schema_form', {**PROPS, 'place': 'call 1'}, inside='#inside')
    await stage.page.get_by_label('note').fill('Hush')
    await stage.page.get_by_test_id('approve').click()
    assert len(await form.emitted('act', 1)) == 1
    assert await stage.page.evaluate('sessionStorage.length') == 0


async def test_a_long_field_is_as_high_as_its_text_in_a_browser_that_does_not_see_to_it(stage: Stage) -> None:
    await stage.page.evaluate(WITHOUT_FIELD_SIZING)
    await stage.mount('schema_form', {**PROPS, 'folded': 'Change what it orders'})
    await stage.page.get_by_test_id('form-unfold').click()
    note = stage.page.get_by_label('note')
    heights: list[float] = []
    for text in ('One\ntwo', '\n'.join(['Line'] * 6), 'One'):
        await note.fill(text)
        assert await note.evaluate('(box) => box.scrollHeight <= box.clientHeight')
        heights.append(await note.evaluate('(box) => box.offsetHeight'))
    assert heights[2] < heights[0] < heights[1]


async def test_a_phone_does_not_zoom_into_a_field_of_code(phone: Stage) -> None:
    """It would, below 16 px."""
    field = FormField(name='code', label='code', kind='long', value='{}', mono=True)
    await phone.mount('schema_form', {**PROPS, 'fields': [asdict(field)]})
    await expect(phone.page.get_by_label('code')).to_have_css('font-size', '16px')
