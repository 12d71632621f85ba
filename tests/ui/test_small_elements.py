"""Elements hold less than NiceGUI's own, and do the same."""

from collections.abc import Callable
from typing import Any, cast

import pytest
from nicegui import Client, ui
from nicegui import element as element_module
from nicegui.classes import Classes
from nicegui.element import Element
from nicegui.props import Props
from nicegui.style import Style
from nicegui.testing import User

from chat.nicegui_compat.small_elements import make_elements_small

KINDS = (Classes, Style, Props)


def rows_of(element: Element) -> list[Any]:
    return cast(list[Any], element.props['rows'])


CHANGES: tuple[Callable[[Element], object], ...] = (
    lambda element: element.classes('more'),
    lambda element: element.classes.remove('box'),
    lambda element: element.style('color: red'),
    lambda element: element.style.update(color='blue'),
    lambda element: element.props('dense'),
    lambda element: element.props.pop('title'),
    lambda element: rows_of(element).append(2),
    lambda element: rows_of(element)[0].update(name='other'),
)


@pytest.fixture
async def page(person: User, monkeypatch: pytest.MonkeyPatch) -> Client:
    for kind in KINDS:
        monkeypatch.setattr(element_module, kind.__name__, kind)  # to be put back at the end
    make_elements_small()
    await person.open('/')
    assert person.client
    return person.client


def box() -> Element:
    element = ui.element('div').classes('box')
    element.props['title'] = 'A box'
    element.props['rows'] = [{'name': 'one'}]
    return element


@pytest.mark.parametrize('change', CHANGES)
def test_every_change_is_sent(page: Client, change: Callable[[Element], object]) -> None:
    with page:
        element = box()
    page.outbox.updates.clear()
    change(element)
    assert element.id in page.outbox.updates


def test_no_change_is_sent_in_between(page: Client) -> None:
    with page:
        element = box()
    page.outbox.updates.clear()
    with element.props.suspend_updates(), element.classes.suspend_updates(), element.style.suspend_updates():
        for change in CHANGES:
            change(element)
    assert not page.outbox.updates


def test_a_prop_that_is_called_otherwise_by_now_is_renamed_for_its_element_alone(page: Client) -> None:
    with page:
        element, other = box(), box()
    element.props.add_rename('old_name', 'new-name')
    for each in (element, other):
        each.props['old_name'] = 1
    assert (element.props['new-name'], other.props['old_name']) == (1, 1)


def test_a_prop_that_is_no_more_is_left_out(page: Client) -> None:
    with page:
        element = box()
    element.props.add_warning('gone', 'It is gone.')
    element.props['gone'] = 1
    assert 'gone' not in element.props


def test_collections_of_nicegui_have_no_slots(page: Client) -> None:
    """`make_elements_small` can go when this fails."""
    with page:
        element = box()
    assert vars(element.classes) == vars(element.style) == vars(element.props) == {}
    assert vars(Classes[Element]([], element=element))
    assert vars(Style[Element]({}, element=element))
    assert vars(Props[Element]({}, element=element))
