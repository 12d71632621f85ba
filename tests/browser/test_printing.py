"""What is printed is the whole chat, not what is on the screen."""

from pathlib import Path

from playwright.async_api import expect

from tests.browser.test_diagrams import MEASURE, MIN_CONTRAST
from tests.support.chat_page import ChatPage
from tests.support.process import StartApp
from tests.support.stored_chats import StoredChat, write_chats

BOOK = StoredChat(
    number=1,
    title='Many turns',
    turns=tuple((f'Question <{number}>', f'Answer **{number}**. ' + 'Words. ' * 60) for number in range(61)),
)

DRAWING = """```mermaid
sequenceDiagram
    autonumber
    Alice->>Bob: Hello
    Note right of Bob: Bob thinks
    loop Every day
        Bob-->>Alice: Fine
    end
```"""

SHOWN = """() => {
    const said = document.querySelectorAll('.thread .turn :is(.bubble, .prose)');
    return [...said].map((each) => each.textContent.trim());
}"""


async def test_all_turns_are_printed_and_nothing_to_press(
    start: StartApp, chat: ChatPage, tmp_path: Path
) -> None:
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
    await chat.page.emulate_media(media='print')
    await is_for_paper(chat)


async def is_for_paper(chat: ChatPage) -> None:
    await expect(chat.page.get_by_role('heading', level=1)).to_have_text('Many turns')
    await expect(chat.page.get_by_role('heading', level=1)).to_be_visible()
    await expect(chat.page.locator('button').locator('visible=true')).to_have_count(0)
    await expect(chat.page.locator('.thread .prose').first).to_contain_text('Answer 0.')
    ink = await chat.page.locator('.chat-title').evaluate('(it) => getComputedStyle(it).color')
    assert ink == 'rgb(33, 31, 27)'
    height = await chat.page.evaluate('document.documentElement.scrollHeight')
    assert height > 61 * 100


async def test_a_diagram_can_be_read_on_paper(start: StartApp, chat: ChatPage, tmp_path: Path) -> None:
    """Also from a dark page, where its lines and words are light: what is below them is printed too."""
    drawn = StoredChat(number=1, title='Drawn', turns=(('Draw', DRAWING),))
    write_chats(tmp_path / 'data', [drawn])
    app = await start()
    await chat.page.emulate_media(color_scheme='dark')
    await chat.open(f'{app.url}/c/{drawn.id}')
    figure = chat.answers.locator('.diagram[data-drawn]')
    await expect(figure).to_be_visible()
    await chat.page.emulate_media(media='print')
    words: list[tuple[int, str, float, str, str]] = await chat.page.evaluate(MEASURE)
    assert {'Alice', 'Hello', 'Bob thinks', 'Fine'} <= {text for _, text, *_ in words}
    assert [each for each in words if each[2] < MIN_CONTRAST] == []
    await expect(figure).to_have_css('print-color-adjust', 'exact')
    await expect(chat.page.locator('body')).to_have_css('background-color', 'rgb(255, 255, 255)')
