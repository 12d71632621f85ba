"""Typed results: what an agent gives is shown in the place of what the model has written for it."""

from collections.abc import Iterator
from typing import Any

import pytest
from pydantic import BaseModel, Field
from pydantic_ai import Agent, ModelRetry, NativeOutput, PromptedOutput, TextOutput
from pydantic_ai.agent import AbstractAgent

from chat.conversation.content.answer_parts import AnswerPart
from chat.conversation.live_conversation import LiveConversation
from chat.conversation.storage import ConversationStorage
from chat.exchange.markdown import export_markdown
from chat.ui.chat.typed_result import MAX_ROWS, shape_of
from tests.support.gates import Gate
from tests.support.http_models import make_registry
from tests.support.provider import Provider
from tests.support.replies import Reply, ToolCall, call_in_pieces
from tests.support.scripted import MemoryStore, wait_until, wait_until_answered


class City(BaseModel):
    name: str
    people: int = Field(default=0, title='Inhabitants')


class Land(BaseModel):
    land: str


def size_of(name: str) -> City:
    """Look a city up."""
    return City(name=name, people=7)


def greeting(name: str) -> str:
    """Greet somebody."""
    return f'Hello, **{name}**!'


def shouted(text: str) -> str:
    return text.upper()


def counted(text: str) -> int:
    return len(text)


@pytest.fixture
def provider() -> Iterator[Provider]:
    with Provider() as provider:
        yield provider


def call(arguments: str, name: str = 'final_result') -> Reply:
    return Reply(calls=[ToolCall(name=name, arguments=arguments)])


async def answered(
    agent: AbstractAgent[Any, Any], provider: Provider, store: ConversationStorage, *replies: Reply
) -> LiveConversation:
    provider.reply(*replies)
    live = make_registry(provider.url, agent=agent, store=store).new()
    live.send('Which?')
    await wait_until_answered(live)
    assert (live.turns[-1].state, live.turns[-1].failure) == ('done', None)
    return live


def brief(part: AnswerPart) -> tuple[str, object]:
    return (part.output.type, part.output.value) if part.output else (part.kind, part.text)


def shown_in(live: LiveConversation) -> list[tuple[str, object]]:
    return [brief(part) for part in live.turns[-1].answer_parts]


LISBON = '{"name": "Lisbon", "people": 5}'
CHAD = '{"land": "Chad"}'
CITY = {'name': 'Lisbon', 'people': 5}

OUTPUTS: dict[str, tuple[Any, Reply, list[tuple[str, object]]]] = {
    'a model': (City, call(LISBON), [('City', CITY)]),
    'with defaults': (City, call('{"name": "Lisbon"}'), [('City', {'name': 'Lisbon', 'people': 0})]),
    'a list': (list[City], call(f'{{"response": [{LISBON}]}}'), [('list', [CITY])]),
    'one of a union': (
        City | Land,
        call(CHAD, 'final_result_Land'),
        [('Land', {'land': 'Chad'})],
    ),
    'a function': (size_of, call('{"name": "Lisbon"}'), [('City', {'name': 'Lisbon', 'people': 7})]),
    'a function that gives text': (greeting, call('{"name": "Ann"}'), [('text', 'Hello, **Ann**!')]),
    'of text': (TextOutput(shouted), Reply(pieces=['hi ', 'you']), [('text', 'HI YOU')]),
    'a number of text': (TextOutput(counted), Reply(pieces=['hi ', 'you']), [('int', 6)]),
    'native': (NativeOutput(City), Reply(pieces=[LISBON]), [('City', CITY)]),
    'prompted': (PromptedOutput(City), Reply(pieces=['```json\n', LISBON, '\n```']), [('City', CITY)]),
    'text or a model': ([str, City], Reply(pieces=['Lis', 'bon']), [('text', 'Lisbon')]),
    'yes or no': (bool, call('{"response": true}'), [('bool', True)]),
}


@pytest.mark.parametrize('name', OUTPUTS)
async def test_a_result_takes_the_place_of_what_stands_for_it(provider: Provider, name: str) -> None:
    """After it was read again, too, and without the agent that has given it."""
    output_type, reply, shown = OUTPUTS[name]
    agent: Agent[Any, Any] = Agent(output_type=output_type)
    store = MemoryStore()
    live = await answered(agent, provider, store, reply)
    assert shown_in(live) == shown
    anew = await make_registry(provider.url, store=store).open(live.id)
    assert shown_in(anew) == shown
    provider.reply(Reply(pieces=['And?']))
    anew.send('And then?')  # to another agent
    await wait_until_answered(anew)
    assert anew.turns[-1].text == 'And?'


async def test_a_result_is_seen_as_it_is_written(provider: Provider) -> None:
    gate = Gate()
    provider.reply(
        Reply(
            pieces=call_in_pieces('final_result', '{"name": "Lis', 'bon", "people": 5}'),
            gates={2: gate},
            finish='tool_calls',
        )
    )
    live = make_registry(provider.url, agent=Agent(output_type=City)).new()
    live.send('Which?')
    await wait_until(live, lambda: shown_in(live) == [('', {'name': 'Lis'})])
    gate.release()
    await wait_until_answered(live)
    assert shown_in(live) == [('City', CITY)]


async def test_what_is_said_in_json_is_seen_as_it_is_written(provider: Provider) -> None:
    gate = Gate()
    provider.reply(Reply(pieces=['{"name": "Lis', 'bon", "people": 5}'], gates={1: gate}))
    live = make_registry(provider.url, agent=Agent(output_type=NativeOutput(City))).new()
    live.send('Which?')
    await wait_until(live, lambda: shown_in(live) == [('', {'name': 'Lis'})])
    await live.stop()
    assert live.turns[-1].state == 'stopped'


async def test_attempts_that_were_refused_are_beside_the_result(provider: Provider) -> None:
    agent = Agent(output_type=City, retries=3)

    @agent.output_validator
    def real(city: City) -> City:
        if city.name == 'Atlantis':
            raise ModelRetry('Name a city that there is.')
        return city

    replies = [call('{"name": "Atlantis"}'), call(LISBON)]
    replies[1] = Reply(calls=[ToolCall(name='final_result', arguments=LISBON, id='second')])
    live = await answered(agent, provider, MemoryStore(), *replies)
    [part] = live.turns[-1].answer_parts
    assert brief(part) == ('City', CITY)
    [attempt] = part.attempts
    assert attempt.state(is_running=False) == 'failed'
    assert attempt.result
    assert 'Name a city that there is.' in str(attempt.result.content)


async def test_json_that_was_refused_is_beside_the_result_too(provider: Provider) -> None:
    replies = Reply(pieces=['{"name": 7}']), Reply(pieces=[LISBON])
    live = await answered(Agent(output_type=NativeOutput(City), retries=3), provider, MemoryStore(), *replies)
    [part] = live.turns[-1].answer_parts
    assert brief(part) == ('City', CITY)
    [attempt] = part.attempts
    assert attempt.request.args == '{"name": 7}'
    assert attempt.result
    assert 'valid string' in str(attempt.result.content)
    provider.reply(*[Reply(pieces=['{"name": 7}'])] * 4)
    live.send('Again')
    await wait_until_answered(live)
    assert live.turns[-1].state == 'failed'
    assert live.turns[-1].text.startswith('{"name": 7}')  # where there is no result, it is shown


async def test_a_result_is_copied_and_exported_as_json(provider: Provider) -> None:
    live = await answered(Agent(output_type=City), provider, MemoryStore(), call(LISBON))
    fenced = '```json\n{\n  "name": "Lisbon",\n  "people": 5\n}\n```'
    assert live.turns[-1].text == fenced
    assert fenced in export_markdown(live.conversation.messages, live.metadata)


async def test_fields_are_called_as_the_agent_calls_them(provider: Provider) -> None:
    """Which is kept, for the agent may be gone."""
    live = await answered(Agent(output_type=City), provider, MemoryStore(), call(LISBON))
    [part] = live.turns[-1].answer_parts
    assert part.output
    assert shape_of(part.output.value, part.output.titles) == {
        'kind': 'fields',
        'fields': [['Name', 'Lisbon'], ['Inhabitants', '5']],
    }


def test_a_value_is_shown_as_what_it_is() -> None:
    rows = [{'name': f'row {number}', 'size': number, 'is_new': True} for number in range(MAX_ROWS + 1)]
    table = shape_of(rows, {})
    assert table['columns'] == ['Name', 'Size', 'Is new']
    assert table['numeric'] == [False, True, False]
    assert table['rows'][0] == ['row 0', '0', 'Yes']
    assert (len(table['rows']), table['more']) == (MAX_ROWS, 'Show all 201 rows')
    assert shape_of(True, {}) == {'kind': 'value', 'text': 'Yes'}
    assert shape_of(42, {}) == {'kind': 'value', 'text': '42'}
    assert shape_of(240.0, {}) == {'kind': 'value', 'text': '240'}
    assert shape_of(['a', 'b'], {})['kind'] == 'json'
    assert shape_of([{'a': 1}, {'b': 2}], {})['kind'] == 'json'
    nested = {'tags': ['a', 'b'], 'place': {'country_code': 'PT', 'far': None}, 'deep': [{'x': {'y': 1}}]}
    fields = dict(shape_of(nested, {})['fields'])
    assert fields['Tags'] == {'items': ['a', 'b']}
    assert fields['Place'] == {'fields': [['Country code', 'PT'], ['Far', '—']]}
    assert fields['Deep']['json'].startswith('[\n')
