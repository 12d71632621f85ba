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
