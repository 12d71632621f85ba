"""Messages grouped into turns."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import chain, islice, repeat
from operator import is_

from pydantic_ai import DeferredToolRequests, ModelMessage, ModelRequest, ModelResponse

from chat.conversation.content.branches import Branches
from chat.conversation.content.messages import begins_turn, turn_id_of
from chat.conversation.content.metadata import ConversationMetadata, TurnOutcome
from chat.conversation.content.turns import OPENING, Turn
from chat.conversation.content.waiting import WaitingCalls


def turns_of(
    messages: Iterable[ModelMessage],
    outcomes: Mapping[str, TurnOutcome],
    branches: Branches | None = None,
    waiting: Mapping[str, WaitingCalls] | None = None,
    *,
    before: Sequence[Turn] = (),
    start: int = 0,
) -> list[Turn]:
    """Return every message in exactly one turn, in order; `OPENING` begins one if no prompt does.

    Args:
        messages: Those that are shown.
        outcomes: How answers ended, by `Turn.version_id`, if not by themselves.
        branches: Where they are stored, and what is beside them.
        waiting: What has waited for a person, by the id of a run.
        before: The turns of the first messages, which are returned as they are.
        start: How many messages these are.
    """
    branches = branches or Branches()
    groups: list[tuple[ModelRequest, list[ModelMessage], list[str]]] = []
    stored = chain(islice(branches.path, start, None), repeat(''))
    for message, entry_id in zip(islice(messages, start, None), stored, strict=False):
        if isinstance(message, ModelRequest) and begins_turn(message):
            groups.append((message, [], [entry_id]))
        elif groups or isinstance(message, ModelResponse):
            groups = groups or [(OPENING, [], [''])]
            groups[-1][1].append(message)
            groups[-1][2].append(entry_id)
    turns = (_turn(place, *group, branches) for place, group in enumerate(groups, len(before)))
    return [
        *before,
        *(
            replace(
                turn,
                outcome=outcomes.get(turn.version_id),
                is_last=place == len(groups) - 1,
                waiting={run: waiting[run] for run in turn.run_ids if run in waiting} if waiting else {},
            )
            for place, turn in enumerate(turns)
        ),
    ]


def _turn(
    place: int, prompt: ModelRequest, answer: list[ModelMessage], entries: list[str], branches: Branches
) -> Turn:
    return Turn(
        id=turn_id_of(prompt) or entries[0] or str(place),
        prompt=prompt,
        answer=tuple(answer),
        entries=tuple(entries if prompt is OPENING else filter(None, entries)),
        question_version=branches.version(entries[0], 'question'),
        answer_version=branches.version(None if prompt is OPENING else entries[0], 'answer'),
    )


def settled_before_end(turns: Sequence[Turn], messages: Sequence[ModelMessage]) -> tuple[Sequence[Turn], int]:
    """Return the turns that a change at the end leaves as they are, and how many messages they are made of.

    Those are all before the last two: the last one but one was the last before another was asked, and may
    have another version since.
    """
    start = _place_near_end(turns[-2].prompt, messages) if len(turns) > 2 else 0
    return (turns[:-2], start) if start else ((), 0)


def known_again(known: Iterable[Turn], turns: Iterable[Turn]) -> list[Turn]:
    """Return the turns, each as the object that is known if that says the same of the same messages.

    By that, views know what they need not show anew.
    """
    by_id = {turn.id: turn for turn in known}
    return [_as_known(by_id.get(turn.id), turn) for turn in turns]


def _as_known(known: Turn | None, turn: Turn) -> Turn:
    if known is None or known != turn or known.prompt is not turn.prompt:
        return turn
    return known if all(map(is_, known.answer, turn.answer)) else turn


def _place_near_end(message: ModelMessage, messages: Sequence[ModelMessage]) -> int:
    """Return the place of a message; 0 if it is not there."""
    places = range(len(messages) - 1, -1, -1)
    return next((place for place in places if messages[place] is message), 0)


def made_into_turns(metadata: ConversationMetadata) -> tuple[object, ...]:
    """Return what turns are made of besides the messages."""
    return (metadata.endings, metadata.left_out, metadata.images, metadata.waiting, metadata.comparison)


def open_requests(turns: Sequence[Turn]) -> DeferredToolRequests | None:
    """Return what waits at the end of the branch that is shown, for programs that read the record."""
    last = turns[-1] if turns else None
    if last is None or not last.undecided:
        return None
    waiting = last.waiting[last.version_id]
    is_begun = any(decision.begun for decision in waiting.decisions.values())
    return None if is_begun else waiting.requests
