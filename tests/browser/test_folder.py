"""Tools on a folder in a browser: it is chosen, the model reads it, and what it writes is looked at first."""

import json
from pathlib import Path

from playwright.async_api import expect

from tests.support.axe import find_violations
from tests.support.chat_page import OpenChatPage
from tests.support.process import Parlour
from tests.support.provider import Provider
from tests.support.replies import Reply, ToolCall

LINES = ['# Shopping', '', 'Flour', 'Two eggs', 'Sugar', 'Butter', 'Yeast', 'Salt', 'A lemon', 'Jam']


def call(tool: str, **arguments: str) -> ToolCall:
    return ToolCall(name=tool, arguments=json.dumps(arguments), id=f'call-{tool}')


async def test_a_file_is_written_after_its_difference_was_seen(
    app: Parlour, open_chat: OpenChatPage, provider: Provider, tmp_path: Path
) -> None:
    """At the desk and on a phone, with the arguments edited in between."""
    file = tmp_path / 'kitchen' / 'shopping.md'
    file.parent.mkdir()
    file.write_text('\n'.join([*LINES, '']))
    desk, phone = await open_chat(), await open_chat('phone')
    await desk.open(app.url)
    await desk.page.get_by_test_id('chat-settings').click()
    await desk.page.get_by_test_id('folder-choose').click()
    chooser = desk.page.get_by_test_id('folder-chooser')
    path = chooser.get_by_test_id('folder-path')
    await expect(path).to_have_value(str(Path.home().resolve()))
    await path.fill('nowhere')
    await path.press('Enter')
    await expect(chooser.get_by_role('alert')).to_have_text('Give the whole path of a folder.')
    await path.fill(str(tmp_path))
    await path.press('Enter')
    await chooser.get_by_test_id('folder-entry').get_by_text('kitchen').click()
    await expect(path).to_have_value(str(file.parent))
    assert await find_violations(desk.page, 'choosing a folder') == []
    await chooser.get_by_test_id('folder-confirm').click()
    await expect(chooser).to_be_hidden()
    await expect(desk.page.get_by_test_id('folder-chosen')).to_have_text(str(file.parent))
    await desk.page.keyboard.press('Escape')

    edit = call('edit_file', path='shopping.md', old_text='Two eggs\n', new_text='Six eggs\n')
    provider.reply(Reply(calls=[call('read_file', path='shopping.md')]), Reply(calls=[edit]))
    await desk.send('Six eggs, please.')
    await desk.expect_state('needs-approval')
    assert 'Two eggs' in str(provider.requests[-1]['messages'])
    await phone.open(await desk.address())
    for chat in (desk, phone):
        card = chat.page.get_by_test_id('tool-call').nth(1)
        await expect(card.get_by_test_id('difference').locator('del')).to_contain_text('Two eggs')
        await expect(card.get_by_test_id('difference').locator('ins')).to_contain_text('Six eggs')
        await expect(card.get_by_test_id('difference')).to_contain_text('shopping.md')
        await expect(card.get_by_test_id('always-allow')).to_have_count(0)
    assert await find_violations(phone.page, 'a difference') == []

    card = phone.page.get_by_test_id('tool-call').nth(1)
    await expect(card.locator('[name="new_text"]')).to_have_count(0)
    await card.get_by_test_id('form-unfold').click()
    await card.locator('[name="new_text"]').fill('Seven eggs\n')
    await card.get_by_test_id('approve').click()
    await expect(card.get_by_test_id('difference').locator('ins')).to_contain_text('Seven eggs')
    assert file.read_text().splitlines() == LINES
    provider.reply(Reply(pieces=['Seven it is.']))
    await card.get_by_test_id('approve').click()
    await phone.expect_state('done')
    assert file.read_text().splitlines() == [*LINES[:3], 'Seven eggs', *LINES[4:]]
    written = desk.page.get_by_test_id('tool-call').nth(1).get_by_test_id('difference')
    await expect(written).to_contain_text('Written')
    await written.locator('summary').first.click()
    await expect(written.locator('ins')).to_contain_text('Seven eggs')
