"""What the model is given of a conversation: the turns from a line on."""

from collections.abc import Sequence
from itertools import dropwhile, pairwise

from pydantic_ai import ModelMessage, ModelRequest, ModelResponse

from chat.conversation.context_window import ContextOverflow, first_fitting_turn
from chat.conversation.messages import begins_turn, is_continuation, stands_in
from chat.conversation.turns import Turn


def model_history(
    messages: Sequence[ModelMessage], turns: Sequence[Turn], left_out: str
) -> list[ModelMessage]:
    """The messages that the model is given; the last question is always among them.

    What stands in for a message that cannot be read is for people: it is left out; if that is the first
    question, its answer goes with it.

    Args:
        messages: All of the conversation.
        turns: The same as turns.
        left_out: The `Turn.id` of the last turn that it is not given; if that is not shown, it is given all.
    """
    rest = turns_in_history(turns, left_out) or turns[-1:]
    first = rest[0].prompt if rest and rest[0] is not turns[0] else None
    start = next((place for place, message in enumerate(messages) if message is first), 0)
    last = turns[-1].prompt if turns else None
    behind = [
        message
        for place, message in enumerate(messages)
        if place >= start and not _is_unanswered_continuation(messages, place)
    ]
    readable = [message for message in behind if message is last or not stands_in(message)]
    if readable and readable[0] is not behind[0]:
        return [*dropwhile(lambda message: isinstance(message, ModelResponse), readable)]
    return readable


def turns_in_history(turns: Sequence[Turn], left_out: str) -> list[Turn]:
    """The turns behind the line; none if it stands at the end."""
    places = [place for place, turn in enumerate(turns) if turn.id == left_out]
    return [*turns[places[-1] + 1 :]] if places else [*turns]


def can_exclude_older(turns: Sequence[Turn]) -> bool:
    """Tell whether one of the turns that the model is given could be left out: the question stays."""
    return len(turns) > 1 or (bool(turns) and bool(turns[-1].text.strip()))


def last_turn_to_exclude(turns: Sequence[Turn]) -> Turn:
    """Return the turn up to which, of those that the model is given, none fits any more."""
    last = turns[-1]
    full = last.outcome.full if last.outcome else None
    first = first_fitting_turn([(turn.prompt, *turn.answer) for turn in turns], full or ContextOverflow())
    is_begun = bool(last.text.strip())
    return turns[min(first, len(turns) if is_begun else len(turns) - 1) - 1]


def last_excluded_turn(messages: Sequence[ModelMessage], turns: Sequence[Turn]) -> str | None:
    """The id of the turn before the first of these messages; `None` if that is the first of all."""
    first = next((message for message in messages if begins_turn(message)), None)
    return next((before.id for before, turn in pairwise(turns) if turn.prompt is first), None)


def _is_unanswered_continuation(messages: Sequence[ModelMessage], place: int) -> bool:
    """Whether a message asked an answer to go on, and none came before the next question."""
    following = messages[place + 1 : place + 2]
    return is_continuation(messages[place]) and bool(following) and isinstance(following[0], ModelRequest)
