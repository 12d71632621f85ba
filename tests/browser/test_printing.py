"""What is printed is the whole chat, not what is on the screen."""

from pathlib import Path

from playwright.async_api import expect

from tests.support.chat_page import ChatPage
from tests.support.process import StartApp
from tests.support.stored_chats import StoredChat, write_chats

BOOK = StoredChat(
    number=1,
    title='Many turns',
    turns=tuple((f'Question <{number}>', f'Answer **{number}**. ' + 'Words. ' * 60) for number in range(61)),
)

SHOWN = """() => {
    const said = document.querySelectorAll('.thread .turn :is(.bubble, .prose)');
    return [...said].map((each) => each.textContent.trim());
}"""


async def test_all_turns_are_printed(start: StartApp, chat: ChatPage, tmp_path: Path) -> None:
    """Under the title, dark on light also in the dark; afterwards the page is as it was."""
    write_chats(tmp_path / 'data', [BOOK])
    app = await start()
    await chat.page.emulate_media(color_scheme='dark')
    await chat.open(f'{app.url}/c/{BOOK.id}')
    await expect(chat.turns('user')).to_have_count(20)
    await chat.page.evaluate(
        f"addEventListener('beforeprint', () => (window.printed = ({SHOWN})()))"
    )  # comes after the page's own
    pages = (await chat.page.pdf(format='A4', print_background=True)).count(b'/Type /Page\n')
    printed = await chat.page.evaluate('window.printed')
    assert len(printed) == 2 * 61
    assert printed[0] == 'Question <0>'
    assert printed[1].startswith('Answer 0. Words.')
    assert printed[-1].startswith('Answer 60.')
    assert pages >= 10
    await expect(chat.turns('user')).to_have_count(20)
    await expect(chat.page.locator('.older-turns')).to_have_count(0)


async def test_on_paper_there_is_nothing_to_press(start: StartApp, chat: ChatPage, tmp_path: Path) -> None:
    write_chats(tmp_path / 'data', [BOOK])
    app = await start()
    await chat.page.emulate_media(color_scheme='dark')
    await chat.open(f'{app.url}/c/{BOOK.id}')
    await chat.page.emulate_media(media='print')
    await expect(chat.page.get_by_role('heading', level=1)).to_have_text('Many turns')
    await expect(chat.page.get_by_role('heading', level=1)).to_be_visible()
    await expect(chat.page.locator('button').locator('visible=true')).to_have_count(0)
    await expect(chat.page.locator('.thread .prose').first).to_contain_text('Answer 0.')
    ink = await chat.page.locator('.chat-title').evaluate('(it) => getComputedStyle(it).color')
    assert ink == 'rgb(33, 31, 27)'
    height = await chat.page.evaluate('document.documentElement.scrollHeight')
    assert height > 61 * 100
