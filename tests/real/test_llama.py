"""Chats with a real llama.cpp server: what is said and offered is true of it."""

from dataclasses import replace

import pytest

from chat.agent.model_catalog import ModelCatalog
from chat.agent.servers import ModelServer
from chat.conversation.content.messages import EXCLUDED_FILES_KEY
from chat.conversation.live_conversation import LiveConversation
from tests.real.llama import KEY, Llama
from tests.support.files import attached, png
from tests.support.http_models import closed_at_end, make_registry, model_catalog_at
from tests.support.profile import only_long
from tests.support.scripted import wait_until, wait_until_answered

HELLO = 'Say hello.'
STORY = 'Write a very long story about a cat.'
TEMPLATES = ['alternate', 'gemma2', *map(only_long, ('qwen3', 'qwen35'))]


def models(server: Llama, key: str | None = KEY) -> ModelCatalog:
    return model_catalog_at(server.url, api_key=key, name='server:smollm2')


async def chat(server: Llama, key: str | None = KEY) -> LiveConversation:
    """A new one, in which the likeliest words are said."""
    live = make_registry(models(server, key)).new()
    await live.update_metadata(lambda metadata: replace(metadata, temperature=0.0))
    return live


def names(count: int) -> str:
    """A prompt of some six tokens for each."""
    return 'Say hello to each of these: ' + 'Anna, Berta, Carl, ' * count


async def ask(live: LiveConversation, text: str = HELLO) -> None:
    live.send(text)
    await wait_until_answered(live)


async def begun(live: LiveConversation) -> None:
    """Return in the middle of an answer."""
    await wait_until(live, lambda: len(live.turns[-1].text) > 20)


async def test_a_question_is_answered_and_answered_again(llama: Llama) -> None:
    live = await chat(llama)
    await ask(live)
    assert 'Hello' in live.turns[-1].text
    live.regenerate()
    await wait_until_answered(live)
    assert 'Hello' in live.turns[-1].text
    assert live.turns[-1].answer_version.count == 2


async def test_a_stop_frees_the_server_and_the_answer_goes_on(llama: Llama) -> None:
    live = await chat(llama)
    live.send(STORY)
    await begun(live)
    await live.stop()
    await llama.free()
    said = live.turns[-1].text
    live.continue_answer()
    await wait_until(live, lambda: len(live.turns[-1].text) > len(said) + 10)
    await live.stop()
    assert live.turns[-1].text.startswith(said)


async def test_an_image_is_not_sent_to_a_server_that_says_it_reads_none(llama: Llama) -> None:
    choices = models(llama)
    assert (await choices.profile('server:smollm2')).get('supports_image_input') is False
    live = make_registry(choices).new()
    live.send('Say hello.', attached('cat.png', 'image/png', png()))
    await wait_until_answered(live)
    assert live.turns[-1].text
    assert live.turns[-1].asked_without(EXCLUDED_FILES_KEY) == []


async def test_an_image_that_is_refused_is_left_out(llama: Llama) -> None:
    """As by a server that tells nothing of what it reads: here its list is not asked."""
    silent = ModelServer(
        prefix='silent', url=llama.url, heading='', key_variable='', api_key=KEY, was_asked=True
    )
    choices = closed_at_end(
        ModelCatalog(
            preferred='silent:other', base_url=None, api_key=None, environment={}, added=lambda: [silent]
        )
    )
    live = make_registry(choices).new()
    for attachments in (attached('cat.png', 'image/png', png()), {}):
        live.send('Say hello.', attachments)
        await wait_until_answered(live)
    assert all(turn.text for turn in live.turns)
    assert [turn.asked_without(EXCLUDED_FILES_KEY) for turn in live.turns] == [['cat.png'], []]


async def test_a_full_chat_is_answered_once_older_turns_are_left_out(llama: Llama) -> None:
    live = await chat(llama)
    await ask(live, names(35))
    await ask(live, names(35))
    last = live.turns[-1]
    assert last.outcome
    assert last.outcome.full
    assert last.outcome.full.limit == 512
    assert last.outcome.full.tokens > 512
    await live.exclude_older()
    await wait_until_answered(live)
    assert [turn.is_excluded for turn in live.turns] == [True, False]
    assert live.turns[-1].text
    await ask(live)
    assert live.turns[-1].text


async def test_an_answer_that_fills_the_server_offers_no_continue(llama: Llama) -> None:
    live = await chat(llama)
    await ask(live, names(50))
    last = live.turns[-1]
    assert last.text
    assert last.failure
    assert last.failure.startswith('This chat has filled the 512 tokens that the model holds.')
    assert not last.can_continue
    await live.exclude_older()
    await wait_until_answered(live)
    await ask(live)
    assert live.turns[-1].text


@pytest.mark.parametrize('key', [None, 'another'])
async def test_a_key_that_is_refused_is_told(llama: Llama, key: str | None) -> None:
    live = await chat(llama, key)
    await ask(live)
    assert 'key' in (live.turns[-1].failure or '').lower()


async def test_a_server_that_dies_in_mid_answer_and_loads_again(llama: Llama) -> None:
    """What it has said stays; that it loads is told or waited for, and then it is answered again."""
    live = await chat(llama)
    live.send(STORY)
    await begun(live)
    llama.kill()
    await wait_until_answered(live)
    assert live.turns[-1].failure
    assert live.turns[-1].can_continue
    llama.start()
    await llama.when(lambda status, _: status != 0)
    await ask(live)
    await llama.ready()
    if not live.turns[-1].text:
        assert 'oading' in (live.turns[-1].failure or '')
        live.regenerate()
        await wait_until_answered(live)
    assert live.turns[-1].text


@pytest.mark.parametrize('template', TEMPLATES)
async def test_strict_templates_are_asked_as_they_want_it(template: str) -> None:
    """A question that is stopped before its first word, then another, with instructions of the chat's own."""
    server = Llama(template=template)
    server.start()
    try:
        await server.ready()
        live = await chat(server)
        await live.update_metadata(lambda metadata: replace(metadata, instructions='Be brief.'))
        live.send(HELLO)
        await live.stop()
        live.send(HELLO)
        await wait_until(live, lambda: len(live.turns[-1].text.strip()) > 5 or not live.is_running)
        await live.stop()
        assert live.turns[-1].text.strip(), live.turns[-1].failure
        assert len(live.turns) == 2
    finally:
        server.kill()
