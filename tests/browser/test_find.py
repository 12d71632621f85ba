"""Finding words in the open chat: by keys, far above what is loaded, and in what is folded."""

from pathlib import Path

from playwright.async_api import expect

from tests.support.chat_page import ChatPage
from tests.support.process import StartApp
from tests.support.stored_chats import StoredChat, write_chats

LONG_PROMPT = '\n'.join(f'Line {number}' for number in range(40)) + '\nThe café at its end'
ANSWER = 'A **ca**fe, `CAFÉ` and\n\n```python\nprint("café")\n```\n\n' + 'More words. ' * 60
CHAT = StoredChat(
    number=1,
    title='Places',
    turns=(
        ('Where-is it (now)?', ANSWER),
        (LONG_PROMPT, 'Yes.'),
        *((f'Question {number}', f'Answer {number}. {"Words. " * 60}') for number in range(30)),
        ('And now?', 'In a Cafe\u0301, again.'),
    ),
)

FOUND_NOW = '() => [...CSS.highlights.get("found-now")].map(String).join()'
"""What is marked as the one that is looked at."""

IN_VIEW = """(folded) => {
    const [range] = CSS.highlights.get("found-now");
    const box = range?.getBoundingClientRect();
    const view = document.querySelector('.scroller').getBoundingClientRect();
    return range && String(range) === folded && box.top > view.top && box.bottom < view.bottom;
}"""


async def test_words_are_found_wherever_they_are(start: StartApp, chat: ChatPage, tmp_path: Path) -> None:
    write_chats(tmp_path / 'data', [CHAT])
    app, page = await start(), chat.page
    await chat.open(f'{app.url}/c/{CHAT.id}')
    await chat.expect_answer_with('again')
    await page.keyboard.press('Control+f')
    box, count = page.get_by_test_id('find'), page.get_by_test_id('find-count')
    await expect(box).to_be_focused()
    await page.keyboard.type('nowhere')
    await expect(count).to_have_text('No matches')
    await box.fill('CAFE')
    await expect(count).to_have_text('5 of 5')  # the one that is on the page
    await page.wait_for_function(IN_VIEW, arg='Cafe\u0301')
    loaded = await page.get_by_test_id('turn').count()
    await page.keyboard.press('Shift+Enter')  # in a prompt that is not there yet, below its fold
    await expect(count).to_have_text('4 of 5')
    await page.wait_for_function(IN_VIEW, arg='café')
    assert await page.get_by_test_id('turn').count() > loaded
    await expect(page.get_by_test_id('prompt-more')).to_have_text('Show less')
    await page.keyboard.press('Enter')
    await page.keyboard.press('Enter')  # from the last one to the first
    await expect(count).to_have_text('1 of 5')
    await page.wait_for_function(IN_VIEW, arg='cafe')
    assert await page.evaluate('CSS.highlights.get("found").size') == 5  # all that the server has found
    await page.get_by_test_id('find-next').click()
    await page.wait_for_function(IN_VIEW, arg='CAFÉ')
    await box.fill('where-is  IT (now)?')
    await expect(count).to_have_text('1 of 1')
    await page.wait_for_function(IN_VIEW, arg='Where-is it (now)?')
    await page.evaluate(
        '() => addEventListener("keydown", (event) => (window.kept = event.defaultPrevented), { once: true })'
    )
    await box.focus()
    await page.keyboard.press('Control+f')  # the second time, it is for the browser
    assert await page.evaluate('window.kept') is False
    await page.keyboard.press('Escape')
    await expect(box).to_be_hidden()
    await expect(chat.composer).to_be_focused()
    assert await page.evaluate(FOUND_NOW) == ''
