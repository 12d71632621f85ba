"""Elements that take half the memory: the collections of classes, styles and props that each holds are small.

A page holds dozens of elements for as long as it is open, and most of them never change.
"""

from collections.abc import Mapping
from functools import cache
from types import MappingProxyType
from typing import Any, cast
from weakref import ref

from nicegui import element as element_module
from nicegui.classes import Classes
from nicegui.element import Element
from nicegui.props import Props
from nicegui.style import Style

NO_NAMES: Mapping[str, str] = MappingProxyType({})


def make_elements_small() -> None:
    """Have elements made from now on hold smaller collections, which do the same.

    NiceGUI 3.18 has each of the three of an element keep a dictionary of attributes and a list of handlers
    that holds nothing but the method of the collection itself: 2 of the 3.6 KB that a `div` takes. Can go
    when its collections have slots.
    """
    module = cast(Any, element_module)
    module.Classes, module.Style, module.Props = SmallClasses, SmallStyle, SmallProps


class UnboundElement(Element):
    """An element to whose visibility nothing is bound.

    For each property that something may be bound to, NiceGUI 3.18 keeps 300 bytes, whether something is or
    not. Can go when it keeps them once something is.
    """

    _is_hidden = False

    @property
    def visible(self) -> bool:  # pyright: ignore[reportIncompatibleVariableOverride]
        """Whether it is shown."""
        return not self._is_hidden

    @visible.setter
    def visible(self, is_visible: bool) -> None:
        if is_visible == self._is_hidden:
            self._is_hidden = not is_visible
            self._handle_visibility_change(cast(Any, is_visible))  # its type says that this is a text


class UnboundText(UnboundElement):
    """An element with nothing but text, to which nothing is bound either."""

    def __init__(self, name: str, text: str) -> None:
        super().__init__(name)
        self._text = text

    @property
    def text(self) -> str:
        """What it shows, literally."""
        return self._text or ''

    def set_text(self, text: str) -> None:
        """Show another text."""
        if text != self._text:
            self._text = text
            self.update()

    def _displayed_contents(self, *, only_visible: bool) -> list[Any]:
        shown = cast(list[Any], super()._displayed_contents(only_visible=only_visible))  # pyright: ignore[reportUnknownMemberType]
        return [*shown, self._text]


class _Small:
    """What the three have in common: they tell their element of a change, and nobody else."""

    __slots__ = ()
    _parent_ref = None
    _observer_refs: Any = ()
    _update: Any

    @property
    def _change_handlers_with_args(self) -> list[tuple[Any, bool]]:
        """What a list or dictionary in it calls."""
        return [(self._update, False)]

    def _handle_change(self) -> None:
        self._update()


class SmallClasses(_Small, Classes[Element]):
    """The classes of an element."""

    __slots__ = ('_element', '_suspend_count')

    def __init__(self, data: list[str], *, element: Element) -> None:
        list.__init__(self, data)  # pyright: ignore[reportUnknownMemberType]  # leaves out what a parent does
        self._element = ref(element)
        self._suspend_count = 0


class SmallStyle(_Small, Style[Element]):
    """The style of an element."""

    __slots__ = ('_element', '_suspend_count')

    def __init__(self, data: dict[str, str], *, element: Element) -> None:
        dict.__init__(self, data)  # pyright: ignore[reportUnknownMemberType]  # as above
        self._element = ref(element)
        self._suspend_count = 0


class SmallProps(_Small, Props[Element]):
    """The props of an element; elements whose props are called otherwise in the same way share the names."""

    __slots__ = ('_element', '_renames', '_suspend_count', '_warnings')

    def __init__(self, data: dict[str, Any], *, element: Element) -> None:
        dict.__init__(self, {name: self._observe(value) for name, value in data.items()})  # pyright: ignore[reportUnknownMemberType]  # as above
        self._element = ref(element)
        self._suspend_count = 0
        self._warnings = self._renames = cast(dict[str, str], NO_NAMES)

    def add_warning(self, prop: str, message: str) -> None:
        self._warnings = {**self._warnings, prop: message}
        self._check_warning(prop, message)

    def add_rename(self, prop: str, replacement: str) -> None:
        self._renames = _shared((*self._renames.items(), (prop, replacement)))
        self._check_rename(prop, replacement)


@cache
def _shared(names: tuple[tuple[str, str], ...]) -> dict[str, str]:
    return dict(names)
