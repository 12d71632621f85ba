"""A chat that is too long for its model, on the page: what is said, what is offered, and the line."""

from playwright.async_api import expect

from tests.support import replies
from tests.support.chat_page import ChatPage
from tests.support.files import png
from tests.support.process import Parlour
from tests.support.provider import Exchange, Provider
from tests.support.replies import Reply

MOST = 4
"""Messages that the model of this test takes, besides the system message."""


def holding(exchange: Exchange) -> Reply:
    count = len(exchange.body['messages']) - 1
    if count > MOST:
        return replies.overflow(600, 512)
    return Reply(pieces=[f'{count} came.'])


async def test_older_turns_are_left_out_and_given_again(
    app: Parlour, provider: Provider, chat: ChatPage
) -> None:
    provider.otherwise = holding
    await chat.open(app.url)
    for text in ('First', 'Second'):
        await chat.send(text)
        await chat.expect_state('done')
    await chat.send('Third')
    full = chat.page.get_by_test_id('context-full')
    await expect(full).to_contain_text('This chat has 600 tokens, and the model holds 512.')
    await expect(full.get_by_test_id('context-new')).to_be_visible()
    await expect(chat.page.get_by_test_id('continue')).to_have_count(0)
    await chat.page.get_by_test_id('context-trim').click()
    await chat.expect_state('done')
    await expect(full).to_have_count(0)
    line = chat.page.get_by_test_id('context-line')
    await expect(line).to_be_visible()
    await expect(chat.turns('assistant').filter(has=line)).to_contain_text('1 came.')
    await chat.reload()
    await expect(line).to_be_visible()
    await chat.page.get_by_test_id('context-restore').click()
    await expect(line).to_have_count(0)
    await chat.send('Fourth')
    await chat.expect_state('failed')
    await expect(full).to_be_visible()


async def test_a_refused_file_is_named_under_the_answer(
    app: Parlour, provider: Provider, chat: ChatPage
) -> None:
    provider.reply(replies.refusal(422, 'Unknown variant `image_url`'), Reply(pieces=['I see nothing.']))
    await chat.open(app.url)
    await chat.picker.set_input_files([{'name': 'cat.png', 'mimeType': '', 'buffer': png()}])
    await expect(chat.page.locator('.uploading')).to_have_count(0)
    await expect(chat.attachments).to_have_count(1)
    await chat.send('What is this?')
    await chat.expect_answer('I see nothing.')
    note = chat.page.get_by_test_id('without-files')
    await expect(note).to_have_text('Not supported by this model and left out: cat.png.')
