"""A CSP nonce for the scripts of NiceGUI's page, so that no other inline script can run."""

import secrets
from collections.abc import Callable

from jinja2 import BaseLoader, Environment
from nicegui.client import templates
from starlette.types import Scope

SCOPE_KEY = 'parlour.nonce'


def new_nonce(scope: Scope) -> str:
    """Store a new nonce in the scope of a request."""
    scope[SCOPE_KEY] = secrets.token_urlsafe(16)
    return scope[SCOPE_KEY]


def add_nonce_to_templates() -> None:
    """Add the nonce to the script tags of NiceGUI's template.

    NiceGUI 3.18 has no nonces. Only the tags of the template get one, not those that a page adds to it;
    remove this as soon as NiceGUI supports nonces.
    """
    environment = templates.env
    if environment.loader and not isinstance(environment.loader, NonceLoader):
        environment.loader = NonceLoader(environment.loader)


class NonceLoader(BaseLoader):
    """Wraps a template loader, and adds the nonce to script tags."""

    def __init__(self, loader: BaseLoader) -> None:
        self._loader = loader

    def get_source(
        self, environment: Environment, template: str
    ) -> tuple[str, str | None, Callable[[], bool] | None]:
        source, path, is_current = self._loader.get_source(environment, template)
        nonce = f'{{{{ request.scope.get("{SCOPE_KEY}", "") }}}}'
        return source.replace('<script', f'<script nonce="{nonce}"'), path, is_current
