"""Answers that fail, on the page."""

from dataclasses import replace
from pathlib import Path

import pytest
from playwright.async_api import expect

from tests.support import replies
from tests.support.chat_page import ChatPage, request_messages
from tests.support.gates import Gate
from tests.support.openai_wire import MODEL
from tests.support.process import Parlour, StartApp
from tests.support.provider import Provider
from tests.support.replies import Reply


@pytest.mark.parametrize(
    ('reply', 'kept', 'sentence'),
    [
        (replies.bad_key(), '', 'The API key was refused.'),
        (Reply(pieces=['Half an '], ending='cut'), 'Half an', 'The connection was lost'),
    ],
    ids=['bad key', 'cut'],
)
async def test_a_failed_answer_says_why_and_can_be_tried_again(
    app: Parlour, provider: Provider, chat: ChatPage, reply: Reply, kept: str, sentence: str
) -> None:
    provider.reply(reply, Reply(pieces=['A whole answer.']))
    await chat.open(app.url)
    await chat.send('Tell me')
    await chat.expect_state('failed')
    await expect(chat.turns('assistant')).to_contain_text(sentence)
    await expect(chat.turns('assistant')).to_contain_text(kept)
    await chat.retry.click()
    await chat.expect_answer('A whole answer.')
    await chat.expect_state('done')
    await expect(chat.turns('user')).to_have_count(1)
    await expect(chat.turns('user')).to_contain_text('Tell me')
    assert request_messages(provider.requests[1]) == [('user', 'Tell me')]


async def test_a_model_that_is_being_loaded_is_waited_for_and_the_page_says_so(
    app: Parlour, provider: Provider, chat: ChatPage
) -> None:
    held = Gate()
    loading = replies.refusal(503, 'Loading model')
    provider.reply(loading, replace(loading, before=held), Reply(pieces=['Here I am.']))
    await chat.open(app.url)
    await chat.send('Tell me')
    await expect(chat.page.locator('.waiting-line')).to_contain_text(
        'Waiting for the model … It says: Loading model'
    )
    await chat.expect_state('waiting')
    held.release()
    await chat.expect_answer('Here I am.')
    await chat.expect_state('done')
    provider.always_reply(loading)
    await chat.send('And now?')
    await expect(chat.page.locator('.waiting-line').last).to_contain_text('Waiting for the model')
    await chat.stop.click()
    await chat.expect_state('stopped')


async def test_a_first_page_asks_again_until_the_model_is_loaded(
    start: StartApp, provider: Provider, chat: ChatPage
) -> None:
    provider.models_status = 503
    app = await start()
    await chat.open(app.url)
    await expect(chat.page.get_by_test_id('empty-state')).to_contain_text('still loading its model')
    provider.models_status = 200
    await expect(chat.page.get_by_test_id('model-picker')).to_contain_text(MODEL)
    await expect(chat.page.get_by_test_id('empty-state')).not_to_contain_text('still loading')


async def test_a_model_that_is_unknown_leads_to_the_list_of_models(
    app: Parlour, provider: Provider, chat: ChatPage
) -> None:
    provider.reply(replies.unknown_model())
    await chat.open(app.url)
    await chat.send('Tell me')
    await chat.expect_state('failed')
    await chat.page.get_by_test_id('open-models').click()
    await expect(chat.page.get_by_test_id('model-search')).to_be_focused()


async def test_a_key_that_is_refused_leads_to_the_key(
    start: StartApp, provider: Provider, chat: ChatPage, tmp_path: Path
) -> None:
    """To the field for it, with its provider chosen."""
    body = '{"type": "error", "error": {"type": "authentication_error", "message": "invalid x-api-key"}}'
    provider.reply(Reply(status=401, body=body))
    environment = f'ANTHROPIC_API_KEY=sk-not-real\nANTHROPIC_BASE_URL={provider.url.removesuffix("/v1")}\n'
    (tmp_path / '.env').write_text(environment)
    app = await start('--model', 'anthropic:claude-sonnet-5-5')
    await chat.open(app.url)
    await chat.send('Tell me')
    await chat.expect_state('failed')
    await expect(chat.turns('assistant')).to_contain_text('Check the key of this provider.')
    await chat.page.get_by_test_id('open-key').click()
    await expect(chat.page.get_by_test_id('key-input')).to_be_focused()
    await expect(chat.page.get_by_test_id('key-provider')).to_have_value('anthropic')
