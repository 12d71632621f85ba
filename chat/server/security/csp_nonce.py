"""A nonce for the scripts of NiceGUI's page, so that no other inline script can run."""

import secrets
from collections.abc import Callable

from jinja2 import BaseLoader, Environment
from nicegui.client import templates
from starlette.types import Scope

SCOPE_KEY = 'parlour.nonce'


def new_nonce(scope: Scope) -> str:
    """Give a request the nonce of its answer."""
    scope[SCOPE_KEY] = secrets.token_urlsafe(16)
    return scope[SCOPE_KEY]


def add_nonce_to_templates() -> None:
    """Let NiceGUI's template sign its own script tags.

    NiceGUI 3.18 knows no nonce. Only the tags of the template are signed, not those that a page adds to it;
    this can go as soon as NiceGUI does it.
    """
    environment = templates.env
    if environment.loader and not isinstance(environment.loader, NonceLoader):
        environment.loader = NonceLoader(environment.loader)


class NonceLoader(BaseLoader):
    """Loads templates as another loader does, and signs their scripts."""

    def __init__(self, loader: BaseLoader) -> None:
        self._loader = loader

    def get_source(
        self, environment: Environment, template: str
    ) -> tuple[str, str | None, Callable[[], bool] | None]:
        source, path, is_current = self._loader.get_source(environment, template)
        nonce = f'{{{{ request.scope.get("{SCOPE_KEY}", "") }}}}'
        return source.replace('<script', f'<script nonce="{nonce}"'), path, is_current
