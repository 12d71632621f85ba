"""Theme: light, dark or system is, and pages that fit a narrow screen."""

import pytest
from playwright.async_api import Page, expect

from tests.support.chat_page import ChatPage, OpenChatPage
from tests.support.process import Parlour
from tests.support.profile import only_long
from tests.support.provider import Provider
from tests.support.replies import Reply

WIDE = """| {} |
|{}|
| {} |

`{}`

```python
{} = 1
```

$${}$$
""".format(
    ' | '.join(f'a rather long heading {n}' for n in range(9)),
    '---|' * 9,
    ' | '.join(f'cell {n}' for n in range(9)),
    'inline_code_without_a_space_' * 9,
    'a_name_that_is_very_long_' * 9,
    ' + '.join(f'x_{{{n}}}' for n in range(40)),
)
"""An answer of which each block is wider than a phone."""

SMALL_BOXES = """[...document.querySelectorAll('textarea, input')]
    .filter((box) => !['file', 'radio', 'checkbox', 'range'].includes(box.type))
    .filter((box) => parseFloat(getComputedStyle(box).fontSize) < 16).map((box) => box.outerHTML)"""
"""A phone zooms into a page when a box with small words is touched."""

BEFORE_THE_BODY = """() => {
    window.looks = [];
    new MutationObserver(() => looks.push([document.documentElement.dataset.theme, Boolean(document.body)]))
        .observe(document, { subtree: true, attributes: true, attributeFilter: ['data-theme'] });
}"""
"""Notes each theme that the page takes on, and whether it had anything to show by then."""


async def theme(page: Page) -> tuple[str, str]:
    """The theme, and the colour behind everything."""
    return await page.evaluate(
        '[document.documentElement.dataset.theme, getComputedStyle(document.body).backgroundColor]'
    )


async def test_the_page_is_as_the_system_is_and_follows_it(app: Parlour, chat: ChatPage) -> None:
    await chat.page.emulate_media(color_scheme='light')
    await chat.open(app.url)
    light = await theme(chat.page)
    await chat.page.emulate_media(color_scheme='dark')
    await expect(chat.page.locator('html')).to_have_attribute('data-theme', 'dark')
    dark = await theme(chat.page)
    assert light[0] == 'light'
    assert light[1] != dark[1]


async def test_a_choice_holds_in_all_pages_and_is_there_before_anything_is_shown(
    app: Parlour, open_chat: OpenChatPage
) -> None:
    """So that no light page flashes up in the dark."""
    chat = await open_chat(anew=True)
    await chat.page.emulate_media(color_scheme='light')
    await chat.open(app.url)
    another = ChatPage(await chat.page.context.new_page())
    await another.open(app.url)
    await chat.page.evaluate("document.dispatchEvent(new CustomEvent('parlour-theme', { detail: 'dark' }))")
    await expect(another.page.locator('html')).to_have_attribute('data-theme', 'dark')
    await chat.page.add_init_script(f'({BEFORE_THE_BODY})()')
    await chat.page.reload()
    await expect(chat.composer).to_be_editable()
    assert await chat.page.evaluate('looks') == [['dark', False]]


@pytest.mark.parametrize('width', [360, only_long(2560)])
async def test_nothing_is_wider_than_the_page(
    app: Parlour, provider: Provider, open_chat: OpenChatPage, width: int
) -> None:
    """What does not fit scrolls where it stands, and no box on a phone has small words."""
    chat = await open_chat('phone' if width < 600 else 'desk')
    await chat.page.set_viewport_size({'width': width, 'height': 844})
    provider.reply(Reply(pieces=[WIDE]))
    await chat.open(app.url)
    await chat.composer.fill('Something wide')
    await chat.send_button.click()
    await chat.expect_state('done')
    await chat.turns('user').last.hover()
    await chat.turns('user').last.get_by_test_id('edit').click()
    for path in ('', '/settings', '/trash', '/archive'):
        if path:
            await chat.page.goto(app.url + path)
        assert await chat.page.evaluate('document.documentElement.scrollWidth') == width
        assert width >= 600 or await chat.page.evaluate(SMALL_BOXES) == []
