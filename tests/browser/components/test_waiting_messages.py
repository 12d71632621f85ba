"""A message that cannot go yet: it goes by itself as it was sent, and by hand once it was changed."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import FilePayload, Locator, Page, Route, expect

from chat.ui.chat.prompt_sender import LOST_MESSAGE
from tests.browser.components.composing import box_of, compose, messages, texts
from tests.support.component_page import Stage

RECOGNITION = """() => {
localStorage.setItem("parlour-dictation", "yes");
window.SpeechRecognition = class {
  start() { window.recognition = this; }
  abort() { setTimeout(() => this.onend()); }
  hear(text) { this.onresult({ results: [[{ transcript: text }]] }); }
};
}"""
"""Stands for what a browser has; who speaks has agreed to it before."""

REST = 500
"""Milliseconds without a key after which the server hears what was written."""

FILE: FilePayload = {'name': 'plan.txt', 'mimeType': 'text/plain', 'buffer': b'The plan'}


@pytest_asyncio.fixture(loop_scope='session')
async def uploads(stage: Stage) -> AsyncIterator[list[Route]]:
    """What is being uploaded, without an end."""
    held: list[Route] = []
    await stage.page.route('**/files/?name=*', lambda route: held.append(route))
    yield held
    await stage.page.unroute('**/files/?name=*')


async def attach(page: Page) -> None:
    await page.locator('input[type=file]').set_input_files(FILE)
    await expect(page.get_by_test_id('attachment').locator('progress')).to_be_visible()


async def dictate(page: Page) -> None:
    await page.get_by_test_id('dictate').click()
    await page.evaluate('recognition.hear("now")')


def problem_on(stage: Stage) -> Locator:
    return stage.page.get_by_role('alert')


async def test_a_message_does_not_go_without_a_file_that_is_removed_while_it_waits(
    stage: Stage, uploads: list[Route]
) -> None:
    """The person may want another one in its place."""
    composer = await compose(stage)
    await attach(stage.page)
    await box_of(stage).fill('Look at this')
    await box_of(stage).press('Enter')
    await expect(problem_on(stage)).to_contain_text('as soon as the files are uploaded')
    await stage.page.get_by_role('button', name='Remove plan.txt').click()
    await expect(stage.page.get_by_test_id('attachment')).to_have_count(0)
    await expect(problem_on(stage)).to_have_count(0)
    await expect(box_of(stage)).to_have_value('Look at this')
    assert await messages(composer) == []
    await box_of(stage).press('Enter')
    assert await messages(composer) == ['Look at this']
    assert len(uploads) == 1


@pytest.mark.parametrize(
    ('waits', 'said'),
    [
        (True, 'Not sent: the page was left before plan.txt was uploaded. Attach it again.'),
        (False, 'The page was left before plan.txt was uploaded. Attach it again.'),
    ],
)
async def test_a_file_that_the_page_was_left_too_early_for_is_named(
    stage: Stage, uploads: list[Route], waits: bool, said: str
) -> None:
    composer = await compose(stage)
    await attach(stage.page)
    await box_of(stage).fill('Look at this')
    if waits:
        await box_of(stage).press('Enter')
    ((draft,),) = await composer.emitted('draft', 1)
    await composer.call('confirmDraft', draft['version'])
    await composer.remove()
    await compose(stage)
    await expect(problem_on(stage)).to_have_text(said)
    await expect(box_of(stage)).to_have_value('Look at this')
    [upload] = uploads
    await upload.fulfill(status=201, json={})  # which nobody waits for any more


@pytest.mark.parametrize('how', ['dictated', 'attached'])
@pytest.mark.usefixtures('uploads')
async def test_what_is_added_while_it_waits_for_a_connection_is_sent_by_hand(stage: Stage, how: str) -> None:
    await stage.page.evaluate(RECOGNITION)
    composer = await compose(stage)
    await stage.connect(connected=False)
    await box_of(stage).fill('Come')
    await box_of(stage).press('Enter')
    await expect(problem_on(stage)).to_contain_text('as soon as the page is connected')
    await (dictate if how == 'dictated' else attach)(stage.page)
    await expect(problem_on(stage)).to_have_count(0)
    await stage.connect(connected=True)
    if how == 'attached':
        await stage.page.get_by_role('button', name='Remove plan.txt').click()
    await expect(box_of(stage)).to_have_value('Come now' if how == 'dictated' else 'Come')
    assert await messages(composer) == []


async def test_what_is_sent_while_one_dictates_says_that_it_waits(stage: Stage) -> None:
    """Also when the browser has ended listening, which it does a moment later."""
    await stage.page.evaluate(RECOGNITION)
    composer = await compose(stage)
    await stage.connect(connected=False)
    await dictate(stage.page)
    await box_of(stage).press('Enter')
    await expect(stage.page.get_by_test_id('dictate')).to_have_attribute('aria-pressed', 'false')
    await expect(problem_on(stage)).to_contain_text('as soon as the page is connected')
    await stage.connect(connected=True)
    assert await messages(composer, 1) == ['now']


@pytest.mark.parametrize('is_confirmed', [False, True], ids=['unknown to the server', 'stored by the server'])
async def test_a_page_says_that_what_waited_on_the_one_before_was_not_sent(
    paused: Stage, is_confirmed: bool
) -> None:
    """A page loads itself anew when it was without a connection for too long."""
    composer = await compose(paused)
    await box_of(paused).fill('Are you there?')
    if is_confirmed:
        await paused.pass_time(REST)
        await composer.call('confirmDraft', 1)
    await paused.connect(connected=False)
    await box_of(paused).press('Enter')
    await expect(problem_on(paused)).to_contain_text('as soon as the page is connected')
    await paused.reload()
    composer = await compose(paused)
    await expect(box_of(paused)).to_have_value('Are you there?')
    await expect(problem_on(paused)).to_have_text(LOST_MESSAGE)
    assert await texts(composer) == []
    await box_of(paused).press('Enter')
    await expect(problem_on(paused)).to_have_count(0)
    assert await texts(composer) == ['Are you there?']


@pytest.mark.parametrize('then', ['it is changed', 'it is sent'])
async def test_nothing_is_said_of_what_no_longer_waited(paused: Stage, then: str) -> None:
    await compose(paused)
    await paused.connect(connected=False)
    await box_of(paused).fill('Come')
    await box_of(paused).press('Enter')
    if then == 'it is sent':
        await paused.connect(connected=True)
    else:
        await box_of(paused).press_sequentially(' now')
    await paused.reload()
    await compose(paused)
    await expect(box_of(paused)).to_have_value('' if then == 'it is sent' else 'Come now')
    await expect(problem_on(paused)).to_have_count(0)
