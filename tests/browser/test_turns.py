"""What can be done with a question and an answer, on a desk and on a phone."""

from playwright.async_api import Locator, expect

from tests.support.chat_page import ChatPage, OpenChatPage, request_messages
from tests.support.process import Parlour
from tests.support.provider import Provider
from tests.support.replies import Reply, two_halves
from tests.support.screen_reader import heard, listen

COUNT_AWAITED_WORDS = """() => {
    window.awaitedWords = 0;
    const look = () => {
        const said = document.querySelector('.turn[data-state=waiting] > .answer')?.textContent;
        if (said) window.awaitedWords += 1;
    };
    const what = {subtree: true, childList: true, characterData: true, attributes: true};
    new MutationObserver(look).observe(document.body, what);
}"""
"""How often the page changes while it shows words and that they are waited for."""


def replies(*texts: str) -> list[Reply]:
    return [Reply(pieces=[text]) for text in texts]


async def ask(chat: ChatPage, *prompts: str) -> None:
    """Send prompts, each once the one before is answered."""
    for prompt in prompts:
        await chat.send(prompt)
        await expect(chat.turns('user').last).to_contain_text(prompt)
        await chat.expect_state('done')


def part(turn: Locator, testid: str) -> Locator:
    return turn.get_by_test_id(testid)


async def test_regenerate_and_the_way_back(app: Parlour, provider: Provider, chat: ChatPage) -> None:
    """The version that was chosen is shown after a reload, and what follows goes on with it."""
    provider.reply(*replies('Heads.', 'Tails.', 'Yes.'))
    await chat.open(app.url)
    await ask(chat, 'Toss a coin')
    answer = chat.turns('assistant').last
    await expect(part(answer, 'version-label')).to_have_count(0)
    await part(answer, 'regenerate').click()
    await chat.expect_answer('Tails.')
    await chat.expect_state('done')
    await expect(part(answer, 'version-label')).to_have_text('2/2')
    await expect(part(answer, 'version-next')).to_be_disabled()
    await part(answer, 'version-prev').click()
    await chat.expect_answer('Heads.')
    await expect(part(answer, 'version-label')).to_have_text('1/2')
    await chat.reload()
    await chat.expect_answer('Heads.')
    await ask(chat, 'Sure?')
    assert request_messages(provider.requests[2]) == [
        ('user', 'Toss a coin'),
        ('assistant', 'Heads.'),
        ('user', 'Sure?'),
    ]


async def test_an_edit_in_the_middle(app: Parlour, provider: Provider, chat: ChatPage) -> None:
    provider.reply(*replies('One.', 'Two.', 'Three.'))
    await chat.open(app.url)
    await ask(chat, 'First', 'Second')
    first = chat.turns('user').first
    await first.hover()
    await part(first, 'edit').click()
    await expect(part(first, 'edit-box')).to_have_value('First')
    await expect(part(first, 'edit-box')).to_be_focused()
    await part(first, 'edit-box').press('Escape')
    await expect(part(first, 'edit-box')).to_have_count(0)
    await part(first, 'edit').click()
    await part(first, 'edit-box').fill('Another')
    await part(first, 'edit-box').press('Enter')
    await chat.expect_answer('Three.')
    await chat.expect_state('done')
    await expect(chat.turns('user')).to_have_count(1)
    assert request_messages(provider.requests[2]) == [('user', 'Another')]
    await expect(part(first, 'version-label')).to_have_text('2/2')
    await part(first, 'version-prev').click()
    await expect(chat.turns('user')).to_have_count(2)
    await chat.expect_answer('Two.')


async def test_the_choice_is_that_of_all_pages(
    app: Parlour, provider: Provider, open_chat: OpenChatPage
) -> None:
    provider.reply(*replies('Heads.', 'Tails.'))
    desk, phone = await open_chat(), await open_chat('phone')
    await desk.open(app.url)
    await ask(desk, 'Toss a coin')
    await phone.open(await desk.address())
    await part(phone.turns('assistant').last, 'regenerate').tap()
    await desk.expect_answer('Tails.')
    await desk.expect_state('done')
    await part(desk.turns('assistant').last, 'version-prev').click()
    await phone.expect_answer('Heads.')


async def test_all_of_it_with_a_finger(app: Parlour, provider: Provider, open_chat: OpenChatPage) -> None:
    """The buttons are there without hovering, and large enough; the keyboard's Enter is a new line."""
    provider.reply(*replies('One.', 'Two.', 'Three.'))
    chat = await open_chat('phone')
    await chat.open(app.url)
    await chat.composer.fill('First')
    await chat.page.get_by_test_id('send').tap()
    await chat.expect_state('done')
    answer, question = chat.turns('assistant').last, chat.turns('user').last
    for button in (part(answer, 'copy'), part(answer, 'regenerate'), part(question, 'edit')):
        box = await button.bounding_box()
        assert box
        assert (box['width'], box['height']) >= (44, 44)
    await part(answer, 'regenerate').tap()
    await chat.expect_answer('Two.')
    await chat.expect_state('done')
    await part(answer, 'version-prev').tap()
    await chat.expect_answer('One.')
    await part(question, 'edit').tap()
    await part(question, 'edit-box').press('End')
    await part(question, 'edit-box').press('Enter')
    await part(question, 'edit-box').press_sequentially('and second')
    await part(question, 'edit-save').tap()
    await chat.expect_answer('Three.')
    assert request_messages(provider.requests[2]) == [('user', 'First\nand second')]
    assert await chat.page.evaluate('document.documentElement.scrollWidth') == 390


async def test_regenerate_with_another_model(app: Parlour, provider: Provider, chat: ChatPage) -> None:
    provider.reply(*replies('One.', 'Two.'))
    await chat.open(app.url)
    await ask(chat, 'First')
    await part(chat.turns('assistant').last, 'regenerate-with').click()
    demo = chat.page.get_by_test_id('model-option').filter(has_text='Demo')
    await demo.click()
    await expect(chat.answers.last).to_contain_text('demo', ignore_case=True)
    await expect(part(chat.turns('assistant').last, 'version-label')).to_have_text('2/2')
    await expect(chat.page.get_by_test_id('model-picker')).not_to_contain_text('Demo')


async def test_a_fork_says_where_it_comes_from(app: Parlour, provider: Provider, chat: ChatPage) -> None:
    provider.reply(*replies('One.', 'Two.', 'Three.'))
    await chat.open(app.url)
    await ask(chat, 'First', 'Second')
    before = await chat.address()
    answer = chat.turns('assistant').first
    await answer.hover()
    await part(answer, 'fork').click()
    await expect(chat.page).not_to_have_url(before)
    await expect(chat.turns('user')).to_have_count(1)
    origin = chat.page.locator('.origin:not(:empty)')
    await expect(origin).to_contain_text('Branched from')
    await expect(origin).to_contain_text('First')
    await ask(chat, 'Else')
    assert request_messages(provider.requests[2]) == [
        ('user', 'First'),
        ('assistant', 'One.'),
        ('user', 'Else'),
    ]
    await origin.get_by_role('link').click()
    await expect(chat.page).to_have_url(before)
    await expect(chat.turns('user')).to_have_count(2)


async def test_the_status_is_read_out_also_after_something_was_copied(
    app: Parlour, provider: Provider, chat: ChatPage
) -> None:
    reply, gate = two_halves()
    provider.reply(*replies('One.'), reply)
    await chat.open(app.url)
    await ask(chat, 'First')
    await listen(chat.page)
    await chat.page.context.grant_permissions(['clipboard-read', 'clipboard-write'])
    await part(chat.turns('assistant'), 'copy').click()
    assert await heard(chat.page, 1) == ['Copied']
    await chat.send('Second')
    assert await heard(chat.page, 2) == ['Copied', 'Answering']
    gate.release()
    assert await heard(chat.page, 3) == ['Copied', 'Answering', 'Answer finished']


async def test_nothing_jumps_when_an_answer_begins_or_ends(
    app: Parlour, provider: Provider, chat: ChatPage
) -> None:
    reply, gate = two_halves()
    provider.reply(reply)
    await chat.open(app.url)
    await chat.page.evaluate(COUNT_AWAITED_WORDS)
    await chat.send('Tell me')
    await chat.expect_answer('The first half')
    assert await chat.page.evaluate('window.awaitedWords') == 0
    before = await chat.turns('assistant').bounding_box()
    gate.release()
    await chat.expect_state('done')
    assert await chat.turns('assistant').bounding_box() == before
    await expect(part(chat.turns('assistant'), 'copy')).to_be_visible()
