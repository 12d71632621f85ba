"""What the keys do in the prompt box."""

from typing import Literal

from playwright.async_api import Page, expect

from tests.support.process import Parlour
from tests.support.provider import Provider
from tests.support.room import Room, said


async def input_method(
    page: Page, command: Literal['imeSetComposition', 'insertText'], **words: str | int
) -> None:
    """Act as an input method: show letters that are not final yet, or put final ones in their place."""
    session = await page.context.new_cdp_session(page)
    await session.send(f'Input.{command}', {**words})  # pyright: ignore[reportUnknownMemberType]
    await session.detach()


async def test_enter_while_composing_does_not_send(app: Parlour, provider: Provider, room: Room) -> None:
    """With an input method Enter takes the suggested word, as when Japanese is written."""
    await room.open(app.url)
    await room.composer.focus()
    await input_method(room.page, 'imeSetComposition', text='にほん', selectionStart=3, selectionEnd=3)
    await room.composer.dispatch_event('keydown', {'key': 'Enter', 'isComposing': True})
    await room.composer.dispatch_event('keydown', {'key': 'Enter', 'keyCode': 229})
    await input_method(room.page, 'insertText', text='日本')
    await expect(room.composer).to_have_value('日本')
    await room.composer.press_sequentially(' desu')
    await room.composer.press('Enter')
    await room.sees_state('done')
    assert [said(request) for request in provider.requests] == [[('user', '日本 desu')]]


async def test_shift_enter_begins_a_line(app: Parlour, provider: Provider, room: Room) -> None:
    await room.open(app.url)
    await room.composer.press_sequentially('one')
    await room.composer.press('Shift+Enter')
    await room.composer.press_sequentially('two')
    await expect(room.composer).to_have_value('one\ntwo')
    await room.composer.press('Enter')
    await room.sees_state('done')
    assert said(provider.requests[0]) == [('user', 'one\ntwo')]


async def test_whitespace_is_never_sent(app: Parlour, provider: Provider, room: Room) -> None:
    await room.open(app.url)
    for nothing in ('', '   ', ' \n\t\n'):
        await room.send(nothing)
    await room.send('something')
    await room.sees_state('done')
    assert [said(request) for request in provider.requests] == [[('user', 'something')]]
    await expect(room.turns('user')).to_have_count(1)
