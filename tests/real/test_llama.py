"""Chats with a real llama.cpp server: what is said and offered is true of it."""

import time
from dataclasses import replace

import pytest

from chat.agent.models import ModelChoices
from chat.conversation.live import LiveConversation
from tests.real.llama import KEY, Llama
from tests.support.asked import conversations
from tests.support.files import attached, png
from tests.support.scripted import answered, until

HELLO = 'Say hello.'
STORY = 'Write a very long story about a cat.'
TEMPLATES = ['alternate', 'gemma2', 'qwen3', 'qwen35']
SLOT_FREE = 1.0
"""Seconds after a stop."""


def models(server: Llama, key: str | None = KEY) -> ModelChoices:
    return ModelChoices(preferred='server:smollm2', base_url=server.url, api_key=key, environment={})


async def chat(server: Llama, key: str | None = KEY) -> LiveConversation:
    """A new one, in which the likeliest words are said."""
    live = conversations(models(server, key)).new()
    await live.amend(lambda details: replace(details, temperature=0.0))
    return live


async def ask(live: LiveConversation, text: str = HELLO) -> str:
    live.send(text)
    await answered(live)
    return live.turns[-1].state


async def begun(live: LiveConversation) -> None:
    """Return in the middle of an answer."""
    await until(live, lambda: len(live.turns[-1].text) > 20)


async def test_a_question_is_answered_and_answered_again(llama: Llama) -> None:
    live = await chat(llama)
    assert await ask(live) == 'done'
    assert 'Hello' in live.turns[-1].text
    live.retry()
    await answered(live)
    assert (live.turns[-1].state, live.turns[-1].answer_version.count) == ('done', 2)


async def test_a_stop_frees_the_server_and_the_answer_goes_on(llama: Llama) -> None:
    live = await chat(llama)
    live.send(STORY)
    await begun(live)
    stopped = time.monotonic()
    await live.stop()
    await llama.free()
    assert time.monotonic() - stopped < SLOT_FREE
    said = live.turns[-1].text
    live.go_on()
    await until(live, lambda: len(live.turns[-1].text) > len(said) + 20)
    await live.stop()
    assert live.turns[-1].text.startswith(said)


async def test_an_image_is_not_sent_and_the_chat_goes_on(llama: Llama) -> None:
    live = await chat(llama)
    live.send('What is this?', attached('cat.png', 'image/png', png()))
    await answered(live)
    assert live.turns[-1].failure is None or live.turns[-1].text
    assert await ask(live) == 'done'


async def test_an_image_that_is_refused_is_left_out(llama: Llama) -> None:
    """A server that tells nothing of what it reads: here, its list was never asked."""
    choices = ModelChoices(preferred='server:other', base_url=llama.url, api_key=KEY, environment={})
    for server in choices.servers:
        server.was_asked = True
    live = conversations(choices).new()
    live.send('Say hello.', attached('cat.png', 'image/png', png()))
    await answered(live)
    assert live.turns[-1].text
    assert live.turns[-1].refused_files == ['cat.png']


async def test_a_full_chat_is_answered_once_older_turns_are_left_out(llama: Llama) -> None:
    live = await chat(llama)
    for _ in range(3):
        await ask(live)
    await ask(live, 'Say hello to each of these: ' + 'Anna, Berta, Carl, ' * 70)
    last = live.turns[-1]
    assert last.ending
    assert last.ending.full
    assert last.ending.full.limit == 512
    assert not last.can_go_on
    live.edit(last.id, 'Say hello to each of these: ' + 'Anna, Berta, Carl, ' * 40)
    await answered(live)
    assert live.turns[-1].state == 'failed'
    await live.leave_out_older()
    await answered(live)
    assert any(turn.is_left_out for turn in live.turns)
    assert live.turns[-1].text
    assert await ask(live) == 'done'


async def test_an_answer_that_fills_the_server_offers_no_continue(llama: Llama) -> None:
    live = await chat(llama)
    await ask(live, STORY + ' Do not stop before it has ten chapters.')
    if live.turns[-1].state == 'failed':
        assert not live.turns[-1].can_go_on
        assert (live.turns[-1].failure or '').startswith('This chat has filled the 512 tokens')
        await live.leave_out_older()
        await answered(live)
    assert await ask(live) == 'done'


@pytest.mark.parametrize('key', [None, 'another'])
async def test_a_key_that_is_refused_is_told(llama: Llama, key: str | None) -> None:
    live = await chat(llama, key)
    assert await ask(live) == 'failed'
    assert 'key' in (live.turns[-1].failure or '')


async def test_a_server_that_dies_in_mid_answer_and_loads_again(llama: Llama) -> None:
    """What it has said stays; while it loads that is told, and then it is answered again."""
    live = await chat(llama)
    live.send(STORY)
    await begun(live)
    llama.kill()
    await answered(live)
    assert live.turns[-1].state == 'failed'
    assert live.turns[-1].can_go_on
    llama.start()
    await llama.when(lambda status, _: status != 0)
    await ask(live)  # it may still be loading
    await llama.ready()
    if live.turns[-1].state == 'failed':
        assert 'oading' in (live.turns[-1].failure or '')
        live.retry()
        await answered(live)
    assert live.turns[-1].state == 'done'


@pytest.mark.parametrize('template', TEMPLATES)
async def test_strict_templates_are_asked_as_they_want_it(template: str) -> None:
    """Two questions with a stop between them, with instructions of the chat's own."""
    server = Llama(context=1024, template=template)
    server.start()
    try:
        await server.ready()
        live = await chat(server)
        await live.amend(lambda details: replace(details, instructions='Be brief.'))
        live.send(HELLO)
        await until(live, lambda: live.is_running)
        await live.stop()
        live.send(HELLO)
        await until(live, lambda: bool(live.turns[-1].text) or not live.is_running)
        await live.stop()
        assert live.turns[-1].text, live.turns[-1].failure
    finally:
        server.kill()
