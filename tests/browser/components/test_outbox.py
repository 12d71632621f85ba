"""What is written or sent and not confirmed: kept in the browser, told again until the server has it."""

from typing import Any

import pytest
from playwright.async_api import expect

from chat.ui.chat.composer import PROMPT_LIMITS
from tests.browser.components.composing import box_of, compose, messages, texts
from tests.support.component_page import Mounted, Stage

REST = 500
"""Milliseconds without a key after which the server hears what was written."""
AGAIN = 4000
"""Milliseconds after which it hears again what it has not confirmed."""


async def stored(stage: Stage) -> dict[str, Any]:
    """What the browser keeps."""
    return await stage.page.evaluate(
        'Object.fromEntries(Object.entries(localStorage).map(([key, value]) => [key, JSON.parse(value)]))'
    )


async def send(stage: Stage, composer: Mounted, text: str) -> str:
    """Send this, and return its id."""
    await box_of(stage).fill(text)
    await box_of(stage).press('Enter')
    sent = [message for (message,) in await composer.emitted('send') if message['text'] == text]
    return sent[0]['id']


async def test_what_is_sent_before_the_page_is_connected_goes_when_it_is(stage: Stage) -> None:
    """A page is shown before that; somebody who types fast is ahead of it."""
    await stage.connect(connected=False)
    composer = await compose(stage)
    await box_of(stage).press('Enter')  # nothing is nothing
    await box_of(stage).fill('Hello')
    await box_of(stage).press('Enter')
    problem = stage.page.get_by_role('alert')
    await expect(problem).to_have_text('Sending as soon as the page is connected.')
    assert await messages(composer) == []
    await stage.connect(connected=True)
    assert await messages(composer, 1) == ['Hello']
    await expect(problem).to_have_count(0)
    await expect(box_of(stage)).to_have_value('')


async def test_what_is_sent_while_the_connection_is_away_goes_when_it_is_back(stage: Stage) -> None:
    """Unless it was changed meanwhile: then a person sends it."""
    composer = await compose(stage)
    for text, changed, sent in (('Hello', '', ['Hello']), ('Half', 'Half a', ['Hello'])):
        await stage.connect(connected=False)
        await box_of(stage).fill(text)
        await box_of(stage).press('Enter')
        await expect(box_of(stage)).to_have_value(text)
        if changed:
            await box_of(stage).fill(changed)
            await expect(stage.page.get_by_role('alert')).to_have_count(0)
        await stage.connect(connected=True)
        await expect(box_of(stage)).to_have_value(changed)
        assert await messages(composer) == sent


async def test_writing_is_told_when_the_keys_rest(paused: Stage) -> None:
    """A hundred keys in a row are one message, not a hundred."""
    composer = await compose(paused)
    await box_of(paused).press_sequentially('word ' * 20)
    await paused.pass_time(REST - 1)
    assert await composer.emitted('draft') == []
    await paused.pass_time(1)
    [[told]] = await composer.emitted('draft')
    assert told == {'version': 100, 'text': 'word ' * 20, 'attachments': []}


async def test_what_the_keys_have_not_rested_for_is_kept_in_the_browser(paused: Stage) -> None:
    await compose(paused)
    await box_of(paused).press_sequentially('a')
    await paused.pass_time(REST // 2)
    assert (await stored(paused))['unsent this one']['text'] == 'a'


async def test_only_the_last_version_that_is_confirmed_is_kept(paused: Stage) -> None:
    """The server may confirm what has been typed over meanwhile."""
    composer, form = await compose(paused), paused.page.locator('.composer')
    await box_of(paused).press_sequentially('ab')
    await paused.pass_time(REST)
    await composer.call('confirmDraft', 1)
    await expect(form).to_have_attribute('data-saved', 'false')
    assert 'unsent this one' in await stored(paused)
    await composer.call('confirmDraft', 2)
    await expect(form).to_have_attribute('data-saved', 'true')
    assert await stored(paused) == {}
    await paused.pass_time(2 * AGAIN)
    assert len(await composer.emitted('draft')) == 1


async def test_what_is_not_confirmed_is_told_again(paused: Stage) -> None:
    """With its id and its version, by which the server knows it again."""
    composer = await compose(paused)
    sent = await send(paused, composer, 'Hello')
    await paused.pass_time(2 * AGAIN)
    messages = [message for (message,) in await composer.emitted('send')]
    assert [message['id'] for message in messages] == [sent] * 3
    versions = [told['version'] for (told,) in await composer.emitted('draft')]
    assert len(versions) >= 2
    assert len(set(versions)) == 1
    await composer.call('confirmPrompt', sent)
    await paused.pass_time(2 * AGAIN)
    assert len(await composer.emitted('send')) == 3


async def test_without_a_connection_nothing_is_told_and_the_text_stays(paused: Stage) -> None:
    composer, box = await compose(paused), box_of(paused)
    await paused.connect(connected=False)
    await box.fill('Not now')
    await paused.pass_time(2 * AGAIN)
    assert await composer.emitted('draft') == []
    await paused.connect(connected=True)
    await paused.pass_time(AGAIN)
    assert [told['text'] for (told,) in await composer.emitted('draft')] == ['Not now']
    await expect(box).to_have_value('Not now')


async def test_what_was_sent_into_a_line_that_is_lost_is_told_when_it_is_back(paused: Stage) -> None:
    composer = await compose(paused)
    await send(paused, composer, 'Hello')
    await paused.connect(connected=False)
    await paused.pass_time(2 * AGAIN)
    assert await texts(composer) == ['Hello']
    await paused.connect(connected=True)
    await paused.pass_time(AGAIN)
    assert await texts(composer) == ['Hello', 'Hello']


async def test_what_is_refused_is_given_back_before_what_was_written_since(stage: Stage) -> None:
    composer = await compose(stage)
    sent = await send(stage, composer, 'First')
    await stage.page.keyboard.type('since')
    await composer.call('refusePrompt', sent, 'This was not sent.')
    await expect(box_of(stage)).to_have_value('First\nsince')
    await expect(stage.page.get_by_role('alert')).to_have_text('This was not sent.')
    assert 'sent this one' not in await stored(stage)


async def test_a_page_asks_what_became_of_what_an_earlier_one_sent(paused: Stage) -> None:
    """The words stay in the browser; for the question an id is enough."""
    composer = await compose(paused)
    first, second = await send(paused, composer, 'One'), await send(paused, composer, 'Two')
    await composer.call('confirmPrompt', first)
    await paused.reload()
    composer = await compose(paused)
    assert await composer.emitted('reconcile') == [[[{'id': second, 'conversation': 'this one'}]]]
    await composer.call('refusePrompt', second, 'The connection was lost.')
    await expect(box_of(paused)).to_have_value('Two')
    await paused.reload()
    assert await (await compose(paused)).emitted('reconcile') == []


async def test_what_an_earlier_page_sent_is_asked_about_again_and_never_sent(paused: Stage) -> None:
    """Until there is an answer, however long that takes; what is sent from here is told again beside it."""
    earlier = await send(paused, await compose(paused), 'From before')
    await paused.reload()
    composer = await compose(paused)
    await send(paused, composer, 'From here')
    await paused.pass_time(2 * AGAIN)
    assert await composer.emitted('reconcile') == [[[{'id': earlier, 'conversation': 'this one'}]]] * 3
    assert await texts(composer) == ['From here'] * 3
    await composer.call('refusePrompt', earlier, 'The connection was lost.')
    await expect(box_of(paused)).to_have_value('From before')
    again = await send(paused, composer, 'From before')
    await composer.call('refusePrompt', earlier, 'The connection was lost.')  # it was asked twice
    await expect(paused.page.get_by_role('alert')).to_have_count(0)
    await paused.pass_time(AGAIN)
    assert len(await composer.emitted('reconcile')) == 3
    assert again in {message['id'] for (message,) in (await composer.emitted('send'))[-2:]}


async def test_a_reload_right_after_a_key(paused: Stage) -> None:
    """No time has passed, so no timer has run; what the browser kept wins over what the server knows."""
    await compose(paused)
    await box_of(paused).press_sequentially('abc')
    await paused.reload()
    await compose(paused, draft={'text': 'older', 'attachments': []})
    await expect(box_of(paused)).to_have_value('abc')


async def test_each_place_has_its_own(paused: Stage) -> None:
    here = await compose(paused)
    await box_of(paused).fill('of this one')
    await here.remove()
    there = await compose(paused, draftKey='another', conversation='another')
    await expect(box_of(paused)).to_have_value('')
    await there.remove()
    await compose(paused)
    await expect(box_of(paused)).to_have_value('of this one')


async def test_what_is_written_while_a_conversation_begins_goes_with_it(paused: Stage) -> None:
    """It was sent from the place of new ones; the reload finds the conversation at its own."""
    new = await compose(paused, draftKey='new')
    sent = await send(paused, new, 'Hello')
    await box_of(paused).press_sequentially('and more')
    await paused.reload()
    begun = await compose(paused)
    await expect(box_of(paused)).to_have_value('and more')
    assert await begun.emitted('reconcile') == [[[{'id': sent, 'conversation': 'this one'}]]]
    assert set(await stored(paused)) == {'unsent this one', 'sent this one'}


async def test_nothing_of_a_temporary_chat_is_kept_in_the_browser(paused: Stage) -> None:
    """What was written before it was one goes; what is written once it is none any more is kept again."""
    composer = await compose(paused, draftKey='new')
    await box_of(paused).fill('Hush')
    await paused.pass_time(REST)
    assert set(await stored(paused)) == {'unsent new'}
    await composer.change(temporary=True)
    await composer.call('moveDraft', 'this one')
    assert await stored(paused) == {}
    await box_of(paused).press_sequentially('!')
    await paused.pass_time(AGAIN)
    await send(paused, composer, 'Secret')
    await box_of(paused).press_sequentially('more')
    await paused.pass_time(AGAIN)
    assert await stored(paused) == {}
    assert await texts(composer) == ['Secret', 'Secret']
    await composer.change(temporary=False)
    await composer.call('moveDraft', 'new')
    await paused.pass_time(REST)
    assert set(await stored(paused)) == {'unsent new'}


async def test_a_new_chat_has_its_words_whatever_is_written_in_another(paused: Stage) -> None:
    """Also where the server has stored them, and others in their place since; until they are sent."""
    new = {'draftKey': 'new', 'conversation': 'here'}
    composer = await compose(paused, **new)
    await box_of(paused).fill('A paragraph')
    await paused.pass_time(REST)
    await composer.call('confirmDraft', 1)
    assert await stored(paused) == {}
    await paused.reload()
    composer = await compose(paused, **new, draft={'text': 'Of another chat', 'attachments': []})
    await expect(box_of(paused)).to_have_value('A paragraph')
    await paused.pass_time(REST)
    assert [told['text'] for (told,) in await composer.emitted('draft')] == ['A paragraph']
    await composer.call('confirmPrompt', await send(paused, composer, 'A paragraph, and more'))
    await paused.reload()
    await compose(paused, **new)
    await expect(box_of(paused)).to_have_value('')


@pytest.mark.parametrize('becomes', ['a chat', 'temporary', 'empty'])
async def test_a_tab_keeps_no_words_that_are_for_no_new_chat_any_more(paused: Stage, becomes: str) -> None:
    composer = await compose(paused, draftKey='new')
    await box_of(paused).fill('A paragraph')
    await paused.pass_time(REST)
    await composer.call('confirmDraft', 1)
    match becomes:
        case 'a chat':
            await composer.call('moveDraft', 'this one')
        case 'temporary':
            await composer.change(temporary=True)
        case _:
            await box_of(paused).fill('')
            await paused.pass_time(REST)
    assert await paused.page.evaluate('({ ...sessionStorage })') == {}


async def test_what_was_begun_elsewhere_is_not_taken(paused: Stage) -> None:
    new = await compose(paused, draftKey='new', conversation='elsewhere')
    await send(paused, new, 'Hello')
    await paused.reload()
    other = await compose(paused)
    assert await other.emitted('reconcile') == []
    assert 'sent new' in await stored(paused)


async def test_two_tabs_of_a_conversation_send_under_different_ids(paused: Stage) -> None:
    """Each tells its own again, and takes nothing from the other."""
    await paused.show('<div id="one"></div><div id="two"></div>')
    tabs = [await paused.mount('composer', TAB, inside=each) for each in ('#one', '#two')]
    for number, text in enumerate(('From one', 'From two')):
        await box_of(paused).nth(number).fill(text)
        await box_of(paused).nth(number).press('Enter')
    await paused.pass_time(AGAIN)
    ids = [{message['id'] for (message,) in await tab.emitted('send', 2)} for tab in tabs]
    assert [len(each) for each in ids] == [1, 1]
    assert ids[0].isdisjoint(ids[1])
    assert [await texts(tab) for tab in tabs] == [['From one'] * 2, ['From two'] * 2]


TAB = {'draftKey': 'shared', 'conversation': 'shared', 'draft': {'text': ''}, 'limits': {}}


async def test_nobody_is_interrupted_by_what_is_written_elsewhere(paused: Stage) -> None:
    composer, box = await compose(paused), box_of(paused)
    await composer.call('showDraft', {'text': 'from there'})
    await expect(box).to_have_value('from there')
    await box.fill('from here')
    await composer.call('showDraft', {'text': 'from there again'})
    await expect(box).to_have_value('from here')


async def test_a_browser_that_stores_nothing(paused: Stage) -> None:
    """The page itself still has it."""
    await paused.page.evaluate('() => { Storage.prototype.setItem = () => { throw new Error("full") } }')
    composer = await compose(paused)
    await send(paused, composer, 'Hello')
    await paused.pass_time(AGAIN)
    assert await texts(composer) == ['Hello', 'Hello']


async def test_a_message_that_is_too_large_stays(stage: Stage) -> None:
    composer, box = await compose(stage, limits={**PROMPT_LIMITS, 'maxLength': 10}), box_of(stage)
    await box.fill('x' * 11)
    await box.press('Enter')
    await expect(stage.page.get_by_role('alert')).to_contain_text('too long: 11 characters (up to ')
    await expect(stage.page.get_by_role('alert')).to_contain_text('or as a file')
    await composer.change(limits={**PROMPT_LIMITS, 'maxLength': 10**7})
    await box.fill('\x01' * 150_000)  # seven bytes each, as it goes to the server
    await box.press('Enter')
    await expect(stage.page.get_by_role('alert')).to_contain_text('too large to be sent at once')
    assert await texts(composer) == []


async def test_what_is_kept_of_one_user_is_not_there_for_the_next(paused: Stage) -> None:
    """They sign in one after the other in one browser, and both begin a chat."""
    await compose(paused, draftKey='new', user='anna')
    await box_of(paused).press_sequentially('mine')
    await paused.pass_time(REST // 2)
    for user, text in (('bert', ''), ('', ''), ('anna', 'mine')):
        await paused.reload()
        await compose(paused, draftKey='new', user=user)
        await expect(box_of(paused)).to_have_value(text)
