"""The card of a tool: where it runs, how far it is, and a long text in pieces."""

from playwright.async_api import expect

from tests.support.axe import find_violations
from tests.support.component_page import Stage

FIELDS = [
    {'name': 'Arguments', 'text': '{}', 'more': ''},
    {'name': 'Result', 'text': 'The beginning', 'more': 'Show all (40,000 characters)'},
]


async def test_a_tool_at_work_and_after_it(stage: Stage) -> None:
    call = {'name': 'crawl', 'hint': 'url: here', 'note': '', 'fields': FIELDS[:1], 'seconds': None}
    tool = await stage.mount('tool_call', {**call, 'state': 'running', 'progress': 'Page 3', 'share': None})
    card = stage.page.get_by_test_id('tool-call')
    progress = card.get_by_test_id('tool-progress')
    await expect(progress).to_have_text('Page 3')
    await expect(progress.get_by_role('progressbar')).to_have_count(0)
    await tool.change(progress='3 of 4', share=0.75)
    await expect(progress.get_by_role('progressbar')).to_have_attribute('value', '0.75')
    assert await find_violations(stage.page, 'a tool at work') == []
    await tool.change(
        state='ok', progress='', share=None, seconds=1.25, note='3 requests, 40 tokens', fields=FIELDS
    )
    await expect(progress).to_have_count(0)
    await expect(card.locator('.tool-state')).to_have_text('1.3 s · 3 requests, 40 tokens')
    await card.locator('summary').click()
    result = card.get_by_test_id('tool-result')
    await expect(result).to_have_text('The beginning')
    await card.get_by_role('button').click()
    assert await tool.emitted('whole', 1) == [['Result']]
    more = FIELDS[1]['more']
    await tool.call('provide', 'Result', more, ['one ', 'two '], 0)
    await tool.call('provide', 'Result', more, ['three'], 2)
    await expect(result).to_have_text('one two three')
    await expect(card.get_by_role('button')).to_have_count(0)
    assert await find_violations(stage.page, 'a tool unfolded') == []


async def test_what_arguments_were_is_never_shown_as_all_that_they_are(stage: Stage) -> None:
    """Who has asked for all while they were being written would allow what they have not seen."""
    card = stage.page.get_by_test_id('tool-call')
    written = {'name': 'Arguments', 'text': '{"text": "A', 'more': 'Show all (3,000 characters)'}
    call = {'name': 'write', 'hint': '', 'note': '', 'seconds': None, 'state': 'running'}
    tool = await stage.mount('tool_call', {**call, 'fields': [written]})
    await card.locator('summary').click()
    await card.get_by_role('button').click()
    await tool.call('provide', 'Arguments', written['more'], ['{"text": "All so far'], 0)
    arguments = card.get_by_test_id('tool-arguments')
    await expect(arguments).to_have_text('{"text": "All so far')
    await tool.change(state='needs-approval', fields=[{**written, 'more': 'Show all (9,000 characters)'}])
    await expect(arguments).to_have_text('{"text": "A')
    await tool.call('provide', 'Arguments', written['more'], ['{"text": "All so far'], 0)  # it was on its way
    await expect(arguments).to_have_text('{"text": "A')
    await expect(card.get_by_role('button')).to_have_text('Show all (9,000 characters)')
