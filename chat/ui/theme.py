"""The head of every page: fonts, colours, and the links to styles and scripts."""

from functools import cache
from html import escape

from nicegui import app, ui

from chat import __version__
from chat.asset_files import ASSETS
from chat.nicegui_compat import content_version
from chat.ui.javascript import install_modules, script_links

ICON = ASSETS / 'icon.svg'

VIEWPORT = 'width=device-width, initial-scale=1, viewport-fit=cover, interactive-widget=resizes-content'
"""On phones: use the whole screen, and keep the composer above the keyboard."""

STYLE_NAMES = (
    'fonts',
    'tokens',
    'base',
    'sidebar',
    'chat',
    'turns',
    'prose',
    'approvals',
    'composer',
    'attachments',
    'models',
    'pages',
    'settings',
    'library',
    'overlays',
    'search',
    'sharing',
    'touch',
    'print',
)
"""In `assets/styles`, in the order in which they win over each other."""

NO_SCRIPT_BODY = """
<noscript><p class="without-scripts">
Parlour needs JavaScript. Allow it for this address in your browser settings, then reload the page.
</p></noscript>
"""

HOME_SCREEN_HEAD = """
<link rel="manifest" href="{prefix}/assets/manifest.webmanifest" crossorigin="use-credentials">
<link rel="apple-touch-icon" href="{prefix}/assets/icons/apple-touch-180.png">
<meta name="apple-mobile-web-app-title" content="Parlour">
<meta name="mobile-web-app-capable" content="yes">
"""
"""What a phone wants to know to put Parlour on its home screen; guests have no place to come back to."""


def install_assets() -> None:
    """Serve the assets; each page links them with `head_html`."""
    install_modules()
    app.add_static_files('/assets', ASSETS)
    head_html()  # reads all assets once, before anybody waits for a page
    ui.add_body_html(NO_SCRIPT_BODY, shared=True)


@cache
def head_html(prefix: str = '', version: str = '') -> str:
    """Return the links to all scripts and styles; a new version has browsers fetch them anew.

    Args:
        prefix: What stands before our paths; the scripts read it here too.
        version: That of the styles; that of the assets if it is empty.
    """
    version, prefix = version or assets_version(), escape(prefix)
    styles = [
        f'<link rel="stylesheet" href="{prefix}/assets/styles/{name}.css?v={version}">'
        for name in STYLE_NAMES
    ]
    return '\n'.join(
        [
            f'<meta name="parlour-version" content="{__version__}">',
            f'<meta name="parlour-prefix" content="{prefix}">',
            *script_links(prefix),
            *styles,
        ]
    )


@cache
def assets_version() -> str:
    """Return a text that changes when any of the assets does."""
    return content_version(ASSETS)
