"""Plain HTML tags as elements: what NiceGUI's own elements would dress in Quasar's looks."""

from nicegui import ui
from nicegui.elements.mixins.text_element import TextElement


class Tag(ui.element):
    """A tag with classes and attributes; `data_id='x'` becomes `data-id="x"`."""

    def __init__(self, name: str, classes: str = '', **attributes: str) -> None:
        super().__init__(name)
        self.classes(classes)
        for attribute, value in attributes.items():
            self.props[attribute.strip('_').replace('_', '-')] = value


class Text(TextElement):
    """A tag that holds nothing but text, shown literally."""

    def __init__(self, name: str, text: str, classes: str = '') -> None:
        super().__init__(tag=name, text=text)
        self.classes(classes)


class IconButton(Tag):
    """A round button with an icon, named for those who cannot see it."""

    def __init__(self, icon: str, label: str, classes: str = '', **attributes: str) -> None:
        super().__init__('button', f'icon-button {classes}', type='button', title=label, **attributes)
        self.props['aria-label'] = label
        with self:
            ui.icon(icon).props('aria-hidden=true')
