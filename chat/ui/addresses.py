"""Addresses of this app as a page writes them; what NiceGUI takes, it prefixes itself."""

from nicegui import ui


def address_prefix() -> str:
    """Return what stands before all our paths: '' unless another app has put us below a path of its own."""
    return ui.context.client.request.scope.get('root_path', '')


def local_address(path: str) -> str:
    """Return a path of ours, such as `/settings`, as the browser must ask for it from the current page."""
    return address_prefix() + path
