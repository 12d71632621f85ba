"""Elements hold less than NiceGUI's own, and do the same."""

from collections.abc import Callable
from typing import Any, cast

import pytest
from markupsafe import Markup
from nicegui import Client, binding, ui
from nicegui import element as element_module
from nicegui.classes import Classes
from nicegui.element import Element
from nicegui.props import Props
from nicegui.style import Style
from nicegui.testing import User

from chat.nicegui_compat.small_elements import make_elements_small
from chat.ui.html import HtmlElement, HtmlText, icon_html, span_html

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


def test_what_nothing_is_bound_to_is_kept_nowhere(page: Client) -> None:
    """Elements of ours need no place of their own when NiceGUI keeps nothing for its own."""
    kept = len(binding.bindable_properties)
    with page:
        text, box = HtmlText('p', 'Hello'), HtmlElement('div')
        assert len(binding.bindable_properties) == kept
        theirs = ui.element()
    assert len(binding.bindable_properties) == kept + 1
    assert (text.visible, box.visible, theirs.visible) == (True, True, True)


@pytest.mark.parametrize('name', ['HtmlText', 'HtmlElement'])
def test_it_is_hidden_and_shown_as_ever(page: Client, name: str) -> None:
    with page:
        element = HtmlText('p', 'Hello') if name == 'HtmlText' else HtmlElement('p', content='Hello')
    page.outbox.updates.clear()
    element.set_visibility(True)
    assert not page.outbox.updates
    element.set_visibility(False)
    assert (element.visible, 'hidden' in element.classes) == (False, True)
    assert element.id in page.outbox.updates
    assert element.is_ignoring_events
    element.set_visibility(True)
    assert (element.visible, 'hidden' in element.classes) == (True, False)


def test_another_text_is_sent_once(page: Client) -> None:
    with page:
        text, box = HtmlText('p', 'Hello'), HtmlElement('p', content='Hello')
    for element, change in ((text, text.set_text), (box, box.set_content)):
        page.outbox.updates.clear()
        change('Hello')
        assert not page.outbox.updates
        change('<b>Bye</b>')
        assert element.id in page.outbox.updates
    assert text.text == '<b>Bye</b>'


def test_content_is_shown_literally_unless_it_is_html(page: Client) -> None:
    with page:
        box = HtmlElement('p', content='<i>&')
        assert box.props['innerHTML'] == '&lt;i&gt;&amp;'
        box.set_content(Markup('<i>') + span_html('<b>', 'wide') + icon_html('add'))
    assert box.props['innerHTML'] == (
        '<i><span class="wide">&lt;b&gt;</span>'
        '<i class="q-icon notranslate material-symbols-outlined" aria-hidden="true">add</i>'
    )
