"""Tools at work: what is seen of a call while it is written, while its tool works, and afterwards."""

import asyncio
import json
from collections.abc import AsyncGenerator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic_ai import (
    Agent,
    BinaryContent,
    BinaryImage,
    CustomEvent,
    FilePart,
    ModelMessage,
    ModelRequest,
    ModelResponse,
    NativeToolCallPart,
    NativeToolReturnPart,
    RunContext,
    TextPart,
    ToolCallPart,
    ToolReturn,
    ToolReturnPart,
)
from pydantic_ai.models import CompletedStreamedResponse, Model, StreamedResponse
from pydantic_ai.models.function import FunctionModel
from pydantic_ai.models.openai import OpenAIChatModel
from pydantic_ai.providers.openai import OpenAIProvider

from chat.conversation.content.answer_parts import ToolCallView, answer_parts_of
from chat.conversation.content.attachments import Attachment
from chat.conversation.content.messages import prompt_message
from chat.conversation.content.tool_activity import DelegatedUsage
from chat.conversation.content.turn_list import turns_of
from chat.conversation.content.turns import blobs_in
from chat.conversation.live_conversation import LiveConversation
from chat.conversation.storage import ConversationStorage
from chat.exchange.markdown import export_markdown
from chat.store.conversations.format import file_name
from chat.store.data_folder import open_store
from chat.ui.chat.answer_parts import notes_of
from chat.ui.chat.tool_values import (
    MAX_PREVIEW_LENGTH,
    PIECE_LENGTH,
    arguments_preview,
    hint_of,
    pieces_of,
    value_as_text,
    value_preview,
)
from tests.support.files import png
from tests.support.gates import Gate
from tests.support.http_models import make_registry
from tests.support.provider import Provider
from tests.support.replies import Reply, ToolCall
from tests.support.scripted import (
    MemoryStore,
    ScriptedModels,
    registry_with,
    saying,
    wait_until,
    wait_until_answered,
)
from tests.support.timeouts import WAIT_TIMEOUT

PICTURE = png()
IMAGE = BinaryImage(PICTURE, media_type='image/png')
SOUND = BinaryContent(b'RIFF\x00\x01' * 600, media_type='audio/wav')


@pytest.fixture
def provider() -> Iterator[Provider]:
    with Provider() as provider:
        yield provider


def calls_of(live: LiveConversation) -> list[ToolCallView]:
    return [part.tool_call for part in live.turns[-1].answer_parts if part.tool_call]


def delta(index: int, arguments: str, **begun: Any) -> dict[str, Any]:
    function = {'arguments': arguments} | ({'name': begun['name']} if begun else {})
    call = {'index': index, 'function': function} | ({'id': begun['id'], 'type': 'function'} if begun else {})
    return {'tool_calls': [call]}


async def test_what_a_tool_has_returned_is_kept_though_its_call_has_an_id_that_was_there_before() -> None:
    """Some servers count calls anew with each request; the run is stopped while another tool works."""
    agent, works = Agent(), asyncio.Event()

    @agent.tool_plain
    def count(number: int) -> str:  # pyright: ignore[reportUnusedFunction]
        return f'counted {number}'

    @agent.tool_plain
    async def wait() -> None:  # pyright: ignore[reportUnusedFunction]
        works.set()
        await asyncio.Event().wait()

    def first(number: int) -> ToolCall:
        return ToolCall(name='count', arguments=json.dumps({'number': number}), id='call:0')

    with Provider() as provider:
        live = make_registry(provider.url, agent=agent).new()
        provider.reply(Reply(calls=[first(1)]), Reply(calls=[first(2), ToolCall(name='wait', id='call:1')]))
        live.send('Count')
        async with asyncio.timeout(WAIT_TIMEOUT):
            await works.wait()
        await wait_until(live, lambda: calls_of(live)[1].result is not None)
        await live.stop()
    results = [call.result and call.result.content for call in calls_of(live)]
    assert results[:2] == ['counted 1', 'counted 2']


async def test_arguments_of_two_calls_grow_side_by_side(provider: Provider) -> None:
    """Both are read before they are complete, in the order in which they were begun."""
    agent = Agent()

    @agent.tool_plain
    def note(text: str) -> str:  # pyright: ignore[reportUnusedFunction]  # the agent calls it
        return text.upper()

    gate = Gate()
    pieces = [
        delta(0, '{"text": "on', name='note', id='a'),
        delta(1, '{"text": "tw', name='note', id='b'),
        delta(0, 'e"}'),
        delta(1, 'o"}'),
    ]
    provider.reply(Reply(pieces=pieces, gates={2: gate}, finish='tool_calls'), Reply(pieces=['Noted.']))
    live = make_registry(provider.url, agent=agent).new()
    live.send('Note one and two')
    await wait_until(live, lambda: len(calls_of(live)) == 2 and '"tw' in str(calls_of(live)[1].request.args))
    assert [hint_of(call.request) for call in calls_of(live)] == ['text: on', 'text: tw']
    assert arguments_preview(calls_of(live)[0].request) == ('{\n  "text": "on"\n}', '')
    assert {call.state(is_running=True) for call in calls_of(live)} == {'running'}
    gate.release()
    await wait_until_answered(live)
    assert [call.result.content for call in calls_of(live) if call.result] == ['ONE', 'TWO']


def test_arguments_beside_a_name_are_no_python() -> None:
    place: dict[str, object] = {'city': 'Köln', 'is_near': True, 'zip': None}
    assert hint_of(ToolCallPart('go', {'to': place})) == 'to: {"city": "Köln", "is_near": true, "zip": null}'
    long = hint_of(ToolCallPart('go', {'first': 'a' * 50, 'second': ['b' * 50]}))
    assert (len(long), long[-3:]) == (80, 'bb…')


@dataclass(kw_only=True)
class Uploaded(CustomEvent):
    done: int
    total: int


@dataclass(kw_only=True)
class Said(CustomEvent):
    message: str


async def test_the_last_thing_that_a_tool_tells_of_its_progress_is_seen(provider: Provider) -> None:
    agent, told, go_on = Agent(), asyncio.Event(), asyncio.Event()

    @agent.tool
    async def upload(ctx: RunContext[object], name: str) -> str:  # pyright: ignore[reportUnusedFunction]
        await ctx.emit(Said(message='Looking for it'))
        await ctx.emit(Uploaded(done=3, total=4))
        told.set()
        await go_on.wait()
        return f'{name} is there'

    provider.reply(Reply(calls=[ToolCall(name='upload', arguments='{"name": "a"}')]), Reply(pieces=['Done.']))
    live = make_registry(provider.url, agent=agent).new()
    live.send('Upload it')
    await told.wait()
    await wait_until(live, lambda: bool(calls_of(live)) and calls_of(live)[0].progress is not None)
    await wait_until(live, lambda: (now := calls_of(live)[0].progress) is not None and now.share is not None)
    progress = calls_of(live)[0].progress
    assert progress
    assert (progress.message, progress.share) == ('3 of 4', 0.75)
    go_on.set()
    await wait_until_answered(live)
    assert calls_of(live)[0].progress is None


def painter() -> Agent[None, str]:
    agent: Agent[None, str] = Agent()

    @agent.tool_plain
    def paint() -> list[Any]:  # pyright: ignore[reportUnusedFunction]  # the agent calls it
        return ['A picture and a sound:', IMAGE, {'sound': SOUND}]

    @agent.tool_plain
    def show() -> ToolReturn[str]:  # pyright: ignore[reportUnusedFunction]  # the agent calls it
        return ToolReturn('Shown.', content=['Look:', BinaryImage(png(shade=9), media_type='image/png')])

    return agent


async def painted(provider: Provider, store: ConversationStorage, tool: str = 'paint') -> LiveConversation:
    provider.reply(Reply(calls=[ToolCall(name=tool)]), Reply(pieces=['There it is.']))
    live = make_registry(provider.url, agent=painter(), store=store).new()
    live.send('Paint')
    await wait_until_answered(live)
    assert live.turns[-1].failure is None
    return live


async def test_files_of_a_tool_are_found_by_their_hash(
    provider: Provider, any_store: ConversationStorage
) -> None:
    """Also after the conversation was read again; guests do not see them."""
    live = await painted(provider, any_store)
    for turns in (live.turns, (await make_registry(provider.url, store=any_store).open(live.id)).turns):
        [call] = [part.tool_call for part in turns[-1].answer_parts if part.tool_call]
        picture, sound = call.files
        assert (picture.blob, picture.name, picture.is_image) == (
            sha256(PICTURE).hexdigest(),
            'paint.png',
            True,
        )
        assert (sound.name, sound.media_type, sound.size) == ('paint.wav', 'audio/wav', 3600)
        assert call.files[picture].data == PICTURE
        assert blobs_in(turns) == set()


async def test_what_a_tool_shows_the_model_besides_is_seen_too(provider: Provider) -> None:
    live = await painted(provider, MemoryStore(), 'show')
    [call] = calls_of(live)
    assert [file.name for file in call.files] == ['show.png']
    assert len(live.turns) == 1


async def test_a_picture_is_a_blob_and_the_export_names_it(provider: Provider, tmp_path: Path) -> None:
    """However small it is; and nothing removes it as long as the conversation is there."""
    folder = await open_store(tmp_path)
    live = await painted(provider, folder.conversations)
    await folder.close()
    blob = sha256(PICTURE).hexdigest()
    folder = await open_store(tmp_path)
    await folder.conversations.collect_blobs()
    assert (tmp_path / 'blobs' / blob).read_bytes() == PICTURE
    await folder.close()
    stored = json.loads((tmp_path / 'conversations' / file_name(live.id)).read_text('utf-8'))
    entries = json.dumps(stored['entries'])
    assert blob in entries
    assert 'UklGRg' not in entries  # the beginning of the sound in base64
    text = export_markdown(live.conversation.messages, live.metadata)
    assert f'- Tool: paint\n- File: paint.png (image/png, {len(PICTURE)} bytes, blobs/{blob})' in text


class FullStore(MemoryStore):
    """On a full disk."""

    async def store_file(self, name: str, content: BinaryContent) -> Attachment:
        raise OSError(28, 'No space left on device')


async def test_a_file_that_cannot_be_stored_ends_nothing(provider: Provider) -> None:
    """The model has got it; the page has nothing to lead to."""
    live = await painted(provider, FullStore())
    [call] = calls_of(live)
    assert (call.state(is_running=False), call.files) == ('ok', {})
    assert live.turns[-1].text == 'There it is.'


class PictureModel(FunctionModel):
    """Makes a picture, as models for that do."""

    def __init__(self) -> None:
        super().__init__(lambda messages, info: SAID)

    @asynccontextmanager
    async def request_stream(
        self, messages: Any, model_settings: Any, model_request_parameters: Any, run_context: Any = None
    ) -> AsyncGenerator[StreamedResponse]:
        yield CompletedStreamedResponse(
            SAID, model_request_parameters=model_request_parameters, replay_events=True
        )


SAID = ModelResponse(parts=[TextPart('Here:'), FilePart(IMAGE), TextPart('Like it?')])


class PictureModels(ScriptedModels):
    async def connection(self, name: str) -> Model:
        return PictureModel()


async def test_a_picture_in_an_answer_stands_where_it_was_made(any_store: ConversationStorage) -> None:
    """It belongs to the answer, so guests see it."""
    models = PictureModels(saying())
    live = registry_with(models, any_store).new()
    live.send('A picture, please')
    await wait_until_answered(live)
    assert live.turns[-1].failure is None
    for turns in (live.turns, (await registry_with(models, any_store).open(live.id)).turns):
        parts = turns[-1].answer_parts
        assert [part.kind for part in parts] == ['text', 'file', 'text']
        [picture] = parts[1].files
        assert (picture.name, picture.blob) == ('image.png', sha256(PICTURE).hexdigest())
        assert blobs_in(turns) == {picture.blob}


def answering(part: ToolCallPart) -> FunctionModel:
    """A model of an agent inside a tool."""
    return FunctionModel(lambda messages, info: ModelResponse(parts=[part]))


async def test_what_a_tool_has_agents_do_is_its_share_of_the_usage(provider: Provider) -> None:
    """Of two at the same time, too; the usage of the turn is what the provider has counted."""
    agent = Agent()
    served = OpenAIChatModel('small', provider=OpenAIProvider(base_url=provider.url, api_key='none'))

    @agent.tool
    async def research(ctx: RunContext[object], topic: str) -> str:  # pyright: ignore[reportUnusedFunction]
        steps = 2 if topic == 'long' else 1
        for _ in range(steps):
            await Agent(served).run(topic, usage=ctx.usage)
        return 'Found.'

    @agent.tool_plain
    def clock() -> str:  # pyright: ignore[reportUnusedFunction]  # the agent calls it
        return 'Noon.'

    calls = [
        ToolCall(name='research', arguments='{"topic": "long"}', id='a'),
        ToolCall(name='clock', id='b'),
        ToolCall(name='research', arguments='{"topic": "brief"}', id='c'),
    ]
    found = [Reply(pieces=['Found', ' it.']) for _ in range(3)]
    provider.reply(Reply(calls=calls), *found, Reply(pieces=['Here.']))
    live = make_registry(provider.url, agent=agent).new()
    live.send('Look it up')
    await wait_until_answered(live)
    long, clock_call, brief = (call.delegated for call in calls_of(live))
    assert long
    assert brief
    assert clock_call is None
    assert long == DelegatedUsage(requests=2, input=20, output=4)
    assert brief == DelegatedUsage(requests=1, input=10, output=2)
    assert len(provider.requests) == 5  # each of which has ten tokens
    usage = live.turns[-1].usage
    assert (usage.input, usage.output) == (50, 7)
    responses = [message for message in live.turns[-1].answer if isinstance(message, ModelResponse)]
    assert sum(response.usage.input_tokens for response in responses) < 50


async def test_an_approval_inside_a_tool_is_named(provider: Provider) -> None:
    inner = Agent(answering(ToolCallPart('wipe', {})))

    @inner.tool_plain(requires_approval=True)
    def wipe() -> str:  # pyright: ignore[reportUnusedFunction]  # the agent calls it
        return 'never'

    agent = Agent()

    @agent.tool_plain
    async def tidy() -> str:  # pyright: ignore[reportUnusedFunction]  # the agent calls it
        return (await inner.run('Tidy up')).output

    provider.reply(Reply(calls=[ToolCall(name='tidy')]))
    live = make_registry(provider.url, agent=agent).new()
    live.send('Tidy')
    await wait_until_answered(live)
    sentence = 'The tool “tidy” asks for an approval inside a tool, which cannot be answered here.'
    assert (live.turns[-1].state, live.turns[-1].failure) == ('failed', sentence)
    assert calls_of(live)[0].state(is_running=False) == 'failed'


def test_a_tool_of_the_provider_is_marked_and_needs_no_result() -> None:
    search = NativeToolCallPart('web_search', {'query': 'weather'}, tool_call_id='s')
    found = NativeToolReturnPart('web_search', [{'title': 'Rain'}], tool_call_id='s')
    run = NativeToolCallPart('code_execution', {}, tool_call_id='c')
    answer = ModelResponse(parts=[search, found, run, TextPart('It rains.')])
    [turn] = turns_of([prompt_message('Weather?'), answer], {})
    uses = [part.tool_call for part in turn.answer_parts if part.tool_call]
    assert [use.is_native for use in uses] == [True, True]
    assert [use.state(is_running=False) for use in uses] == ['ok', 'ok']
    assert [*notes_of(uses[0])] == ['at the provider']
    imported = replace(search, provider_name='imported:jan')
    assert [*notes_of(replace(uses[0], request=imported))] == ['elsewhere']


LONG = '{"path": "a.txt", "text": "' + 'word ' * 100_000 + '"}'


def test_of_what_is_long_only_the_beginning_is_looked_at() -> None:
    """Half a megabyte of arguments, and results of any shape: a page has the beginning of them."""
    for args in (LONG, LONG[:-2]):
        text, more = arguments_preview(ToolCallPart('write', args))
        assert text.startswith('{\n  "path": "a.txt",\n  "text": "word word')
        assert len(text) == MAX_PREVIEW_LENGTH
        assert more == f'Show all ({len(args):,} characters)'
    rows = [{'name': f'row {number}', 'tags': ['a', 'b']} for number in range(50_000)]
    text, more = value_preview(rows)
    assert text.startswith('[\n  {\n    "name": "row 0"')
    assert (len(text) <= MAX_PREVIEW_LENGTH, more) == (True, 'Show all')
    assert value_preview({'rows': rows[:2]}) == (value_as_text({'rows': rows[:2]}), '')
    text, more = value_preview([{'at': number, 'picture': IMAGE} for number in range(500)])
    assert f'"picture": "(image/png, {len(PICTURE)} B)"' in text
    assert more == 'Show all'
    assert value_preview('x' * 3_000_000)[1] == 'Show all (3,000,000 characters)'


@given(st.text(alphabet='ab\n', max_size=60_000).map(lambda text: text * 3))
@settings(max_examples=10)
def test_a_long_text_in_pieces_is_the_same_text(text: str) -> None:
    pieces = [*pieces_of(text)]
    assert ''.join(pieces) == text
    assert all(len(piece) <= PIECE_LENGTH for piece in pieces)


def test_calls_with_the_same_id_have_each_their_own_result() -> None:
    """Some models count anew in each response."""
    answer: list[ModelMessage] = [
        ModelResponse([ToolCallPart('look', {'at': 'a'}, 'call_0')]),
        ModelRequest([ToolReturnPart('look', 'one', 'call_0')]),
        ModelResponse([ToolCallPart('look', {'at': 'b'}, 'call_0')]),
        ModelRequest([ToolReturnPart('look', 'two', 'call_0')]),
        ModelResponse([ToolCallPart('look', {'at': 'c'}, 'call_0')]),
    ]
    calls = [part.tool_call for part in answer_parts_of(answer) if part.tool_call]
    assert [call.result.content if call.result else None for call in calls] == ['one', 'two', None]
