"""Small things that a careful eye sees: what overlaps, hangs out, is cut off or stays drawn."""

from playwright.async_api import Locator, expect

from tests.browser.test_attachments import attach, file
from tests.support.chat_page import ChatPage, OpenChatPage
from tests.support.files import PDF, png
from tests.support.process import Parlour
from tests.support.provider import Provider
from tests.support.replies import Reply


async def box_of(locator: Locator) -> dict[str, float]:
    box = await locator.bounding_box()
    assert box
    x, y, width, height = box['x'], box['y'], box['width'], box['height']
    return {'x': x, 'y': y, 'width': width, 'height': height, 'bottom': y + height}


async def answer(app: Parlour, provider: Provider, chat: ChatPage, text: str) -> Locator:
    provider.reply(Reply(pieces=[text]))
    await chat.open(app.url)
    await chat.composer.fill('Show me')
    await chat.send_button.click()
    await chat.expect_state('done')
    return chat.answers.last


async def test_what_is_read_has_room_and_stands_where_it_belongs(
    app: Parlour, provider: Provider, chat: ChatPage
) -> None:
    lists = ['\n'.join(f'{number}. item' for number in range(*ends)) for ends in ((1, 121), (98, 103))]
    quotes = '> اقتباس\n\n> [!TIP]\n> نصيحة'
    details = '<details>\n<summary>More</summary>\n\nWords\n\n</details>'
    roots = r'It is $\sqrt{\pi} < \sqrt{4}$.'
    text = '\n\n'.join(['```\ncode\n```', quotes, details, roots, '\n\nand\n\n'.join(lists)])
    shown = await answer(app, provider, chat, text)
    await the_buttons_of_the_question_do_not_touch(shown)
    await expect(shown.locator('ol')).to_have_count(2)
    for each in await shown.locator('ol').all():
        assert await has_room_for_numbers(each)
    await quotes_in_arabic_have_their_bar_on_the_right(shown)
    await expect(shown.locator('summary')).to_have_css('list-style-type', 'disclosure-closed')
    low, high = [(await box_of(root))['y'] for root in await shown.locator('msqrt').all()]
    assert abs(low - high) < 1.5, 'a root of a letter is as high as that of a digit'


async def the_buttons_of_the_question_do_not_touch(shown: Locator) -> None:
    await shown.page.get_by_test_id('turn').first.scroll_into_view_if_needed()
    edit = await box_of(shown.page.get_by_test_id('edit'))
    assert edit['height'] == 30
    assert edit['bottom'] <= (await box_of(shown))['y']


async def quotes_in_arabic_have_their_bar_on_the_right(shown: Locator) -> None:
    for quote in await shown.locator('blockquote').all():
        await expect(quote).to_have_css('border-width', '0px 3px 0px 0px')
    title = await box_of(shown.locator('.callout-title > *'))
    column = await box_of(shown)
    assert title['x'] > column['x'] + column['width'] / 2


async def has_room_for_numbers(numbers: Locator) -> bool:
    return await numbers.evaluate("""(list) => {
        const pen = document.createElement('canvas').getContext('2d');
        pen.font = getComputedStyle(list).font;
        return pen.measureText('120. ').width <= parseFloat(getComputedStyle(list).paddingLeft);
    }""")


async def test_short_code_is_not_parted(app: Parlour, provider: Provider, open_chat: OpenChatPage) -> None:
    phone = await open_chat('phone')
    text = ' '.join(['Start it with `--base-url http://a` and see.'] * 8) + f' `{"x" * 200}`'
    shown = await answer(app, provider, phone, text)
    codes = shown.locator('code')
    parts = await codes.evaluate_all('(codes) => codes.map((code) => code.getClientRects().length)')
    assert set(parts) == {1}
    heights = await codes.evaluate_all('(codes) => codes.map((code) => code.offsetHeight)')
    assert max(heights[:-1]) < 24 < heights[-1]
    assert await phone.page.evaluate('document.documentElement.scrollWidth') == 390


async def test_what_was_tapped_is_not_drawn_as_if_a_pointer_rested_there(
    app: Parlour, provider: Provider, open_chat: OpenChatPage
) -> None:
    phone = await open_chat('phone')
    await answer(app, provider, phone, 'Heads.')
    button = phone.page.get_by_test_id('regenerate')
    await button.tap()
    await button.hover()  # as a browser has it after a tap
    await expect(phone.page.get_by_test_id('version-label')).to_have_text('2/2')
    await phone.expect_state('done')
    await phone.page.wait_for_function('(it) => it.matches(":hover")', arg=await button.element_handle())
    await expect(button).to_have_css('background-color', 'rgba(0, 0, 0, 0)')


async def test_pictures_stand_above_what_is_named(app: Parlour, provider: Provider, chat: ChatPage) -> None:
    await chat.open(app.url)
    files = [('b.pdf', PDF), ('a.png', png(200, 160)), ('c.pdf', PDF + b'\n'), ('d.png', png(200, 161))]
    await attach(chat, *(file(name, content) for name, content in files))
    await chat.send('What is this?')
    await chat.expect_state('done')
    pictures, chips = chat.page.locator('.attached-image'), chat.page.locator('.attached-file')
    lowest = max([(await box_of(each))['bottom'] for each in await pictures.all()])
    for chip in await chips.all():
        assert (await box_of(chip))['y'] >= lowest
    await pictures.first.click()
    viewer = chat.page.get_by_role('dialog', name='a.png')
    seen = await chat.page.evaluate('document.elementFromPoint(innerWidth - 34, 34).ariaLabel')
    assert seen == 'Close'  # where the cross is drawn
    await chat.page.mouse.click(1280 - 34, 34)
    await expect(viewer).to_have_count(0)


async def test_a_temperature_that_is_not_set_looks_so(app: Parlour, chat: ChatPage) -> None:
    await chat.open(app.url)
    await chat.page.get_by_test_id('chat-settings').click()
    slider = chat.page.get_by_test_id('chat-temperature')
    color = 'getComputedStyle(document.querySelector("[data-testid=chat-temperature]")).accentColor'
    await expect(slider).to_be_visible()  # it is built as it is opened
    not_set = await chat.page.evaluate(color)
    await slider.press('ArrowRight')
    await expect(slider).to_have_attribute('data-set', 'true')
    assert await chat.page.evaluate(color) != not_set


async def test_at_twice_the_size_nothing_is_hidden(app: Parlour, chat: ChatPage) -> None:
    """The heading stands below the bar and its shade, and the end of a dialog is in view."""
    await chat.page.set_viewport_size({'width': 640, 'height': 330})
    await chat.open(app.url)
    await chat.page.locator('.scroller').evaluate('(scroller) => (scroller.scrollTop = -9999)')
    heading = await box_of(chat.page.get_by_role('heading', level=1))
    assert heading['y'] >= (await box_of(chat.page.locator('.topbar')))['bottom'] + 18
    await chat.page.get_by_test_id('chat-settings').click()
    done = chat.page.get_by_role('button', name='Done')
    await expect(done).to_be_in_viewport(ratio=1)
    dialog = await box_of(chat.page.get_by_test_id('chat-settings-dialog'))
    assert (await box_of(done))['bottom'] <= dialog['bottom']


async def test_what_can_be_done_after_a_failure_stands_in_one_line(
    app: Parlour, provider: Provider, chat: ChatPage
) -> None:
    provider.reply(Reply(pieces=['Some words '], ending='error'))
    await chat.open(app.url)
    await chat.send('Tell me')
    await chat.expect_state('failed')
    rows = [await box_of(chat.page.get_by_test_id(name)) for name in ('continue', 'retry')]
    assert rows[0]['y'] == rows[1]['y']
