"""The tree of a chat: order comes from parents, and every message has a place, whatever its file says."""

import pytest

from chat.exchange.formats.records import Chat, Node, Role, Text, Thinking, ToolCall
from chat.exchange.formats.tree import tree_of
from chat.exchange.formats.values import moment
from tests.support.calls import calls_of


def node(node_id: str, parent: str | None, *, role: Role = 'user', text: str = '?', time: float = 0) -> Node:
    return Node(id=node_id, parent=parent, role=role, parts=[Text(text)] if text else [], time=moment(time))


def links(*nodes: Node, current: str = '') -> tuple[dict[str, str | None], str | None]:
    """Return the parents after all is in order, and the end that is shown."""
    tree = tree_of(Chat(nodes=[*nodes], current=current))
    placed = set[str | None]({None})
    for each in tree.nodes:
        assert each.parent in placed
        placed.add(each.id)
    return {each.id: each.parent for each in tree.nodes}, tree.head


def test_a_parent_that_is_missing_makes_a_root() -> None:
    assert links(node('a', 'gone'), node('b', 'a'), node('c', 'c')) == ({'a': None, 'b': 'a', 'c': None}, 'c')


def test_a_circle_is_cut_where_it_closes() -> None:
    parents, head = links(node('a', 'c'), node('b', 'a'), node('c', 'b'), node('d', 'c'))
    assert parents == {'b': None, 'c': 'b', 'a': 'c', 'd': 'c'}
    assert head == 'd'


def test_an_id_that_is_there_twice_is_two_messages() -> None:
    assert [*links(node('a', None), node('a', None), node('', 'a'))[0]] == ['a', '#2', 'a#1']


def test_what_follows_a_hidden_message_moves_up() -> None:
    hidden = node('h', 'a')
    hidden.is_hidden = True
    assert links(node('a', None), hidden, node('b', 'h'), node('c', 'h')) == (
        {'a': None, 'b': 'a', 'c': 'a'},
        'c',
    )


def test_an_empty_message_is_left_out_at_an_end_and_stays_in_the_middle() -> None:
    nodes = [
        node('a', None),
        node('b', 'a', role='assistant', text=''),
        node('c', 'b'),
        node('d', 'c', text=''),
    ]
    assert links(*nodes, current='d') == ({'a': None, 'b': 'a', 'c': 'b'}, 'c')


def test_the_end_that_is_shown_is_below_the_current_message_or_else_the_newest() -> None:
    nodes = [node('a', None), node('b', 'a', time=2e9 - 1e9), node('c', 'a', time=1e9 - 1), node('d', 'b')]
    assert links(*nodes)[1] == 'd'
    assert links(*nodes, current='c')[1] == 'c'
    assert links(*nodes, current='a')[1] == 'd'
    assert links(*nodes, current='gone')[1] == 'd'


def test_an_answer_that_branches_off_stays_apart() -> None:
    """Of what was done again after a call, each is an answer of its own."""
    call = Node(id='c', parent='q', role='assistant', parts=[Thinking('Hm'), ToolCall(name='t')])
    one, two = node('1', 'c', role='assistant'), node('2', 'c', role='assistant')
    assert links(node('q', None), call, one, two)[0] == {'q': None, 'c': 'q', '1': 'c', '2': 'c'}


def in_a_row(count: int, role: Role) -> list[Node]:
    """So many messages, each after the one before, the last one first."""
    nodes = [node(str(n), str(n - 1) if n else None, role=role, text='') for n in reversed(range(count))]
    nodes[0].parts = [Text('last')]
    return nodes


@pytest.mark.parametrize('role', ['user', 'assistant', 'tool'])
def test_the_cost_of_messages_in_a_row_grows_with_their_number(role: Role) -> None:
    """In any order, as one answer or as many."""
    few, many = (Chat(nodes=in_a_row(count, role)) for count in (1_000, 10_000))
    assert calls_of(lambda: tree_of(many)) < 12 * calls_of(lambda: tree_of(few))
    many = Chat(nodes=in_a_row(10_000, role))
    assert len(tree_of(many).nodes) == (10_000 if role == 'user' else 1)


def test_times_are_seconds_milliseconds_or_texts() -> None:
    zoned = '2025-12-06T06:46:40+01:00'
    times = [1_765_000_000, 1_765_000_000_000, '1765000000.0', '2025-12-06T05:46:40Z', zoned]
    assert {moment(time) for time in times} == {moment(1_765_000_000)}
    assert [moment(time) for time in (None, 0, '', 'soon', True, 1e300, float('nan'), 10**400)] == [None] * 8
