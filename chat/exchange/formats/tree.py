"""The tree of a chat, brought in order: whatever its file says, each message has a place in it.

Order comes from parents only. All walks are loops, so that a chat of 10,000 messages is none of a problem.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from chat.exchange.formats.records import Chat, Node, Note, Text, ToolCall, ToolResult

_NO_TIME = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tree:
    """The messages that are shown, and which of them were shown last."""

    nodes: Sequence[Node]
    """Each behind its parent, which is among them; neighbours in the order of the file."""
    head: str | None
    """The end of the branch that was shown; `None` if there is no message."""
    instructions: str

    @property
    def ends(self) -> list[str]:
        """Return the ids of the nodes that nothing follows, the head last."""
        parents = {node.parent for node in self.nodes}
        ends = [node.id for node in self.nodes if node.id not in parents]
        return sorted(ends, key=lambda each: each == self.head)


def tree_of(chat: Chat) -> Tree:
    """Bring the messages of a chat in order; they are changed for it.

    What was hidden is left out, and what follows it moves up. A call of a tool, its result and what was said
    then become one message.
    """
    nodes = _with_own_ids(chat.nodes)
    by_id = {node.id: node for node in nodes}
    _mend_parents(by_id)
    places = _Places(by_id)
    instructions = chat.instructions or next((text for node in nodes if (text := _instructions_in(node))), '')
    for node in nodes:
        if node.is_hidden or node.role == 'system':
            _keep_hidden(node, places, instructions)
            places.remove(node)
    for node in reversed(places.in_order()):
        if not has_content(node) and not places.children[node.id]:
            places.remove(node)
    for node in places.in_order():
        places.join_following(node)
    ordered = places.in_order()
    return Tree(nodes=ordered, head=places.end_for(chat.current, ordered), instructions=instructions)


def line(nodes: Sequence[Node]) -> list[Node]:
    """Let each of these messages follow the one before it; the first one begins the chat."""
    before = None
    for node in nodes:
        node.parent, before = before, node.id
    return [*nodes]


def has_content(node: Node) -> bool:
    """Return whether there is anything in a message that a person could see."""
    return any(part.text.strip() if isinstance(part, Text | Note) else True for part in node.parts)


def text_of(node: Node) -> str:
    """Return what is said in a message."""
    return '\n\n'.join(part.text for part in node.parts if isinstance(part, Text) and part.text.strip())


def _with_own_ids(nodes: Sequence[Node]) -> list[Node]:
    """Give an id to each node that has none, or that of another one."""
    seen = Counter[str]()
    for place, node in enumerate(nodes):
        seen[node.id] += 1
        if not node.id or seen[node.id] > 1:
            node.id = f'{node.id}#{place}'
    return [*nodes]


def _mend_parents(by_id: dict[str, Node]) -> None:
    """Make a root of each node whose parent is not there, and cut each circle where it closes."""
    done = set[str]()
    for start in by_id.values():
        walk = set[str]()
        node = start
        while node.id not in done:
            done.add(node.id)
            walk.add(node.id)
            if node.parent not in by_id or node.parent in walk:
                node.parent = None
                break
            node = by_id[node.parent]


def _instructions_in(node: Node) -> str:
    return text_of(node) if node.role == 'system' and not node.is_hidden else ''


def _keep_hidden(node: Node, places: '_Places', instructions: str) -> None:
    """Keep what a message says that is not shown with those that follow it."""
    said = text_of(node)
    hidden = {**node.extra, **({node.role: said} if said and said != instructions else {})}
    if hidden:
        for child in places.children[node.id]:
            child.extra.setdefault('hidden', []).append(hidden)


class _Places:
    """Which message follows which, while messages are removed and joined."""

    def __init__(self, by_id: dict[str, Node]) -> None:
        self._by_id = by_id
        self.children = defaultdict[str | None, list[Node]](list)
        for node in by_id.values():
            self.children[node.parent].append(node)
        self._moved: dict[str, str | None] = {}
        """By the id of a node that is no more: what stands for it, which may be no more as well."""

    def in_order(self) -> list[Node]:
        """Return all nodes, each behind its parent."""
        pending, ordered = [*reversed(self.children[None])], list[Node]()
        while pending:
            ordered.append(node := pending.pop())
            pending.extend(reversed(self.children[node.id]))
        return ordered

    def remove(self, node: Node) -> None:
        """Remove a node; what follows it takes its place."""
        siblings, following = self.children[node.parent], self.children.pop(node.id, [])
        place = siblings.index(node)
        siblings[place : place + 1] = following
        for child in following:
            child.parent = node.parent
        self._moved[node.id] = node.parent

    def join_following(self, node: Node) -> None:
        """Add the messages to a node that belong to the same answer, as long as nothing branches off."""
        if node.id in self._moved:
            return
        while len(following := self.children[node.id]) == 1 and _is_same_answer(node, following[0]):
            rest = following[0]
            node.parts += rest.parts
            node.model, node.time = rest.model or node.model, node.time or rest.time
            node.is_stopped, node.failure = rest.is_stopped, rest.failure
            node.is_unfinished = rest.is_unfinished
            node.role, node.author = 'assistant', node.author or rest.author
            node.extra |= rest.extra
            self.remove(rest)
            self._moved[rest.id] = node.id

    def end_for(self, current: str, ordered: Sequence[Node]) -> str | None:
        """Return the end that was shown: below the current node if there is one, else the newest of all."""
        shown: str | None = current
        while shown in self._moved:
            shown = self._moved[shown]
        within: set[str | None] = {shown if shown in self._by_id else None}
        times, newest, found = dict[str | None, datetime](), (_NO_TIME, -1), None
        rank = {node_id: place for place, node_id in enumerate(self._by_id)}
        for node in ordered:
            times[node.id] = node.time or times.get(node.parent, _NO_TIME)
            if node.parent in within:
                within.add(node.id)
            if node.id in within and not self.children[node.id]:
                age = (times[node.id], rank[node.id])
                newest, found = max((newest, found), (age, node.id), key=lambda each: each[0])
        return found


def _is_same_answer(node: Node, following: Node) -> bool:
    """Return whether two neighbours are one answer: with tools between them, or unfinished."""
    if {node.role, following.role} & {'user', 'system'} or (
        node.author and following.author and node.author != following.author
    ):
        return False
    return following.role == 'tool' or node.is_unfinished or not text_of(node) or any(_tools_in(node))


def _tools_in(node: Node) -> Iterator[ToolCall | ToolResult]:
    return (part for part in node.parts if isinstance(part, ToolCall | ToolResult))
