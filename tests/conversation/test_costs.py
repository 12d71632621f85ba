"""What answers cost, what is used in a day, and the limits of both."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from pydantic_ai import Agent, ModelResponse, RunUsage, TextPart
from pydantic_ai.messages import ModelMessage

from chat.agent_config import AgentConfig, AgentRoster
from chat.conversation.content.chat_settings import Preferences
from chat.conversation.content.prices import cost_in
from chat.conversation.content.usage import AnswerUsage, sum_of, usage_of
from chat.conversation.conversation_registry import ConversationRegistry
from chat.conversation.usage_ledger import DayUsage, UsageLedger, first_day_of_year, today
from chat.store.data_folder import open_store
from chat.ui.chat.answer_actions import cost_text, usage_text
from chat.ui.chat.context_gauge import details_of
from chat.ui.usage_page import report_of
from tests.conversation.approving import FileAgent, delete, steps
from tests.support.gates import Gate
from tests.support.http_models import model_catalog_at
from tests.support.provider import Provider
from tests.support.replies import Reply, ToolCall
from tests.support.scripted import FullStore, MemoryStore, preferences_store, wait_until_answered


@pytest.fixture
def provider() -> Iterator[Provider]:
    with Provider() as provider:
        yield provider


def response(address: str, **metadata: Any) -> ModelMessage:
    return ModelResponse(
        parts=[TextPart('Hi.')], model_name='gpt-5.2', provider_url=address, metadata=metadata or None
    )


@pytest.mark.parametrize(
    ('addresses', 'kept'),
    [
        (['https://api.openai.com/v1/'], {'cost': 0.25}),
        (['https://api.openai.com/v1/', 'https://api.openai.com/v1/'], {'cost': 0.25}),
        (['https://gateway.example.com/v1'], {'cost': None}),
        (['https://api.openai.com/v1/', 'https://gateway.example.com/v1'], {'cost': None}),
        (['http://127.0.0.1:8000/v1'], {}),
        (['http://192.168.1.20/v1'], {}),
        (['http://attic.local:11434/v1'], {}),
        (['http://localhost:1234/v1'], {}),
        ([''], {}),
        ([], {}),
    ],
)
def test_a_price_counts_only_from_the_address_of_its_provider(
    addresses: list[str], kept: dict[str, object]
) -> None:
    """pydantic-ai prices gpt-5.2 wherever it runs; what a server of one's own gives costs nothing here."""
    usage = RunUsage(input_tokens=10, cost=Decimal('0.25'))
    assert cost_in(map(response, addresses), usage) == kept


def test_what_agents_in_tools_cost_is_not_known() -> None:
    said = response('https://api.openai.com/v1/', delegated={'a': {'requests': 1}})
    assert cost_in([said], RunUsage(cost=Decimal(1))) == {'cost': None}
    assert cost_in([response('https://api.openai.com/v1/')], RunUsage()) == {'cost': None}


def test_costs_are_said_as_far_as_they_are_known() -> None:
    known = usage_of([response('', usage={'input': 5, 'output': 7, 'cost': 0.00312})])
    unknown = usage_of([response('', usage={'input': 5, 'output': 7, 'cost': None})])
    free = usage_of([response('', usage={'input': 5, 'output': 7})])
    assert usage_text(known) == '5 tokens in, 7 out · $0.0031'
    assert usage_text(unknown) == '5 tokens in, 7 out · cost unknown'
    assert usage_text(free) == '5 tokens in, 7 out'
    assert cost_text(sum_of([known, known, unknown])) == '$0.0062 and more'
    full = AnswerUsage(input=5, output=7, context=12, window=4096)
    assert details_of(sum_of([known, full])) == [
        '12 of 4,096 tokens held',
        'This chat: 10 tokens in, 14 out',
        '$0.0031',
    ]


def registry(
    provider: Provider,
    ledger: UsageLedger,
    preferences: Preferences,
    agent: Agent[Any, Any] | None = None,
    store: MemoryStore | None = None,
) -> ConversationRegistry:
    return ConversationRegistry(
        agents=AgentRoster([AgentConfig(agent or Agent())]),
        model_source=model_catalog_at(provider.url),
        store=store or MemoryStore(),
        preferences=preferences_store(replace(preferences, refines_titles=False)),
        ledger=ledger,
    )


async def test_each_answer_is_counted_for_its_day_and_model(provider: Provider, tmp_path: Path) -> None:
    """In a file that a start reads without looking at any chat."""
    folder = await open_store(tmp_path)
    ledger = UsageLedger(await folder.usage.read(), folder.usage)
    live = registry(provider, ledger, Preferences()).new()
    for _ in range(2):
        provider.reply(Reply(pieces=['Hi', ' there']))
        live.send('Hello')
        await wait_until_answered(live)
    await folder.close()
    expected = DayUsage(day=today(), model='server:parlour-test', answers=2, requests=2, input=20, output=4)
    assert ledger.days == [expected]
    folder = await open_store(tmp_path)
    assert await folder.usage.read() == [expected]
    assert (tmp_path / f'usage-{today()[:4]}.json').is_file()
    await folder.usage.add(replace(expected, day='2020-03-04'), uuid4())
    again = UsageLedger(await folder.usage.read(first_day_of_year()), folder.usage)
    assert {each.day for each in again.days} == {today()}
    await again.refresh()
    assert {each.day for each in again.days} == {today(), '2020-03-04'}
    await folder.close()


async def test_what_an_answer_took_is_counted_though_it_cannot_be_stored(provider: Provider) -> None:
    """Else a full disk would lift the limit of a day."""
    ledger, store, gate = UsageLedger(), FullStore(), Gate()
    live = registry(provider, ledger, Preferences(), store=store).new()
    provider.reply(Reply(pieces=['Hi', ' there'], gates={1: gate}))
    live.send('Hello')
    await gate.reached.wait()
    store.is_full = True
    gate.release()
    await wait_until_answered(live)
    assert live.turns[-1].text == 'Hi there'
    assert [(day.answers, day.output) for day in ledger.days] == [(1, 2)]


async def test_an_answer_ends_at_its_limit(provider: Provider) -> None:
    """Counted from its own question on; what it has said is kept, and the next one may begin."""
    agent = Agent()

    @agent.tool_plain
    def look() -> str:  # pyright: ignore[reportUnusedFunction]  # the agent calls it
        return 'Rain.'

    live = registry(provider, UsageLedger(), Preferences(limit_answer=15), agent).new()
    provider.reply(
        Reply(pieces=['A short answer.']),
        Reply(pieces=['Let me look.'], calls=[ToolCall(name='look')]),
        Reply(pieces=['It rains.']),
    )
    live.send('Hello')
    await wait_until_answered(live)
    assert live.turns[-1].state == 'done'
    live.send('And the weather?')
    await wait_until_answered(live)
    turn = live.turns[-1]
    sentence = 'This answer has reached the limit of 15 tokens an answer. What it has said is kept.'
    assert (turn.state, turn.failure) == ('failed', sentence)
    assert turn.text.startswith('Let me look.')
    assert turn.outcome
    assert turn.outcome.way == 'limits'


async def test_nothing_is_asked_beyond_the_limit_of_a_day(provider: Provider) -> None:
    ledger = UsageLedger([DayUsage(day='2020-01-01', model='demo', input=500)])
    live = registry(provider, ledger, Preferences(limit_day=11)).new()
    provider.reply(Reply(pieces=['Hi.']), Reply(pieces=['Never.']))
    live.send('Hello')
    await wait_until_answered(live)
    assert live.turns[-1].state == 'done'
    live.send('Again')
    await wait_until_answered(live)
    sentence = (
        '11 tokens were used today, and the limit is 11 a day. Raise it in the settings, or go on tomorrow.'
    )
    assert live.turns[-1].failure == sentence
    assert len(provider.requests) == 1


async def test_what_a_person_has_allowed_is_done_beyond_the_limit() -> None:
    """Else it would have begun, and nobody knew how it ended."""
    files = FileAgent()
    models = steps((delete('a'),), 'Done.')
    preferences = preferences_store(Preferences(limit_day=1, refines_titles=False))
    live = ConversationRegistry(
        agents=AgentRoster([AgentConfig(files.agent)]),
        model_source=models,
        store=MemoryStore(),
        preferences=preferences,
    ).new()
    live.send('Clean up')
    await wait_until_answered(live)
    assert live.turns[-1].state == 'needs-approval'
    await live.decisions.approve(live.turns[-1].id, 'd1', by='Host')
    await wait_until_answered(live)
    assert (live.turns[-1].text, files.deleted) == ('Done.', ['a'])


async def test_the_context_is_what_the_last_response_took(provider: Provider) -> None:
    provider.tells = {'meta': {'n_ctx': 2048}}
    live = registry(provider, UsageLedger(), Preferences()).new()
    provider.reply(Reply(pieces=['Hi', ' there']))
    live.send('Hello')
    await wait_until_answered(live)
    assert (live.turns[-1].usage.context, live.turns[-1].usage.window) == (12, 2048)


def test_the_page_sums_up_days_and_models() -> None:
    days = [
        DayUsage(
            day='2026-11-28', model='openai:gpt-5.2', answers=2, input=1000, output=200, cost=0.5, titles=1
        ),
        DayUsage(day='2026-11-28', model='server:llama', answers=1, input=10, output=5),
        DayUsage(day='2026-11-02', model='openai:gpt-5.2', answers=1, input=7, output=3, unpriced=1),
        DayUsage(day='2025-01-01', model='openai:gpt-5.2', answers=1, input=1, output=1, cost=2.0),
    ]
    report = report_of(days, date(2026, 11, 28))
    assert [(each['tokens'], each['cost']) for each in report['sums']] == [
        ('1,215', '$0.5000'),
        ('1,225', '$0.5000 + unknown'),
        ('1,227', '$2.50 + unknown'),
    ]
    assert [bar['tokens'] for bar in report['bars'] if bar['tokens']] == [10, 1215]
    assert report['rows'][0][0].startswith('28 Nov')
    assert report['rows'][0][1:] == ['gpt-5.2', '2 + 1 title', '1,000', '0', '200', '$0.5000']
    assert report['rows'][1][-1] == ''
    named = report_of([DayUsage(day='2026-11-28', model='agent:mine:agent')], date(2026, 11, 28))
    assert named['rows'][0][1] == 'Model of mine:agent'
    assert report['rows'][2][-1] == 'unknown'
