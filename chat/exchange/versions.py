"""The versions of a conversation that are not shown, as turns to be written after those that are."""

from collections.abc import Iterator, Sequence

from pydantic import ValidationError
from pydantic_ai import ModelMessage, ModelMessagesTypeAdapter

from chat.conversation.content.turn_list import turns_of
from chat.conversation.content.turns import Turn
from chat.conversation.whole_conversation import WholeConversation


def shown_turns(whole: WholeConversation) -> list[Turn]:
    """Return the turns of the branch that is shown."""
    return _turns(whole, whole.messages)


def other_versions(whole: WholeConversation) -> Iterator[list[Turn]]:
    """Yield the turns of each other branch, from the first one on that nothing before it has had."""
    written = [list(whole.path)]
    for path in _other_paths(whole):
        shared = max(_shared_length(path, other) for other in written)
        written.append(path)
        turns = _turns(whole, _messages(whole, path))
        if new := list(_turns_after(turns, shared)):
            yield new


def other_branches(whole: WholeConversation) -> Iterator[list[ModelMessage]]:
    """Yield all messages of each other branch, without the bytes of files."""
    return (_messages(whole, path) for path in _other_paths(whole))


def _other_paths(whole: WholeConversation) -> Iterator[list[str]]:
    return (_path_to(whole, end) for end in whole.record['branches'])


def _messages(whole: WholeConversation, path: Sequence[str]) -> list[ModelMessage]:
    return [message for each in path if (message := _message(whole, each))]


def _turns(whole: WholeConversation, messages: Sequence[ModelMessage]) -> list[Turn]:
    return turns_of(messages, whole.metadata.endings, waiting=whole.metadata.waiting)


def _path_to(whole: WholeConversation, end: str) -> list[str]:
    """Return the ids of the entries that lead to an end, the first one first."""
    path = list[str]()
    at: str | None = end
    while at and at in whole.entries:
        path.append(at)
        at = whole.entries[at].get('parent_id')
    return path[::-1]


def _shared_length(path: Sequence[str], other: Sequence[str]) -> int:
    return next(
        (place for place, (one, two) in enumerate(zip(path, other, strict=False)) if one != two),
        min(len(path), len(other)),
    )


def _message(whole: WholeConversation, entry_id: str) -> ModelMessage | None:
    """Return a message; `None` for an odd one, of which a person would read nothing."""
    try:
        return ModelMessagesTypeAdapter.validate_python([whole.entries[entry_id]['message']])[0]
    except (ValidationError, LookupError):
        return None


def _turns_after(turns: Sequence[Turn], shared: int) -> Iterator[Turn]:
    """Yield the turns that do not end within the first messages."""
    end = 0
    for turn in turns:
        end += len(turn.answer) + (not turn.is_opening)
        if end > shared:
            yield turn
