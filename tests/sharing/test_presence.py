"""Who is here, and who is writing."""

from dataclasses import dataclass, replace

from chat.sharing.access import Guest, Owner
from chat.sharing.presence import Presence
from chat.ui.formatting import join_few_names

ANN = Guest(conversation_id='c', permission='write', name='Ann', session_id='1')
BEN = Guest(conversation_id='c', permission='read', name='Ben', session_id='2')


@dataclass(eq=False)
class Window:
    """A page of somebody."""

    is_connected: bool = True


async def test_others_are_named_and_nobody_is_told_of_oneself() -> None:
    presence = Presence()
    for visitor in (Owner(), ANN, Owner(), BEN, ANN):
        presence.join(Window(), visitor, 'c')
    assert presence.other_names('c', Owner()) == ['Ann', 'Ben']
    assert presence.other_names('c', ANN) == ['Host', 'Ben']
    assert presence.other_names('another', Owner()) == []
    assert presence.is_online('2')


async def test_who_goes_or_is_away_is_not_named() -> None:
    presence, ann, ben = Presence(), Window(), Window()
    presence.join(ann, ANN, 'c')
    presence.join(ben, BEN, 'c')
    seen = presence.changed.count
    presence.leave(ben)
    assert presence.other_names('c', Owner()) == ['Ann']
    await presence.changed.wait(seen)
    ann.is_connected = False
    presence.changed.notify()
    assert presence.other_names('c', Owner()) == []
    assert not presence.is_online('1')


async def test_who_writes_is_named_until_it_is_sent() -> None:
    presence, page = Presence(), Window()
    presence.join(page, ANN, 'c')
    presence.typing(page)
    seen = presence.changed.count
    presence.typing(page)
    assert presence.changed.count == seen, 'another key is no news'
    assert presence.typing_names('c', Owner()) == ['Ann']
    assert presence.typing_names('c', ANN) == []
    presence.stopped_typing(page)
    assert presence.typing_names('c', Owner()) == []


async def test_another_name_is_told_on_all_pages_of_a_guest() -> None:
    presence, page = Presence(), Window()
    presence.join(page, ANN, 'c')
    presence.join(Window(), ANN, 'c')
    seen = presence.changed.count
    presence.rename('1', 'Anna')
    assert presence.changed.count > seen
    assert presence.other_names('c', Owner()) == ['Anna']
    assert presence.other_names('c', ANN) == []
    assert presence.visitor_on(page) == replace(ANN, name='Anna')


def test_of_very_many_only_the_first_are_named() -> None:
    names = [f'Guest {number}' for number in range(1000)]
    assert join_few_names(names[:3]) == 'Guest 0, Guest 1 and Guest 2'
    assert join_few_names(names).endswith('Guest 11 and 988 others')


async def test_hundreds_who_come_at_once_are_told_of_in_a_few_notices() -> None:
    presence = Presence()
    for number in range(300):
        presence.join(Window(), replace(ANN, name=f'Guest {number}', session_id=f's{number}'), 'c')
    assert presence.changed.count == 1
    await presence.changed.wait()
    assert len(presence.other_names('c', ANN)) == 300
