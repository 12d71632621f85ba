"""What another node says is shown as far as its frames say, whatever they keep, and each read once."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic_ai import (
    ModelMessage,
    ModelRequest,
    ModelResponse,
    TextPart,
    ThinkingPart,
    ToolCallPart,
    ToolReturnPart,
    UserPromptPart,
)

from chat.cluster.growing_messages import LONG_STRING, GrowingMessages
from chat.cluster.remote_answer import LONG_READING, RemoteAnswer
from chat.conversation.content.turns import Turn
from chat.store.conversations.format import dump_checkpoint, load_checkpoint
from chat.store.tinydb_storage.journal import common_prefix_length
from tests.support.profile import examples

NOW = datetime.now(UTC)

QUESTION = [Turn(id='one', prompt=ModelRequest(parts=[UserPromptPart('one')]))]

pieces = st.text('a"\\\n\x00ü日😀{}[], ', max_size=8).map(lambda text: text * (LONG_STRING // 10))
short_pieces = st.text('a"\\\nü😀]', max_size=3)
texts = pieces | short_pieces
parts = (
    st.builds(TextPart, texts) | st.builds(ThinkingPart, texts) | st.builds(ToolCallPart, st.just('t'), texts)
)
results = texts | st.dictionaries(
    texts, st.lists(texts | st.none() | st.floats(allow_nan=False, allow_infinity=False), max_size=2)
)


def returned(result: object) -> ModelRequest:
    part = ToolReturnPart('t', content=result, tool_call_id='c', timestamp=NOW)
    return ModelRequest(parts=[part], timestamp=NOW)


messages = st.builds(returned, results) | st.builds(
    ModelResponse, st.lists(parts, min_size=1, max_size=3), timestamp=st.just(NOW)
)


class Writer:
    """Says what an answer has said so far, as a node does for others."""

    def __init__(self) -> None:
        self.seq = 0
        self.text = ''

    def frame(self, said: Sequence[ModelMessage], details: str = '') -> tuple[int, int, str]:
        text = load_checkpoint(dump_checkpoint(said)) + (f'\n{details}' if details else '')
        keep, self.text = common_prefix_length(self.text, text), text
        self.seq += 1
        return self.seq, keep, text[keep:]


def grown(said: list[ModelMessage], more: str, *, keep: int | None = None) -> list[ModelMessage]:
    """The messages with more text after what is kept of the last one, if that ends with text."""
    *before, last = said
    if not isinstance(last, ModelResponse) or not isinstance(part := last.parts[-1], TextPart | ThinkingPart):
        return said
    return [
        *before,
        replace(last, parts=[*last.parts[:-1], replace(part, content=part.content[:keep] + more)]),
    ]


@pytest.mark.long
@examples(25, 1000)
@given(st.data())
def test_frames_say_what_the_whole_text_says(data: st.DataObject) -> None:
    """Whatever has changed meanwhile, and however many frames come at once."""
    writer, reader, said = Writer(), GrowingMessages(), list[ModelMessage]()
    for _ in range(data.draw(st.integers(1, 12))):
        match data.draw(st.sampled_from(['grow', 'grow', 'shorten', 'add', 'other', 'less'])):
            case 'grow' if said:
                said = grown(said, data.draw(texts))
            case 'shorten' if said:
                said = grown(said, data.draw(texts), keep=data.draw(st.integers(0, LONG_STRING * 2)))
            case 'other' if said:
                place = data.draw(st.integers(0, len(said) - 1))
                said = [*said[:place], data.draw(messages), *said[place + 1 :]]
            case 'less' if said:
                said = said[:-1]
            case _:
                said = [*said, data.draw(messages)]
        details = data.draw(st.sampled_from(['', '{}', '{"may_go_on":true}']))
        reader.add(*writer.frame(said, details)[1:])
        if data.draw(st.booleans()):
            reader.read()
            assert (reader.messages, reader.details) == (said, details)


def test_messages_that_others_follow_are_not_read_again() -> None:
    """A page at another node would else pay for each word with all that tools have returned before."""
    writer, reader = Writer(), GrowingMessages()
    said: list[ModelMessage] = [
        ModelResponse(parts=[ToolCallPart('t', {}, 'c')], timestamp=NOW),
        returned('much' * LONG_STRING),
        ModelResponse(parts=[TextPart('It ')], timestamp=NOW),
    ]
    seen = list[ModelMessage]()
    for word in ('is', ' much', '.'):
        said = grown(said, word)
        reader.add(*writer.frame(said)[1:])
        reader.read()
        assert reader.messages == said
        assert all(now is before for now, before in zip(reader.messages[:2], seen[:2], strict=False))
        seen = reader.messages


def shown(remote: RemoteAnswer) -> str:
    return remote.turns(QUESTION)[-1].text


def text_frame(writer: Writer, text: str) -> tuple[int, int, str]:
    return writer.frame([ModelResponse(parts=[TextPart(text)], timestamp=NOW)])


async def test_a_frame_that_was_missed_has_all_read_anew() -> None:
    """Until then the page shows what it has shown."""
    writer, remote = Writer(), RemoteAnswer(1, lambda: None)
    frames = [text_frame(writer, text) for text in ('A', 'A cat', 'A cat sat.', 'A cat sat. And')]
    await remote.add(frames[:1])
    assert shown(remote) == 'A'
    await remote.add(frames[2:])
    assert (shown(remote), remote.seq) == ('A', 0)
    await remote.add(frames[2:])
    assert (shown(remote), remote.seq) == ('A', 0)
    await remote.add(frames)
    assert (shown(remote), remote.seq) == ('A cat sat. And', 4)


async def test_what_makes_no_sense_is_read_anew() -> None:
    writer, remote = Writer(), RemoteAnswer(1, lambda: None)
    frames = [text_frame(writer, text) for text in ('A', 'A cat')]
    await remote.add(frames[:1])
    assert shown(remote) == 'A'
    await remote.add([(2, 5, ', and no JSON')])
    assert (shown(remote), remote.seq) == ('A', 0)
    await remote.add(frames)
    assert shown(remote) == 'A cat'


async def test_much_that_comes_at_once_is_read_beside_the_event_loop() -> None:
    """A page that looks meanwhile sees what was there before."""
    writer, remote = Writer(), RemoteAnswer(1, lambda: None)
    await remote.add([text_frame(writer, 'A')])
    assert shown(remote) == 'A'
    writer.text = ''
    adding = asyncio.create_task(remote.add([text_frame(writer, 'A cat. ' * LONG_READING)]))
    await asyncio.sleep(0)
    assert (shown(remote), adding.done()) == ('A', False)
    await adding
    assert shown(remote) == 'A cat. ' * LONG_READING
