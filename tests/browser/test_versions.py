"""Versions of questions and answers that are deleted, on a desk and with a finger."""

from playwright.async_api import Locator, expect

from tests.support.chat_page import ChatPage, OpenChatPage, request_messages
from tests.support.process import Parlour
from tests.support.provider import Provider
from tests.support.replies import Reply


async def toss(app: Parlour, provider: Provider, room: ChatPage) -> Locator:
    """The last answer, with a version before it."""
    provider.reply(*(Reply(pieces=[text]) for text in ('Heads.', 'Tails.', 'Yes.')))
    await room.open(app.url)
    await room.send('Toss a coin')
    await room.expect_answer('Heads.')
    await room.expect_state('done')
    answer = room.turns('assistant').last
    await answer.get_by_test_id('regenerate').click()
    await room.expect_answer('Tails.')
    await expect(answer.get_by_test_id('version-label')).to_have_text('2/2')
    return answer


async def ask_to_delete(room: ChatPage, turn: Locator) -> None:
    await turn.hover()
    await turn.get_by_test_id('turn-menu').click()
    await room.page.get_by_test_id('version-delete').click()


async def test_a_version_is_deleted_for_good(app: Parlour, provider: Provider, room: ChatPage) -> None:
    """Asked first; the focus is where one goes on. What follows goes on with the version that stays."""
    answer = await toss(app, provider, room)
    await ask_to_delete(room, answer)
    await room.page.keyboard.press('Escape')
    await room.expect_answer('Tails.')
    await ask_to_delete(room, answer)
    await expect(room.page.get_by_role('alertdialog')).to_contain_text('deleted permanently')
    await room.page.get_by_test_id('confirm').click()
    await room.expect_answer('Heads.')
    await expect(answer.get_by_test_id('version-label')).to_have_count(0)
    await expect(room.page.locator('.scroller')).to_be_focused()
    await room.page.reload()
    await room.expect_answer('Heads.')
    await expect(answer.get_by_test_id('version-label')).to_have_count(0)
    await room.send('Sure?')
    await room.expect_answer('Yes.')
    assert request_messages(provider.requests[2]) == [
        ('user', 'Toss a coin'),
        ('assistant', 'Heads.'),
        ('user', 'Sure?'),
    ]


async def test_a_question_is_deleted_with_a_finger(
    app: Parlour, provider: Provider, open_room: OpenChatPage
) -> None:
    """With all that was said after it; another page sees it go."""
    phone, desk = await open_room('phone'), await open_room()
    provider.reply(*(Reply(pieces=[text]) for text in ('One.', 'Two.')))
    await phone.open(app.url)
    await phone.composer.fill('First')
    await phone.page.get_by_test_id('send').tap()
    await phone.expect_answer('One.')
    await phone.expect_state('done')
    await desk.open(await phone.address())
    question = phone.turns('user').last
    await question.get_by_test_id('edit').tap()
    await question.get_by_test_id('edit-box').fill('Second')
    await question.get_by_test_id('edit-save').tap()
    await phone.expect_answer('Two.')
    await phone.expect_state('done')
    await question.get_by_test_id('turn-menu').tap()
    item = phone.page.get_by_test_id('version-delete')
    box = await item.bounding_box()
    assert box
    assert (box['width'], box['height']) >= (44, 44)
    await item.tap()
    await phone.page.get_by_test_id('confirm').tap()
    for room in (phone, desk):
        await room.expect_answer('One.')
        await expect(room.turns('user').last).to_contain_text('First')
    assert await phone.page.evaluate('document.documentElement.scrollWidth') == 390


async def test_nothing_takes_the_place_of_a_button(app: Parlour, provider: Provider, room: ChatPage) -> None:
    """Who presses twice presses the same button twice, also if a second version came between."""
    provider.reply(*(Reply(pieces=[text]) for text in ('One.', 'Two.', 'Three.')))
    await room.open(app.url)
    await room.send('First')
    await room.expect_answer('One.')
    await room.expect_state('done')
    question, answer = room.turns('user').last, room.turns('assistant').last
    await question.hover()
    edit = await question.get_by_test_id('edit').bounding_box()
    fork = await answer.get_by_test_id('fork').bounding_box()
    await question.get_by_test_id('edit').click()
    await question.get_by_test_id('edit-box').fill('Second')
    await question.get_by_test_id('edit-save').click()
    await room.expect_answer('Two.')
    await room.expect_state('done')
    await answer.get_by_test_id('regenerate').click()
    await room.expect_answer('Three.')
    await expect(answer.get_by_test_id('version-label')).to_have_text('2/2')
    await expect(question.get_by_test_id('version-label')).to_have_text('2/2')
    assert await question.get_by_test_id('edit').bounding_box() == edit
    assert await answer.get_by_test_id('fork').bounding_box() == fork


async def test_a_turn_has_an_address(app: Parlour, provider: Provider, room: ChatPage) -> None:
    """Without another version there is nothing to delete in its menu."""
    provider.reply(Reply(pieces=['One.']))
    await room.open(app.url)
    await room.send('First')
    await room.expect_state('done')
    await room.turns('assistant').last.get_by_test_id('turn-menu').click()
    await expect(room.page.get_by_role('menuitem')).to_have_text(
        ['link Copy link to this answer'], use_inner_text=True
    )
    await room.page.get_by_role('menuitem').click()
    await expect(room.page.locator('.status-line')).to_have_text('Copied')
