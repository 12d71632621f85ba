"""Versions of questions and answers, found in the entries of a conversation."""

from collections.abc import Sequence

from pydantic_ai import ModelRequest, ModelResponse, TextPart, UserPromptPart
from pydantic_ai.conversation_store import ConversationEntry

from chat.conversation.content.branches import Branches, Version


def entry(entry_id: str, parent_id: str | None) -> ConversationEntry:
    """A question if its id begins with `q`, else an answer."""
    is_question = entry_id.startswith('q')
    message = (
        ModelRequest(parts=[UserPromptPart('?')]) if is_question else ModelResponse(parts=[TextPart('!')])
    )
    return ConversationEntry(id=entry_id, parent_id=parent_id, message=message)


def branches(*lines: str, left: Sequence[str] = ()) -> Branches:
    """What the ids in each line make, one after the other; the last line is shown."""
    found = Branches()
    for line in lines:
        ids = line.split()
        found.add(entry(entry_id, parent_id) for parent_id, entry_id in zip([None, *ids], ids, strict=False))
    found.activate(lines[-1].split()[-1], left)
    return found


def test_without_others_there_is_one_version() -> None:
    found = branches('q1 a1 q2 a2')
    assert found.path == ['q1', 'a1', 'q2', 'a2']
    assert found.version('q2', 'question') == found.version('q2', 'answer') == Version(1, 1)
    assert found.sibling_tip('q2', 'answer', 1) is None


def test_answers_to_the_same_question() -> None:
    found = branches('q1 a1 q2 a2', 'q1 a3', left=['a2'])
    assert found.version('q1', 'answer') == Version(2, 2)
    assert found.version('q1', 'question') == Version(1, 1)
    assert found.sibling_tip('q1', 'answer', -1) == 'a2'
    assert found.sibling_tip('q1', 'answer', 1) is None


def test_questions_in_the_same_place() -> None:
    found = branches('q1 a1 q2 a2', 'q1 a1 q3', left=['a2'])
    assert found.version('q3', 'question') == Version(2, 2)
    assert found.version('q1', 'answer') == Version(1, 1)
    assert found.sibling_tip('q3', 'question', -1) == 'a2'


def test_first_questions_are_versions_too() -> None:
    found = branches('q1 a1', 'q2 a2', 'q3', left=['a1', 'a2'])
    assert found.version('q3', 'question') == Version(3, 3)
    assert found.sibling_tip('q3', 'question', -1) == 'a2'
    assert found.sibling_tip('q3', 'question', -2) == 'a1'


def test_a_version_shows_the_end_that_was_left_last() -> None:
    found = branches('q1 a1 q2 a2', 'q1 a1 q3 a3', 'q1 a4', left=['a3', 'a2'])
    assert found.sibling_tip('q1', 'answer', -1) == 'a2'
    found.activate('a4', ['a2', 'a3'])
    assert found.sibling_tip('q1', 'answer', -1) == 'a3'


def test_an_answer_that_says_nothing_is_a_version_while_it_is_shown() -> None:
    found = branches('q1 a1', 'q1', left=['a1'])
    assert found.version('q1', 'answer') == Version(2, 2)
    assert found.sibling_tip('q1', 'answer', -1) == 'a1'
    found.activate('a1', [])
    assert found.version('q1', 'answer') == Version(1, 1)


def test_an_answer_that_says_nothing_is_a_version_if_something_follows() -> None:
    found = branches('q1 q2 a2', 'q1 r1', left=['a2'])
    assert found.version('q1', 'answer') == Version(2, 2)
    assert found.sibling_tip('q1', 'answer', -1) == 'a2'
    found.activate('a2', ['r1'])
    assert found.version('q1', 'answer') == Version(1, 2)
    assert found.sibling_tip('q1', 'answer', 1) == 'r1'


def test_the_branch_that_holds_an_entry() -> None:
    found = branches('q1 a1 q2 a2', 'q1 a3', left=['a2'])
    assert found.tip_with('q2') == 'a2'
    assert found.tip_with('q1') == 'a3'
    assert found.tip_with('unknown') is None
