"""Tokens of chat templates are whole in answers, and an answer that has none is not searched for them."""

import json
import sys
from collections.abc import Callable
from types import FrameType
from typing import Any

import pytest
from pydantic_ai import (
    Agent,
    TextPart,
    ToolCallPart,
    _special_tokens,  # pyright: ignore[reportPrivateUsage]
)

from chat.conversation.answering.special_tokens import search_only_what_has_joiners
from tests.support.http_models import make_registry
from tests.support.provider import Provider
from tests.support.replies import Reply, ToolCall
from tests.support.scripted import MemoryStore, wait_until_answered

SEARCHES = {'restore_special_tokens': 'sub', '_restore_args': 'feed'}
"""What pydantic-ai searches with, by the name of what restores tokens."""

FAMILY = '\N{MAN}\u200d\N{WOMAN}\u200d\N{GIRL}'


def count_of(name: str, function: Callable[[], object]) -> int:
    """How often something of a name is called by a function."""
    names = list[str]()

    def note(frame: FrameType, event: str, called: Any) -> None:
        if event in {'call', 'c_call'}:
            names.append(called.__name__ if event == 'c_call' else frame.f_code.co_name)

    sys.setprofile(note)
    try:
        function()
    finally:
        sys.setprofile(None)
    return names.count(name)


@pytest.mark.parametrize('joiner', ['\u200d', '\ufeff'])
@pytest.mark.parametrize('escapes', [True, False])
async def test_what_a_model_copies_with_a_joiner_is_whole_in_answer_and_tool(
    joiner: str, escapes: bool
) -> None:
    given = list[str]()
    agent = Agent()

    @agent.tool_plain
    def keep(text: str) -> str:
        given.append(text)
        return 'kept'

    arguments = json.dumps({'text': f'<{joiner}|im_end|> {FAMILY}'}, ensure_ascii=escapes)
    async with Provider() as provider:
        provider.reply(
            Reply(calls=[ToolCall(name='keep', arguments=arguments)]),
            Reply(pieces=[f'Ends: [{joiner}', '/INST]', f' {FAMILY} a[0', ']']),
        )
        live = make_registry(provider.url, agent=agent, store=MemoryStore()).new()
        live.send('Keep it')
        await wait_until_answered(live)
    assert given == [f'<|im_end|> {FAMILY}']
    assert live.turns[-1].answer_parts[-1].text == f'Ends: [/INST] {FAMILY} a[0]'


@pytest.mark.parametrize(
    ('part', 'name'),
    [
        (TextPart(content='Some words, a <b> and a[0].' * 9), 'restore_special_tokens'),
        (ToolCallPart(tool_name='keep', args=json.dumps({'text': 'a\n"b" <c>' * 9})), '_restore_args'),
    ],
)
def test_what_has_none_is_not_searched(part: TextPart | ToolCallPart, name: str) -> None:
    search_only_what_has_joiners()
    response = _special_tokens.restore_special_tokens_in_parts
    assert count_of(SEARCHES[name], lambda: response([part])) == 0
    value = part.content if isinstance(part, TextPart) else part.args
    search = getattr(_special_tokens, name).__wrapped__
    assert count_of(SEARCHES[name], lambda: search(value)) > 0, 'pydantic-ai sees it itself: this can go'
