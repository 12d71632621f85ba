"""The head of every page: fonts, colours, and the links to styles and scripts."""

import hashlib
import re
from functools import cache
from html import escape

from fastapi import HTTPException
from fastapi.responses import FileResponse, Response
from nicegui import __version__ as nicegui_version
from nicegui import app, ui

from chat import __version__
from chat.asset_files import ASSETS
from chat.nicegui_compat import deliver_components_together, deliver_styles_together
from chat.nicegui_compat.styles import nicegui_styles
from chat.ui.javascript import (
    IMPORT_NAME,
    JS,
    THEME_SCRIPT,
    component_files,
    joined_classic_scripts,
    joined_modules,
)

ICON = ASSETS / 'icon.svg'

VIEWPORT = 'width=device-width, initial-scale=1, viewport-fit=cover, interactive-widget=resizes-content'
"""On phones: use the whole screen, and keep the composer above the keyboard."""

STYLE_NAMES = (
    'fonts',
    'tokens',
    'base',
    'sidebar',
    'selection',
    'find',
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
    'exchange',
    'touch',
    'early_page',
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


DELIVERY_PATH = f'/_nicegui/{nicegui_version}/{IMPORT_NAME}'
"""Below it is what pages load. NiceGUI has browsers keep that for a year; scripts come from nowhere else."""

UNCHANGING_PATHS = (f'/_nicegui/{nicegui_version}/static/', f'{DELIVERY_PATH}/')
"""What pages load is below them."""

FIRST_FONT, ICON_FONT = 'fonts/inter-basic.woff2', 'fonts/material-symbols-outlined.woff2'

SCRIPTS = 'all.js'
STYLES = 'all.css'
NICEGUI_STYLES = 'nicegui.css'

STYLE_COMMENT = re.compile(r'/\*.*?\*/', re.DOTALL)
LINE_START = re.compile(r'\n\s*')


def install_assets() -> None:
    """Serve what pages load, as `head_html` links it, and all assets under their own names."""
    folder = f'{DELIVERY_PATH}/{front_end_version()}'
    deliver_components_together(component_files().keys(), IMPORT_NAME, f'{folder}/{SCRIPTS}')
    deliver_styles_together(f'{folder}/{NICEGUI_STYLES}')
    parts = {
        SCRIPTS: (joined_modules(), 'text/javascript'),
        THEME_SCRIPT: (joined_classic_scripts(), 'text/javascript'),
        STYLES: (joined_styles(), 'text/css'),
        NICEGUI_STYLES: (nicegui_styles(), 'text/css'),
    }

    @app.get(DELIVERY_PATH + '/{version}/{name:path}')
    def deliver(version: str, name: str) -> Response:  # pyright: ignore[reportUnusedFunction]  # a route
        if version != front_end_version():  # nobody is to keep what another version is made of
            raise HTTPException(404)
        if name in parts:
            text, media_type = parts[name]
            return Response(text, media_type=media_type)
        if name not in files:
            raise HTTPException(404)
        return FileResponse(files[name])

    files = {f'fonts/{path.name}': path for path in (ASSETS / 'fonts').glob('*.woff2')}
    app.add_static_files('/assets', ASSETS)
    ui.add_body_html(NO_SCRIPT_BODY, shared=True)


@cache
def joined_styles() -> str:
    """Return all styles as one, without comments; their fonts are beside it."""
    sources = (ASSETS / 'styles' / f'{name}.css' for name in STYLE_NAMES)
    text = STYLE_COMMENT.sub('', '\n'.join(path.read_text(encoding='utf-8') for path in sources))
    return LINE_START.sub('\n', text).replace('url("../fonts/', 'url("fonts/')


@cache
def head_html(prefix: str = '') -> str:
    """Return the links to our scripts and styles; a new version has browsers fetch them anew.

    Args:
        prefix: What stands before our paths; the scripts read it here too.
    """
    folder = f'{escape(prefix)}{DELIVERY_PATH}/{front_end_version()}'
    return '\n'.join(
        [
            *page_metadata(prefix),
            f'<script src="{folder}/{THEME_SCRIPT}"></script>',
            f'<link rel="stylesheet" href="{folder}/{STYLES}">',
            f'<link rel="preload" href="{folder}/{FIRST_FONT}" as="font" type="font/woff2" crossorigin>',
            f'<link rel="preload" href="{folder}/{ICON_FONT}" as="font" type="font/woff2" crossorigin>',
        ]
    )


def page_metadata(prefix: str = '') -> list[str]:
    """Return what the scripts read about the page."""
    return [
        f'<meta name="parlour-version" content="{__version__}">',
        f'<meta name="parlour-prefix" content="{escape(prefix)}">',
    ]


@cache
def front_end_version() -> str:
    """Return a text that changes when any of our scripts or assets does."""
    files = sorted(path for folder in (JS, ASSETS) for path in folder.rglob('*') if path.is_file())
    contents = hashlib.sha256()
    for path in files:
        contents.update(path.read_bytes())
    return contents.hexdigest()[:12]
