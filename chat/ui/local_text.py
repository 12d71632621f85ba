"""Sentences of ours with numbers, prices, days and times, which browsers show as their people write them."""

from nicegui.elements.mixins.text_element import TextElement

from chat.ui.html import apply_attributes
from chat.ui.javascript import COMPONENTS


class LocalText(TextElement, component=COMPONENTS / 'local_text.js'):
    """A tag that holds nothing but text of ours, with numbers as `{:,}` and `formatting.py` write them."""

    def __init__(self, name: str, text: str, classes: str = '', **attributes: str) -> None:
        super().__init__(text=text)
        self.props['tag'] = name
        apply_attributes(self, classes, attributes)
