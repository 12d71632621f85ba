"""Messages as turns, and turns as messages."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic_ai import (
    ModelMessage,
    ModelRequest,
    ModelResponse,
    TextPart,
    ToolCallPart,
    ToolReturnPart,
    UserPromptPart,
)

from chat.conversation.content.metadata import TurnOutcome
from chat.conversation.content.turn_list import turns_of
from tests.support.profile import examples


def asking(text: str) -> ModelRequest:
    return ModelRequest(parts=[UserPromptPart(text)])


PROMPTS = st.text(max_size=5).map(asking)
ANSWERS = st.sampled_from(
    [
        [ModelResponse(parts=[TextPart('Yes.')])],
        [
            ModelResponse(parts=[ToolCallPart('look', {}, tool_call_id='1')]),
            ModelRequest(
                parts=[ToolReturnPart('look', 'seen', tool_call_id='1'), UserPromptPart('an image')]
            ),
            ModelResponse(parts=[TextPart('I see.')]),
        ],
        [],
    ]
)


@pytest.mark.long
@examples(short=30, long=300)
@given(st.lists(st.tuples(PROMPTS, ANSWERS)))
def test_every_message_is_in_one_turn(exchanges: list[tuple[ModelRequest, list[ModelMessage]]]) -> None:
    messages = [message for prompt, answer in exchanges for message in (prompt, *answer)]
    turns = turns_of(messages, {})
    assert [message for turn in turns for message in (turn.prompt, *turn.answer)] == messages
    assert len(turns) == len(exchanges)


def test_the_states_of_a_turn() -> None:
    def state(*answer: ModelMessage, outcome: TurnOutcome | None = None) -> str:
        question = ModelRequest(parts=[UserPromptPart('?')], metadata={'turn': 't'})
        (turn,) = turns_of([question, *answer], {'t': outcome} if outcome else {})
        return turn.state

    said = ModelResponse(parts=[TextPart('So ')])
    cut = ModelResponse(parts=[TextPart('So ')], state='interrupted')
    assert state(said) == 'done'
    assert state(cut) == 'stopped'
    assert state() == 'failed'
    assert state(said, outcome=TurnOutcome(kind='failed', sentence='Why.')) == 'failed'
    assert state(outcome=TurnOutcome(kind='stopped')) == 'stopped'


def test_an_answer_may_begin_a_chat() -> None:
    """A greeting of another program is shown; nobody has asked for it."""
    greeting, answer = (ModelResponse(parts=[TextPart(text)]) for text in ('Good morning.', 'So.'))
    opening, turn = turns_of([greeting, asking('Why?'), answer], {})
    assert opening.is_opening
    assert (opening.question, opening.text, opening.state) == ('', 'Good morning.', 'done')
    assert not turn.is_opening
    assert (turn.question, turn.text) == ('Why?', 'So.')
