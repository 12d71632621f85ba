"""A chat that is more than its model holds: it is said with the numbers, and there is a way on."""

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
from pydantic_ai import Agent
from pydantic_ai.exceptions import ModelHTTPError

from chat.conversation.content.context_window import ContextOverflow, overflow_in
from chat.conversation.content.metadata import ConversationMetadata
from chat.conversation.live_conversation import LiveConversation
from chat.store.conversations.format import dump_metadata, load_metadata
from tests.support import replies
from tests.support.http_models import make_registry
from tests.support.provider import Exchange, Provider
from tests.support.replies import Reply
from tests.support.scripted import MemoryStore, wait_until_answered

FULL_4096 = ContextOverflow(tokens=5000, limit=4096)
WORDS = {
    'llama.cpp': (
        {'message': 'too much', 'type': 'exceed_context_size_error', 'n_prompt_tokens': 540, 'n_ctx': 512},
        ContextOverflow(tokens=540, limit=512),
    ),
    'llama.cpp behind another server': (
        'request (540 tokens) exceeds the available context size (512 tokens), try increasing it',
        ContextOverflow(tokens=540, limit=512),
    ),
    'litellm': (
        'litellm.ContextWindowExceededError: litellm.BadRequestError: OpenAIException - It is too long.',
        ContextOverflow(),
    ),
    'vLLM': (
        "This model's maximum context length is 4096 tokens. However, you requested 5000 tokens (4500 in the "
        'messages, 500 in the completion). Please reduce the length of the messages or completion.',
        FULL_4096,
    ),
    'a newer vLLM': (
        'The decoder prompt (length 5000) is longer than the maximum model length of 4096. Make sure that '
        '`max_model_len` is no smaller than the number of text tokens.',
        FULL_4096,
    ),
    'the newest vLLM': (
        "You passed 5000 input tokens and requested 100 output tokens. However, the model's context length "
        'is only 4096 tokens, resulting in a maximum input length of 3996 tokens.',
        FULL_4096,
    ),
    'a vLLM between these': (
        'The prompt (total length 5000) is too long to fit into the model (context length 4096).',
        FULL_4096,
    ),
    'Ollama': ('the input length exceeds the context length', ContextOverflow()),
    'LM Studio': (
        'Trying to keep the first 5000 tokens when context the overflows. However, the model is loaded with '
        'context length of only 4096 tokens, which is not enough.',
        FULL_4096,
    ),
    'another LM Studio': (
        'The number of tokens to keep from the initial prompt is greater than the context length (n_keep: '
        '5000>= n_ctx: 4096). Try to load it with more.',
        FULL_4096,
    ),
    'Anthropic': (
        'prompt is too long: 210000 tokens > 200000 maximum',
        ContextOverflow(tokens=210_000, limit=200_000),
    ),
}


@pytest.mark.parametrize('server', WORDS)
def test_it_is_recognised_in_the_words_of_each_server(server: str) -> None:
    body, full = WORDS[server]
    assert overflow_in(ModelHTTPError(400, 'm', body)) == full


@pytest.mark.parametrize('words', ['No.', 'Invalid value for max_tokens', 'The file has no content'])
def test_another_refusal_is_none(words: str) -> None:
    assert overflow_in(ModelHTTPError(400, 'm', {'message': words})) is None
    assert (
        overflow_in(ModelHTTPError(429, 'm', {'message': 'tokens of the context window per minute'})) is None
    )


HOLDS = 800
"""Characters that the model of these tests takes, the system message not counted."""


def holding(exchange: Exchange) -> Reply:
    """Answer what fits, and refuse the rest as llama.cpp does."""
    told = [message['content'] or '' for message in exchange.body['messages'] if message['role'] != 'system']
    length = sum(map(len, told))
    if length > HOLDS:
        return replies.overflow(length, HOLDS)
    return Reply(pieces=[f'{len(told)} came.'])


@pytest.fixture
async def provider() -> AsyncIterator[Provider]:
    async with Provider() as provider:
        provider.otherwise = holding
        yield provider


async def ask(live: LiveConversation, *questions: str) -> None:
    for text in questions:
        live.send(text)
        await wait_until_answered(live)


def sent(provider: Provider) -> list[str]:
    """The questions in the last request, by their first word."""
    return [
        message['content'].split()[0]
        for message in provider.requests[-1]['messages']
        if message['role'] == 'user'
    ]


def question(name: str, length: int = 180) -> str:
    return f'{name} {"x" * (length - len(name) - 1)}'


async def test_the_older_turns_are_left_out_and_the_question_is_answered(provider: Provider) -> None:
    """About three quarters of what the model holds are filled; the line and the question are stored."""
    store = MemoryStore()
    live = make_registry(provider.url, store=store).new()
    await ask(live, *(question(name) for name in ('A', 'B', 'C', 'D', 'E')))
    last = live.turns[-1]
    assert last.failure
    assert last.failure.startswith('This chat has 928 tokens, and the model holds 800.')
    assert last.outcome
    assert last.outcome.full == ContextOverflow(tokens=928, limit=800)
    await live.exclude_older()
    await wait_until_answered(live)
    assert (live.turns[-1].state, sent(provider)) == ('done', ['C', 'D', 'E'])
    assert [turn.is_excluded for turn in live.turns] == [False, True, False, False, False]
    assert len(live.turns) == 5
    again = await make_registry(provider.url, store=store).open(live.id)
    await ask(again, 'F?')
    assert sent(provider) == ['C', 'D', 'E', 'F?']
    await again.include_all()
    assert not any(turn.is_excluded for turn in again.turns)
    assert (await store.read_metadata(live.id)).left_out == ''


async def test_a_chat_with_a_line_goes_on_by_halves(provider: Provider) -> None:
    """Who has left out older turns is not asked again: the line moves on."""
    live = make_registry(provider.url).new()
    await ask(live, *(question(name) for name in ('A', 'B', 'C', 'D')))
    await live.exclude_older()
    assert live.turns[1].is_excluded
    await ask(live, question('E'), question('F'), question('G', 500))
    assert live.turns[-1].state == 'done'
    assert sent(provider)[-1] == 'G'
    assert len(sent(provider)) < 5


async def test_without_numbers_it_is_tried_by_halves(provider: Provider) -> None:
    def mute(exchange: Exchange) -> Reply:
        reply = holding(exchange)
        return replies.refusal(400, 'the input length exceeds the context length') if reply.body else reply

    provider.otherwise = mute
    live = make_registry(provider.url).new()
    await ask(live, *(question(name, 80) for name in 'ABCDEFG'), question('H', 600))
    assert live.turns[-1].state == 'failed'
    await live.exclude_older()
    await wait_until_answered(live)
    assert (live.turns[-1].state, sent(provider)) == ('done', ['G', 'H'])


async def test_a_question_that_is_too_long_alone_has_nothing_to_leave_out(provider: Provider) -> None:
    live = make_registry(provider.url).new()
    await ask(live, question('A', 900))
    assert live.turns[-1].state == 'failed'
    assert not live.can_exclude_older
    await live.exclude_older()
    assert len(provider.requests) == 1


async def test_an_answer_that_has_filled_the_model_cannot_go_on_like_that(provider: Provider) -> None:
    """Its usage says so, and its server how much it holds."""
    provider.tells = {'meta': {'n_ctx': 60}}
    live = make_registry(provider.url).new()
    await ask(live, 'A', 'B')
    provider.reply(Reply(pieces=['word '] * 45, finish='length'))
    await ask(live, 'C')
    last = live.turns[-1]
    assert (last.state, last.can_continue) == ('failed', False)
    assert (last.failure or '').startswith('This chat has filled the 60 tokens that the model holds.')
    await live.exclude_older()
    await wait_until_answered(live)
    await ask(live, 'D')
    assert live.turns[-1].state == 'done'
    assert sent(provider) == ['D']


async def test_an_answer_that_was_ended_for_another_length_goes_on(provider: Provider) -> None:
    provider.tells = {'meta': {'n_ctx': 4096}}
    provider.reply(Reply(pieces=['word '], finish='length'))
    live = make_registry(provider.url).new()
    await ask(live, 'A')
    assert live.turns[-1].can_continue


async def test_tool_calls_are_left_out_with_what_they_returned(provider: Provider) -> None:
    agent = Agent()

    @agent.tool_plain
    def count() -> int:  # pyright: ignore[reportUnusedFunction]  # the agent calls it
        return 3

    live = make_registry(provider.url, agent=agent).new()
    provider.reply(Reply(calls=[replies.ToolCall(name='count')]), Reply(pieces=['Three.']))
    await ask(live, question('A'), question('B'))
    await live.exclude_older()
    await ask(live, 'C?')
    assert [message['role'] for message in provider.requests[-1]['messages']] == ['user', 'assistant', 'user']


def test_the_line_and_the_numbers_are_stored() -> None:
    metadata = ConversationMetadata(left_out='turn-1')
    assert load_metadata(dump_metadata(metadata)) == metadata
    assert load_metadata({key: value for key, value in dump_metadata(metadata).items() if key != 'left_out'})
    assert replace(metadata, left_out='') == ConversationMetadata()
