"""Plain HTML tags as elements, which NiceGUI would dress in the looks of Quasar, and addresses in them."""

from markupsafe import Markup, escape
from nicegui import ui
from nicegui.element import Element

from chat.nicegui_compat.small_elements import UnboundElement, UnboundText


class HtmlElement(UnboundElement):
    """A tag with classes and attributes; `data_id='x'` becomes `data-id="x"`.

    It holds either elements or content, which is a text that is shown literally, or HTML as `Markup`. That
    takes a page and its browser less than an element for each tag in it.
    """

    _html = ''

    def __init__(self, name: str, classes: str = '', content: str = '', **attributes: str) -> None:
        super().__init__(name)
        apply_attributes(self, classes, attributes)
        self.set_content(content)

    def set_content(self, content: str) -> None:
        """Put other content in place of what it holds."""
        html = str(escape(content))  # leaves `Markup` as it is
        if html != self._html:
            self.props['innerHTML'] = self._html = html


class HtmlText(UnboundText):
    """A tag that holds nothing but text, shown literally."""

    def __init__(self, name: str, text: str, classes: str = '', **attributes: str) -> None:
        super().__init__(name, text)
        apply_attributes(self, classes, attributes)


ICON_CLASSES = 'q-icon notranslate material-symbols-outlined'
"""Those of `ui.icon`, without the component of Quasar behind each."""


class Icon(HtmlText):
    """One of our icons among elements. Only those who see it have it, unless it has a label."""

    def __init__(self, name: str, label: str = '') -> None:
        attributes = {'role': 'img', 'aria_label': label} if label else {'aria_hidden': 'true'}
        super().__init__('i', name, ICON_CLASSES, **attributes)


def icon_html(name: str) -> Markup:
    """Return one of our icons, which only those have who see it."""
    return Markup('<i class="{}" aria-hidden="true">{}</i>').format(ICON_CLASSES, name)


def span_html(text: str, classes: str = '') -> Markup:
    """Return a text in a tag of its own."""
    start = Markup('<span class="{}">').format(classes) if classes else Markup('<span>')
    return start + text + Markup('</span>')


class IconButton(HtmlElement):
    """A round button with an icon, named for those who cannot see it."""

    def __init__(self, icon: str, label: str, classes: str = '', **attributes: str) -> None:
        super().__init__(
            'button',
            f'icon-button {classes}',
            icon_html(icon),
            type='button',
            title=label,
            aria_label=label,
            **attributes,
        )


class Link(HtmlElement):
    """Leads to another page of ours, which is shown without loading anew."""

    def __init__(self, address: str, classes: str = '', content: str = '', **attributes: str) -> None:
        super().__init__('a', classes, content, href=local_address(address), **attributes)


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
