"""The provider that the other tests stand on, seen by the clients that the app uses."""

import asyncio
import threading
from collections.abc import AsyncGenerator, AsyncIterable, AsyncIterator

import httpx2
import pytest
from openai import APIError, APIStatusError, AsyncOpenAI
from pydantic_ai import Agent, AgentRunError, CancellationToken, RunCancelled
from pydantic_ai.models.openai import OpenAIChatModel
from pydantic_ai.providers.openai import OpenAIProvider

from tests.support import replies
from tests.support.gates import Gate
from tests.support.openai_wire import MODEL
from tests.support.provider import Exchange, Provider
from tests.support.replies import Ending, Reply, ToolCall


@pytest.fixture
async def provider() -> AsyncIterator[Provider]:
    async with Provider() as provider:
        yield provider


@pytest.fixture
async def client(provider: Provider) -> AsyncIterator[AsyncOpenAI]:
    async with AsyncOpenAI(base_url=provider.url, api_key='none', max_retries=0) as client:
        yield client


async def ask(client: AsyncOpenAI, prompt: str = 'Hello') -> AsyncGenerator[str]:
    stream = await client.chat.completions.create(
        model=MODEL,
        messages=[{'role': 'user', 'content': prompt}],
        stream=True,
        stream_options={'include_usage': True},
    )
    async with stream:
        async for chunk in stream:
            for choice in chunk.choices:
                yield choice.delta.content or ''


async def text_of(pieces: AsyncIterator[str]) -> str:
    return ''.join([piece async for piece in pieces])


def agent(client: AsyncOpenAI) -> Agent:
    return Agent(OpenAIChatModel(MODEL, provider=OpenAIProvider(openai_client=client)))


async def read(_: object, events: AsyncIterable[object]) -> None:
    """Read the events of a run; to have a reader is what makes the run stream."""
    async for _event in events:
        pass


async def test_one_model_is_listed(client: AsyncOpenAI) -> None:
    assert [model.id async for model in client.models.list()] == [MODEL]


async def test_a_reply_comes_in_its_pieces_and_the_request_is_kept(
    provider: Provider, client: AsyncOpenAI
) -> None:
    provider.reply(Reply(pieces=['one ', 'two ', 'three']))
    assert [piece async for piece in ask(client) if piece] == ['one ', 'two ', 'three']
    assert provider.requests[0]['messages'] == [{'role': 'user', 'content': 'Hello'}]
    assert provider.closed == []


async def test_without_a_reply_it_tells_how_many_messages_came(client: AsyncOpenAI) -> None:
    assert await text_of(ask(client)) == 'I got **1** message.'


async def test_what_it_says_otherwise_may_depend_on_the_request(
    provider: Provider, client: AsyncOpenAI
) -> None:
    def shout(exchange: Exchange) -> Reply:
        return Reply(pieces=[exchange.body['messages'][-1]['content'].upper()])

    provider.otherwise = shout
    assert await text_of(ask(client, 'hello')) == 'HELLO'


async def test_an_answer_that_is_not_streamed(provider: Provider, client: AsyncOpenAI) -> None:
    provider.reply(Reply(pieces=['one ', 'two']))
    answer = await client.chat.completions.create(model=MODEL, messages=[{'role': 'user', 'content': '?'}])
    assert answer.choices[0].message.content == 'one two'
    assert answer.usage is not None
    assert answer.usage.completion_tokens == 2


async def test_gates_hold_the_first_byte_and_any_piece(provider: Provider, client: AsyncOpenAI) -> None:
    before, middle = Gate(), Gate()
    provider.reply(Reply(pieces=['one ', 'two'], before=before, gates={1: middle}))
    threading.Thread(target=lambda: (before.reached.wait_blocking(), before.release())).start()
    pieces = ask(client)
    assert [await anext(pieces), await anext(pieces)] == ['', 'one ']
    await middle.reached.wait()
    middle.release()
    assert await text_of(pieces) == 'two'


async def test_a_gate_that_is_never_released_does_not_keep_the_provider() -> None:
    gate = Gate()
    async with Provider() as provider, AsyncOpenAI(base_url=provider.url, api_key='none') as client:
        provider.reply(Reply(pieces=['one '], gates={0: gate}))
        pieces = ask(client)
        await anext(pieces)
        await gate.reached.wait()
        await pieces.aclose()


async def test_stopping_a_run_closes_the_connection(provider: Provider, client: AsyncOpenAI) -> None:
    provider.reply(Reply(pieces=['one ', 'two'], gates={1: (gate := Gate())}))
    token = CancellationToken()
    run = asyncio.create_task(agent(client).run('Hello', cancellation_token=token, event_stream_handler=read))
    await gate.reached.wait()
    token.cancel()
    with pytest.raises(RunCancelled):
        await run
    await provider.wait_for_closed()
    assert provider.closed == provider.exchanges


@pytest.mark.parametrize('pieces', [[], [' \n']])
async def test_empty_answers(provider: Provider, client: AsyncOpenAI, pieces: list[str]) -> None:
    provider.reply(Reply(pieces=pieces))
    assert (await text_of(ask(client))).strip() == ''


@pytest.mark.parametrize(
    ('reply', 'status', 'code'),
    [
        (replies.bad_key(), 401, 'invalid_api_key'),
        (replies.forbidden(), 403, 'forbidden'),
        (replies.unknown_model(), 404, 'model_not_found'),
        (replies.rate_limited(7), 429, 'rate_limit_exceeded'),
        (replies.out_of_quota(), 429, 'insufficient_quota'),
        (replies.too_long(), 400, 'context_length_exceeded'),
        (replies.failing(500), 500, 'server_error'),
        (replies.failing(503), 503, 'server_error'),
        (replies.failing(529), 529, 'server_error'),
    ],
)
async def test_refusals(
    provider: Provider, client: AsyncOpenAI, reply: Reply, status: int, code: str
) -> None:
    provider.reply(reply)
    with pytest.raises(APIStatusError) as caught:
        await text_of(ask(client))
    assert (caught.value.status_code, caught.value.code) == (status, code)
    assert caught.value.response.headers.get('retry-after') == reply.headers.get('retry-after')


@pytest.mark.parametrize('ending', ['cut', 'malformed', 'error'])
async def test_a_bad_end_comes_after_the_pieces(
    provider: Provider, client: AsyncOpenAI, ending: Ending
) -> None:
    provider.reply(Reply(pieces=['one ', 'two'], ending=ending))
    pieces = ask(client)
    assert [await anext(pieces) for _ in range(3)] == ['', 'one ', 'two']
    with pytest.raises((APIError, httpx2.HTTPError, ValueError)):
        await anext(pieces)
    assert provider.closed == []


async def test_an_agent_sees_a_failure(provider: Provider, client: AsyncOpenAI) -> None:
    provider.always_reply(replies.failing(503))
    with pytest.raises(AgentRunError):
        await agent(client).run('Hello')


async def test_an_agent_calls_its_tool(provider: Provider, client: AsyncOpenAI) -> None:
    asked = agent(client)

    @asked.tool_plain
    def weather(place: str) -> str:  # pyright: ignore[reportUnusedFunction]  # the agent calls it
        return f'Rain in {place}.'

    call = ToolCall(name='weather', arguments='{"place": "Bonn"}')
    provider.reply(Reply(calls=[call]), Reply(pieces=['It rains.']))
    assert (await asked.run('How is it?')).output == 'It rains.'
    assert provider.requests[1]['messages'][-1]['content'] == 'Rain in Bonn.'


def test_it_serves_a_test_without_an_event_loop() -> None:
    with Provider() as provider:
        listed = httpx2.get(f'{provider.url}/models', trust_env=False)
        assert listed.json()['data'][0]['id'] == MODEL
        assert httpx2.get(f'{provider.url}/elsewhere', trust_env=False).status_code == 404
