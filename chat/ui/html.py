"""Plain HTML tags as elements, which NiceGUI would dress in the looks of Quasar, and addresses in them."""

from nicegui import ui
from nicegui.element import Element
from nicegui.elements.mixins.text_element import TextElement


class HtmlElement(ui.element):
    """A tag with classes and attributes; `data_id='x'` becomes `data-id="x"`."""

    def __init__(self, name: str, classes: str = '', **attributes: str) -> None:
        super().__init__(name)
        apply_attributes(self, classes, attributes)


class HtmlText(TextElement):
    """A tag that holds nothing but text, shown literally."""

    def __init__(self, name: str, text: str, classes: str = '', **attributes: str) -> None:
        super().__init__(tag=name, text=text)
        apply_attributes(self, classes, attributes)


class Icon(HtmlText):
    """One of our icons, as `ui.icon` but for the component of Quasar behind each.

    Only those who see it have it, unless it has a label.
    """

    def __init__(self, name: str, label: str = '') -> None:
        attributes = {'role': 'img', 'aria_label': label} if label else {'aria_hidden': 'true'}
        super().__init__('i', name, 'q-icon notranslate material-symbols-outlined', **attributes)


class IconButton(HtmlElement):
    """A round button with an icon, named for those who cannot see it."""

    def __init__(self, icon: str, label: str, classes: str = '', **attributes: str) -> None:
        super().__init__(
            'button', f'icon-button {classes}', type='button', title=label, aria_label=label, **attributes
        )
        with self:
            Icon(icon)


CLOSE_DIALOG_SCRIPT = '(event) => event.target.closest("dialog").close()'
"""In the browser: what a button does that closes its dialog."""


class Dialog(HtmlElement):
    """Lies over the page of a person until it is closed."""

    def __init__(self, label: str, classes: str, *, testid: str) -> None:
        super().__init__('dialog', f'dialog {classes}', aria_label=label, data_testid=testid)

    def show_modal(self) -> None:
        """Show it to the person at its page."""
        self.client.run_javascript(f'getHtmlElement({self.id}).showModal()')

    def close(self) -> None:
        """Put it away."""
        self.client.run_javascript(f'getHtmlElement({self.id}).close()')


def apply_attributes(element: Element, classes: str, attributes: dict[str, str]) -> None:
    """Give an element classes and attributes."""
    element.classes(classes)
    for name, value in attributes.items():
        element.props[name.replace('_', '-')] = value


def address_prefix() -> str:
    """Return what stands before all our paths: '' unless another app has put us below a path of its own."""
    return ui.context.client.request.scope.get('root_path', '')


def local_address(path: str) -> str:
    """Return a path of ours, such as `/settings`, as the browser must ask for it from the current page."""
    return address_prefix() + path
