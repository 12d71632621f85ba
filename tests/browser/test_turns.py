"""What can be done with a question and an answer, on a desk and on a phone."""

import re

from playwright.async_api import Locator, expect

from tests.support.chat_page import ChatPage, OpenChatPage, request_messages
from tests.support.process import Parlour
from tests.support.provider import Provider
from tests.support.replies import Reply, two_halves


def replies(*texts: str) -> list[Reply]:
    return [Reply(pieces=[text]) for text in texts]


async def ask(room: ChatPage, *prompts: str) -> None:
    """Send prompts, each once the one before is answered."""
    for prompt in prompts:
        await room.send(prompt)
        await expect(room.turns('user').last).to_contain_text(prompt)
        await room.expect_state('done')


def part(turn: Locator, testid: str) -> Locator:
    return turn.get_by_test_id(testid)


async def test_regenerate_and_the_way_back(app: Parlour, provider: Provider, room: ChatPage) -> None:
    """The version that was chosen is shown after a reload, and what follows goes on with it."""
    provider.reply(*replies('Heads.', 'Tails.', 'Yes.'))
    await room.open(app.url)
    await ask(room, 'Toss a coin')
    answer = room.turns('assistant').last
    await expect(part(answer, 'version-label')).to_have_count(0)
    await part(answer, 'regenerate').click()
    await room.expect_answer('Tails.')
    await expect(part(answer, 'version-label')).to_have_text('2/2')
    await expect(part(answer, 'version-next')).to_be_disabled()
    await part(answer, 'version-prev').click()
    await room.expect_answer('Heads.')
    await expect(part(answer, 'version-label')).to_have_text('1/2')
    await room.page.reload()
    await room.expect_answer('Heads.')
    await ask(room, 'Sure?')
    assert request_messages(provider.requests[2]) == [
        ('user', 'Toss a coin'),
        ('assistant', 'Heads.'),
        ('user', 'Sure?'),
    ]


async def test_an_edit_in_the_middle(app: Parlour, provider: Provider, room: ChatPage) -> None:
    provider.reply(*replies('One.', 'Two.', 'Three.'))
    await room.open(app.url)
    await ask(room, 'First', 'Second')
    first = room.turns('user').first
    await first.hover()
    await part(first, 'edit').click()
    await expect(part(first, 'edit-box')).to_have_value('First')
    await expect(part(first, 'edit-box')).to_be_focused()
    await part(first, 'edit-box').press('Escape')
    await expect(part(first, 'edit-box')).to_have_count(0)
    await part(first, 'edit').click()
    await part(first, 'edit-box').fill('Another')
    await part(first, 'edit-box').press('Enter')
    await room.expect_answer('Three.')
    await expect(room.turns('user')).to_have_count(1)
    assert request_messages(provider.requests[2]) == [('user', 'Another')]
    await expect(part(first, 'version-label')).to_have_text('2/2')
    await part(first, 'version-prev').click()
    await expect(room.turns('user')).to_have_count(2)
    await room.expect_answer('Two.')


async def test_the_choice_is_that_of_all_pages(
    app: Parlour, provider: Provider, open_room: OpenChatPage
) -> None:
    provider.reply(*replies('Heads.', 'Tails.'))
    desk, phone = await open_room(), await open_room('phone')
    await desk.open(app.url)
    await ask(desk, 'Toss a coin')
    await phone.open(await desk.address())
    await part(phone.turns('assistant').last, 'regenerate').tap()
    await desk.expect_answer('Tails.')
    await part(desk.turns('assistant').last, 'version-prev').click()
    await phone.expect_answer('Heads.')


async def test_all_of_it_with_a_finger(app: Parlour, provider: Provider, open_room: OpenChatPage) -> None:
    """The buttons are there without hovering, and large enough; the keyboard's Enter is a new line."""
    provider.reply(*replies('One.', 'Two.', 'Three.'))
    room = await open_room('phone')
    await room.open(app.url)
    await room.composer.fill('First')
    await room.page.get_by_test_id('send').tap()
    await room.expect_state('done')
    answer, question = room.turns('assistant').last, room.turns('user').last
    for button in (part(answer, 'copy'), part(answer, 'regenerate'), part(question, 'edit')):
        box = await button.bounding_box()
        assert box
        assert (box['width'], box['height']) >= (44, 44)
    await part(answer, 'regenerate').tap()
    await room.expect_answer('Two.')
    await part(answer, 'version-prev').tap()
    await room.expect_answer('One.')
    await part(question, 'edit').tap()
    await part(question, 'edit-box').press('End')
    await part(question, 'edit-box').press('Enter')
    await part(question, 'edit-box').press_sequentially('and second')
    await part(question, 'edit-save').tap()
    await room.expect_answer('Three.')
    assert request_messages(provider.requests[2]) == [('user', 'First\nand second')]
    assert await room.page.evaluate('document.documentElement.scrollWidth') == 390


async def test_regenerate_with_another_model(app: Parlour, provider: Provider, room: ChatPage) -> None:
    provider.reply(*replies('One.', 'Two.'))
    await room.open(app.url)
    await ask(room, 'First')
    await part(room.turns('assistant').last, 'regenerate-with').click()
    demo = room.page.get_by_test_id('model-option').filter(has_text='Demo')
    await demo.click()
    await expect(room.answers.last).to_contain_text('demo', ignore_case=True)
    await expect(part(room.turns('assistant').last, 'version-label')).to_have_text('2/2')
    await expect(room.page.get_by_test_id('model-picker')).not_to_contain_text('Demo')


async def test_a_fork_says_where_it_comes_from(app: Parlour, provider: Provider, room: ChatPage) -> None:
    provider.reply(*replies('One.', 'Two.', 'Three.'))
    await room.open(app.url)
    await ask(room, 'First', 'Second')
    before = await room.address()
    answer = room.turns('assistant').first
    await answer.hover()
    await part(answer, 'fork').click()
    await expect(room.page).not_to_have_url(before)
    await expect(room.turns('user')).to_have_count(1)
    origin = room.page.locator('.origin:not(:empty)')
    await expect(origin).to_contain_text('Branched from')
    await expect(origin).to_contain_text('First')
    await ask(room, 'Else')
    assert request_messages(provider.requests[2]) == [
        ('user', 'First'),
        ('assistant', 'One.'),
        ('user', 'Else'),
    ]
    await origin.get_by_role('link').click()
    await expect(room.page).to_have_url(before)
    await expect(room.turns('user')).to_have_count(2)


async def test_the_status_is_read_out(app: Parlour, provider: Provider, room: ChatPage) -> None:
    reply, gate = two_halves()
    provider.reply(*replies('One.'), reply)
    await room.open(app.url)
    status = room.page.locator('.status-line')
    await ask(room, 'First')
    await expect(status).to_have_text('Answer finished')
    await room.send('Second')
    await expect(status).to_have_text('Answering')
    gate.release()
    await expect(status).to_have_text('Answer finished')


async def test_nothing_jumps_when_an_answer_ends(app: Parlour, provider: Provider, room: ChatPage) -> None:
    reply, gate = two_halves()
    provider.reply(reply)
    await room.open(app.url)
    await room.send('Tell me')
    await room.expect_answer('The first half')
    before = await room.turns('assistant').bounding_box()
    gate.release()
    await room.expect_state('done')
    assert await room.turns('assistant').bounding_box() == before
    await expect(part(room.turns('assistant'), 'copy')).to_be_visible()


async def test_the_place_of_a_message_is_known_to_the_page(
    app: Parlour, provider: Provider, room: ChatPage
) -> None:
    """Who leads to a message finds its turn by `data-turn`, and its end by `data-entry`."""
    provider.reply(*replies('One.'))
    await room.open(app.url)
    await ask(room, 'First')
    turn = await room.turns('user').get_attribute('data-turn')
    await expect(room.turns('assistant')).to_have_attribute('data-turn', turn or '-')
    await expect(room.turns('assistant')).to_have_attribute('data-entry', re.compile('.+'))
