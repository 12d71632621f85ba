"""The offer to load an image of the web that an answer has a link to."""

from playwright.async_api import expect

from chat.rendering import render
from tests.support.component_page import Mounted, Stage

URL = 'https://pictures.example/cat.png?a=1&b=2'
ANSWER = render(f'One ![A cat]({URL}) and ![plan](plan.png)')


async def messages(stage: Stage, *, loads: bool = True) -> Mounted:
    await stage.show('<div class="page"></div>')
    turn = f'<article class="turn" data-turn="a"><div class="prose">{ANSWER}</div></article>'
    return await stage.mount(
        'message_list',
        {'conversation': 'c', 'loadsImages': loads},
        inside='.page',
        slot=f'<div class="thread">{turn}</div>',
    )


async def test_an_image_is_asked_for_by_its_button(stage: Stage) -> None:
    mounted = await messages(stage)
    button = stage.page.get_by_test_id('image-load')
    await expect(button).to_have_accessible_name('Load image: A cat')
    await button.press('Enter')
    assert await mounted.emitted('load-image', 1) == [['a', URL]]
    await expect(button).to_be_disabled()
    await mounted.call('showImageProblem', 'a', URL, 'pictures.example is not known.')
    await expect(stage.page.locator('.image-link [role=status]')).to_have_text(
        'pictures.example is not known.'
    )
    await expect(button).to_be_enabled()


async def test_it_is_offered_in_what_is_shown_later_and_not_while_an_answer_grows(stage: Stage) -> None:
    await messages(stage)
    button = stage.page.get_by_test_id('image-load')
    await stage.page.locator('.prose').evaluate('(prose, html) => (prose.innerHTML = html)', ANSWER)
    await expect(button).to_be_visible()
    await stage.page.locator('.turn').evaluate('(turn) => (turn.dataset.state = "streaming")')
    await expect(button).to_be_hidden()


async def test_who_may_not_load_it_has_no_button(stage: Stage) -> None:
    await messages(stage, loads=False)
    await expect(stage.page.get_by_role('link', name='Image: A cat')).to_be_visible()
    await expect(stage.page.get_by_test_id('image-load')).to_have_count(0)
