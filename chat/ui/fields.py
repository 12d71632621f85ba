"""What the settings are made of: sections, rows, and the few kinds of fields in them."""

from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import Annotated

from nicegui import ui
from pydantic import Field, Strict, TypeAdapter

from chat.ui.html import HtmlElement, HtmlText
from chat.ui.javascript import COMPONENTS
from chat.ui.page_events import FLAG, TEXT, parse_event
from chat.ui.page_messages import send_props

MAX_NUMBER = 10**12
"""More than anybody can mean."""

NUMBER = TypeAdapter(Annotated[int, Field(strict=True, ge=0, le=MAX_NUMBER)])

NUMBER_SCRIPT = """(event) => {
    const { target } = event;
    if (target.reportValidity()) emit(Math.round(target.valueAsNumber) || 0);
}"""

SLIDER_SCRIPT = '(event) => emit(Number(event.target.value))'

CHECKED_SCRIPT = '(event) => emit(event.target.checked)'
VALUE_SCRIPT = '(event) => emit(event.target.value)'


class Section(HtmlElement):
    """Settings that belong together."""

    def __init__(self, title: str, note: str = '', **attributes: str) -> None:
        super().__init__('section', 'settings-section', aria_label=title, **attributes)
        with self:
            HtmlText('h2', title)
            if note:
                HtmlText('p', note, 'settings-note')


class SettingRow(HtmlElement):
    """A name, a few words about it, and what is put beside them; a `label` around a single native field."""

    def __init__(self, label: str, hint: str = '', *, tag: str = 'div', classes: str = '') -> None:
        super().__init__(tag, f'setting {classes}')
        with self, HtmlElement('div', 'setting-text'):
            HtmlText('span', label, 'setting-label')
            if hint:
                HtmlText('span', hint, 'setting-hint')


class Switch(SettingRow):
    """On or off."""

    def __init__(
        self,
        label: str,
        hint: str,
        changed: Callable[[bool], Awaitable[object]],
        *,
        testid: str,
        **attributes: str,
    ) -> None:
        super().__init__(label, hint, tag='label')
        with self:
            self._box = HtmlElement(
                'input',
                'switch',
                type='checkbox',
                role='switch',
                aria_label=label,
                data_testid=testid,
                **attributes,
            )
        self._box.on('change', parse_event(FLAG, changed), js_handler=CHECKED_SCRIPT)

    def show(self, is_on: bool) -> None:
        send_props(self._box, checked=is_on)


class Segments(HtmlElement):
    """One of a few, side by side."""

    def __init__(
        self,
        label: str,
        options: Mapping[str, str],
        chosen: Callable[[str], Awaitable[object]],
        *,
        testid: str,
    ) -> None:
        """`options` are what stands on each, by name."""
        super().__init__('div', 'segments', role='radiogroup', aria_label=label, data_testid=testid)
        self._radios: dict[str, HtmlElement] = {}
        with self:
            for name, words in options.items():
                with HtmlElement('label', 'segment'):
                    radio = HtmlElement('input', type='radio', value=name)
                    radio.props['name'] = f'{testid}-{self.id}'
                    HtmlText('span', words)
                self._radios[name] = radio.on('change', partial(chosen, name), args=[])

    def show(self, chosen: str) -> None:
        for name, radio in self._radios.items():
            radio.props['checked'] = name == chosen


class InputField(ui.element, component=COMPONENTS / 'input_field.js'):
    """An `input` with its attributes; a value that comes while another is entered does not replace it."""

    def __init__(self, classes: str, **attributes: str) -> None:
        super().__init__()
        self.classes(classes)
        self.props.update({name.replace('_', '-'): value for name, value in attributes.items()})

    def show(self, text: str) -> None:
        self.props['text'] = text


class NumberField(InputField):
    """A whole number from 1; empty is 0."""

    def __init__(
        self,
        label: str,
        changed: Callable[[int], Awaitable[object]],
        *,
        placeholder: str = 'No limit',
        testid: str,
    ) -> None:
        super().__init__(
            'number-field',
            type='number',
            min='1',
            max=str(MAX_NUMBER),
            inputmode='numeric',
            placeholder=placeholder,
            aria_label=label,
            data_testid=testid,
        )
        self.on('change', parse_event(NUMBER, changed), js_handler=NUMBER_SCRIPT)

    def show_number(self, number: int) -> None:
        self.show(str(number) if number else '')


class Slider(HtmlElement):
    """A number from 0, or none: then it stands in its middle, and says that this is the default."""

    def __init__(
        self,
        label: str,
        changed: Callable[[float | None], Awaitable[object]],
        *,
        maximum: float,
        step: float,
        testid: str,
    ) -> None:
        super().__init__('div', 'slider-row')
        self._middle = maximum / 2
        number = TypeAdapter[float](Annotated[float, Strict(), Field(ge=0, le=maximum)])
        with self:
            self._slider = InputField(
                'slider',
                type='range',
                min='0',
                max=str(maximum),
                step=str(step),
                aria_label=label,
                data_testid=testid,
            ).on('change', parse_event(number, changed), js_handler=SLIDER_SCRIPT)
            self._value = HtmlText('output', '', 'slider-value', data_testid=f'{testid}-value')
            self._reset = HtmlText(
                'button',
                'Reset to default',
                'text-button',
                type='button',
                aria_label=f'Reset {label} to default',
            )
            self._reset.on('click', lambda: changed(None), args=[])

    def show(self, number: float | None) -> None:
        is_set = number is not None
        self._slider.props['data-set'] = 'true' if is_set else 'false'
        self._slider.show(str(number if is_set else self._middle))
        self._value.set_text(f'{number:g}' if is_set else 'Default')
        self._reset.set_visibility(is_set)


class TextField(ui.element, component=COMPONENTS / 'text_field.js'):
    """Text of some lines, which is the browser's while a person writes; what they wrote is told in pauses."""

    def __init__(
        self, label: str, changed: Callable[[str], Awaitable[object]], *, placeholder: str = '', testid: str
    ) -> None:
        super().__init__()
        self.props['aria-label'] = label
        self.props['placeholder'] = placeholder
        self.props['data-testid'] = testid
        self.on('written', parse_event(TEXT, changed))

    def show(self, text: str) -> None:
        self.props['text'] = text


class RemovableItems(HtmlElement):
    """A few things, each with a button that removes it."""

    def __init__(self, remove: Callable[[str], Awaitable[object]], *, testid: str) -> None:
        """`remove` is called with the key of a thing."""
        super().__init__('ul', 'removable', data_testid=testid)
        self._remove = remove
        self._shown: Mapping[str, str] = {}

    def show(self, items: Mapping[str, str]) -> None:
        """Show these, by key what each is called."""
        if items == self._shown:
            return
        self._shown = items
        self.clear()
        with self:
            for key, name in items.items():
                with HtmlElement('li'):
                    HtmlText('span', name)
                    button = HtmlText(
                        'button', 'Remove', 'text-button', type='button', aria_label=f'Remove {name}'
                    )
                    button.on('click', partial(self._remove_item, key), args=[])

    async def _remove_item(self, key: str) -> None:
        """Remove one; the focus goes to the one that takes its place, or else the last."""
        place = [*self._shown].index(key) if key in self._shown else 0
        await self._remove(key)
        find = f'[...getHtmlElement({self.id}).querySelectorAll("button")]'
        self.client.run_javascript(f'((all) => (all[{place}] ?? all.at(-1))?.focus())({find})')
