"""The branches of a conversation: all its entries, the path that is shown, and the versions beside it."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from pydantic_ai import ModelRequest
from pydantic_ai.conversation_store import ConversationEntry, ConversationRecord, ConversationStore

from chat.conversation.content.messages import begins_turn, turn_id_of

TurnHalf = Literal['question', 'answer']
"""Which half of a turn has several versions."""


@dataclass(frozen=True, slots=True)
class Version:
    """Which of how many versions is shown; the first one is 1."""

    number: int = 1
    count: int = 1


SINGLE_VERSION = Version()


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a fork comes from."""

    conversation_id: str
    entry_id: str | None
    """The last message that both share."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BranchPoint:
    """Where a conversation goes on; without anything else, at its end."""

    entry_id: int | None = None
    """After so many of its messages."""
    from_entry: str | None = None
    """At the end of another branch."""
    prompt: ModelRequest | None = None
    """The prompt that is added there; without one, the last one is answered."""
    sent: ModelRequest | None = None
    """That as it was sent, with what is known of it besides, for whoever asks it instead of this process."""

    @property
    def is_current(self) -> bool:
        """Whether nothing is to be done but to store what is there."""
        return self == BranchPoint()


class Branches:
    """Every entry of a conversation, whether it is shown or not.

    What is shown is the path from the first entry to the head. Another question in the place of one, or
    another answer to it, are its versions, the oldest first. An answer that says nothing is one as well: it
    is named `None`, while it is shown or something follows it.
    """

    def __init__(self) -> None:
        self._parents: dict[str, str | None] = {}
        self._children: defaultdict[str | None, list[str]] = defaultdict(list)
        self._questions: set[str] = set()
        self._names: dict[str, str] = {}
        """By entry, what names the answer that it belongs to: its run, or of a question its turn."""
        self._inactive_tips: list[str] = []
        self._next_entry: dict[str | None, str] = {}
        """What follows each entry on the path that is shown, but for the last; `None` is before the first."""
        self.path: list[str] = []
        """The entries that are shown, the first one first."""

    def add(self, entries: Iterable[ConversationEntry]) -> None:
        """Add further entries; the parent of an entry may be added after it."""
        for entry in entries:
            if entry.id not in self._parents:
                self._parents[entry.id] = entry.parent_id
                self._children[entry.parent_id].append(entry.id)
                self._children[entry.parent_id].sort()  # the ids of a store tell their age
                self._names[entry.id] = entry.message.run_id or ''
                if isinstance(entry.message, ModelRequest) and begins_turn(entry.message):
                    self._questions.add(entry.id)
                    self._names[entry.id] = turn_id_of(entry.message) or entry.id

    def activate(self, head_id: str | None, inactive_tips: Sequence[str]) -> None:
        """Show the path to this entry; `inactive_tips` are the ends of the others, the last one left last."""
        self._inactive_tips = list(inactive_tips)
        self.path = self._path_to(head_id)
        self._next_entry = dict(zip([None, *self.path], self.path, strict=False))

    def go_to(self, point: BranchPoint) -> None:
        """Show the path to a point, and know the end of the one that is left, as the store does."""
        head_id = point.from_entry or (self.path[point.entry_id - 1] if point.entry_id else None)
        left = [end for end in self.path[-1:] if end not in self._path_to(head_id)]
        tips = [*(tip for tip in self._inactive_tips if tip not in left), *left]
        self.activate(head_id, [tip for tip in tips if tip != head_id])

    def extend(self, entries: Sequence[ConversationEntry]) -> None:
        """Add the entries that were stored after the head, or on a new branch, and show them."""
        if entries:
            self.add(entries)
            is_beside = bool(self.path) and entries[0].parent_id != self.path[-1]
            self.activate(
                entries[-1].id, [*self._inactive_tips, self.path[-1]] if is_beside else self._inactive_tips
            )

    def __contains__(self, entry_id: object) -> bool:
        return entry_id in self._parents

    @property
    def names(self) -> set[str]:
        """What names the answers on all branches: each `Turn.version_id`, and the ids of all their runs."""
        return {*self._names.values()}

    def version(self, question_id: str | None, side: TurnHalf) -> Version:
        """Return which version of this question, or of its answer, is shown; `None` asked for the opening."""
        if not self._has_place(question_id):
            return SINGLE_VERSION
        names, shown = self._versions(question_id, side)
        return Version(names.index(shown) + 1, len(names))

    def sibling_tip(self, question_id: str | None, side: TurnHalf, step: int) -> str | None:
        """Return the end of the branch last shown with the version so many steps on, if there is one."""
        if not self._has_place(question_id):
            return None
        names, shown = self._versions(question_id, side)
        place = names.index(shown) + step
        if not 0 <= place < len(names):
            return None
        return next(self._tips_with(names[place], question_id), None)

    def tip_with(self, entry_id: str) -> str | None:
        """Return the end of the branch with this entry that was shown last; `None` if there is none."""
        return next(self._tips_with(entry_id), None)

    def tips(self, question_id: str, side: TurnHalf) -> list[str]:
        """Return the ends of all branches with the version that is shown, the head first."""
        return list(self._tips_with(self._versions(question_id, side)[1], question_id))

    def prune(self, inactive_tips: Sequence[str]) -> None:
        """Forget what leads neither to the head nor to one of these ends, the others from now on."""
        kept = {entry_id for end in (*self.path[-1:], *inactive_tips) for entry_id in self._ancestors(end)}
        for entry_id in self._parents.keys() - kept:
            self._children[self._parents.pop(entry_id)].remove(entry_id)
            self._questions.discard(entry_id)
            del self._names[entry_id]
        self._inactive_tips = list(inactive_tips)

    def _has_place(self, question_id: str | None) -> bool:
        return question_id in self or (question_id is None and bool(self.path))

    def _versions(self, question_id: str | None, side: TurnHalf) -> tuple[list[str | None], str | None]:
        """Return all versions, and the one that is shown."""
        if question_id is not None and side == 'question':
            siblings = self._children[self._parents[question_id]]
            return [entry_id for entry_id in siblings if entry_id in self._questions], question_id
        following = self._children[question_id]
        names: list[str | None] = [
            None if entry_id in self._questions else entry_id for entry_id in following
        ]
        names = list(dict.fromkeys(names))
        shown = self._next_entry.get(question_id)
        shown = None if shown in self._questions else shown
        if shown not in names or (question_id in self._inactive_tips and None not in names):
            names.append(None)
        return names, shown

    def _tips_with(self, name: str | None, question_id: str | None = '') -> Iterator[str]:
        """Yield the ends of the branches with this entry, or with no answer to the question, newest first."""
        followers = self._questions.intersection(self._children[question_id])
        for end in (*self.path[-1:], *reversed(self._inactive_tips)):
            path = self._path_to(end)
            if name in path or (name is None and (end == question_id or not followers.isdisjoint(path))):
                yield end

    def _path_to(self, head_id: str | None) -> list[str]:
        return list(self._ancestors(head_id))[::-1]

    def _ancestors(self, entry_id: str | None) -> Iterator[str]:
        while entry_id is not None:
            yield entry_id
            entry_id = self._parents[entry_id]


def origin_of(record: ConversationRecord) -> Origin | None:
    """Return where a conversation was forked from; `None` if it is no fork."""
    return Origin(record.forked_from, record.forked_at) if record.forked_from else None


async def read_branches(store: ConversationStore, record: ConversationRecord) -> Branches:
    """Read all branches of a stored conversation."""
    branches = Branches()
    branches.add(await store.read_history(record.head_id))
    for end in record.branches:
        entry_id: str | None = end
        while entry_id is not None and entry_id not in branches:
            entry = await store.read_entry(entry_id)
            branches.add([entry])
            entry_id = entry.parent_id
    branches.activate(record.head_id, record.branches)
    return branches
