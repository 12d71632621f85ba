"""What stands in a turn: drawings once they can be drawn, a person's words as they were written."""

from playwright.async_api import expect

from tests.support.chat_page import ChatPage, OpenChatPage
from tests.support.gates import Gate
from tests.support.process import Parlour
from tests.support.provider import Provider
from tests.support.replies import Reply

FLOW = '```mermaid\nflowchart LR\n  Ask --> Answer\n```\n\n'
BROKEN = '```mermaid\nflowchart LR\n  Ask --> --> (((\n```\n\nThe end.'
FILLED = '```mermaid\nflowchart LR\n  A[Do (this)] --> B[Then that]\n  style A fill:#f9f\n```\n'
MISTAKES = """```mermaid
graph TD
  A[Start (now)] --> B{Is "x" > 0?}
  B -->|Yes (sure)| C[Do "this"]
```
"""
REFUSED = """```mermaid
zenuml
  Alice->Bob: Hi
```

```mermaid
graph LR
  A@{ img: "https://example.com/a.png", w: 60, h: 60 } --> B
```

```mermaid
graph LR
  A[Do "this"] --> --> B
```
"""
PLAN_AND_MAP = """```mermaid
gantt
  title A plan
  dateFormat YYYY-MM-DD
  section One
  Task A :a1, 2024-01-01, 30d
  Task B :after a1, 20d
```

```mermaid
mindmap
  root((The topic))
    First
```
"""
WORDS = '# No heading\n<b>not bold</b> **nor this** $x$\n    four spaces  and two\n- no list'


async def test_a_diagram_is_drawn_once_it_is_whole_and_else_its_source_stays(
    app: Parlour, provider: Provider, chat: ChatPage
) -> None:
    gate = Gate()
    provider.reply(Reply(pieces=[FLOW[:30], FLOW[30:] + BROKEN], gates={1: gate}))
    await chat.open(app.url)
    await chat.send('Draw')
    await expect(chat.page.locator('pre')).to_contain_text('flowchart LR')
    await expect(chat.page.locator('.drawing')).to_have_count(0)
    gate.release()
    await chat.expect_state('done')
    whole, broken = chat.page.locator('.diagram').first, chat.page.locator('.diagram').last
    await expect(whole.locator('svg')).to_contain_text('Answer')
    await expect(whole.locator('pre')).to_be_hidden()
    await expect(broken.locator('pre')).to_be_visible()
    await expect(broken.locator('pre')).to_contain_text('Ask --> -->')
    await expect(broken.locator('svg')).to_have_count(0)
    problem = broken.get_by_test_id('diagram-error')
    await expect(problem).to_contain_text('Not drawn: Parse error')
    above, below = await problem.bounding_box(), await broken.locator('pre').bounding_box()
    assert above
    assert below
    assert above['y'] < below['y']


async def test_the_words_of_a_diagram_can_be_read_on_its_own_fills(
    app: Parlour, provider: Provider, chat: ChatPage
) -> None:
    """Also in the dark, and if labels have brackets without quotes around them, as models write them."""
    provider.reply(Reply(pieces=[FILLED]))
    await chat.page.emulate_media(color_scheme='dark')
    await chat.open(app.url)
    await chat.send('Draw')
    await chat.expect_state('done')
    drawing = chat.page.locator('.diagram svg')
    await expect(drawing).to_contain_text('Do (this)')
    fills = 'texts => texts.map(text => getComputedStyle(text).fill)'
    labels = drawing.locator('tspan:not(:has(tspan))').filter(has_text='Do')
    assert set(await labels.evaluate_all(fills)) == {'rgb(20, 19, 17)'}


async def test_usual_mistakes_in_labels_are_mended_and_no_sign_of_one_vanishes(
    app: Parlour, provider: Provider, chat: ChatPage
) -> None:
    pieces = ['```mermaid\ngraph TD\n', 'A{x > 0} -->|n < 5| B["a >= b<br>c <= d"] --> C(1 > 0)\n', '```']
    provider.reply(Reply(pieces=[*pieces, '\n\n', MISTAKES]))
    await chat.open(app.url)
    await chat.send('Draw')
    mended = chat.page.locator('.diagram').last.locator('svg')
    for label in ('Start (now)', "Is 'x' > 0?", 'Yes (sure)', "Do 'this'"):
        await expect(mended).to_contain_text(label)
    words = chat.page.locator('.diagram').first.locator('svg text')
    await expect(words.filter(has_text='c <= d')).to_have_count(1)
    shown = ' '.join(await words.all_text_contents())
    assert all(part in shown for part in ('x > 0', 'n < 5', 'a >= b', '1 > 0')), shown
    background = chat.page.locator('.diagram').first.locator('svg .edgeLabel rect').first
    await expect(background).to_have_css('opacity', '1')  # no line is seen through the words


async def test_a_diagram_that_is_not_drawn_says_why(app: Parlour, provider: Provider, chat: ChatPage) -> None:
    """In its own words, not in those that were tried instead."""
    provider.reply(Reply(pieces=[REFUSED]))
    await chat.open(app.url)
    await chat.send('Draw')
    reasons = chat.page.get_by_test_id('diagram-error')
    await expect(reasons).to_contain_text(
        [
            'Not drawn: diagrams of this kind are not known here.',
            'Not drawn: images in diagrams are not loaded.',
            'Not drawn: Parse error on line 2: graph LR A[Do "this"] -->',
        ]
    )


async def test_plans_are_as_large_as_other_words_and_topics_stand_in_their_circle(
    app: Parlour, provider: Provider, open_chat: OpenChatPage
) -> None:
    phone = await open_chat('phone')
    provider.reply(Reply(pieces=[PLAN_AND_MAP]))
    await phone.open(app.url)
    await phone.composer.fill('Draw')
    await phone.send_button.click()
    plan, map_ = (phone.page.locator('.diagram svg[id]').nth(number) for number in range(2))
    await expect(map_).to_contain_text('First')
    width, drawn = await plan.evaluate('(plan) => [plan.viewBox.baseVal.width, plan.clientWidth]')
    assert width == drawn
    middles = """(map) => ['circle', 'circle ~ .label text'].map((name) => {
        const { x, width } = map.querySelector(name).getBoundingClientRect();
        return x + width / 2;
    })"""
    circle, words = await map_.evaluate(middles)
    assert abs(circle - words) < 1


async def test_what_a_person_writes_is_shown_as_it_is(app: Parlour, chat: ChatPage) -> None:
    await chat.open(app.url)
    await chat.send(WORDS)
    bubble = chat.turns('user').last.locator('.bubble')
    await expect(bubble).to_be_visible()
    assert await bubble.evaluate('(bubble) => bubble.innerText') == WORDS
    assert await bubble.evaluate('(bubble) => bubble.children.length') == 0


async def test_back_and_forward_lead_through_the_chats(app: Parlour, chat: ChatPage) -> None:
    await chat.open(app.url)
    await chat.send('The first chat')
    await chat.expect_state('done')
    first = await chat.address()
    await chat.page.get_by_test_id('new-chat').click()
    await expect(chat.turns('user')).to_have_count(0)
    await chat.send('The second chat')
    await chat.expect_state('done')
    second = await chat.address()
    assert second != first
    await chat.page.go_back()
    await chat.page.go_back()
    await expect(chat.page).to_have_url(first)
    await expect(chat.turns('user').last).to_contain_text('The first chat')
    await chat.page.go_forward()
    await chat.page.go_forward()
    await expect(chat.page).to_have_url(second)
    await expect(chat.turns('user').last).to_contain_text('The second chat')


async def test_an_image_of_the_web_is_a_link_until_it_is_loaded(
    app: Parlour, provider: Provider, chat: ChatPage
) -> None:
    """Nothing is loaded from this computer or its network, and the answer says so beside the link."""
    provider.reply(Reply(pieces=[f'![A cat]({provider.url}/cat.png)']))
    await chat.open(app.url)
    await chat.send('Show me')
    await chat.expect_state('done')
    button = chat.answers.get_by_test_id('image-load')
    await button.click()
    await expect(chat.answers.locator('.image-link [role=status]')).to_contain_text(
        'nothing is loaded from there'
    )
    await expect(button).to_be_enabled()
    await expect(chat.answers.get_by_role('link', name='Image: A cat')).to_be_visible()
    await expect(chat.answers.locator('img')).to_have_count(0)
