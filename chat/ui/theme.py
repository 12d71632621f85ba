"""The style of every page: fonts, colours and the script that picks light or dark before the first paint."""

import hashlib
from pathlib import Path

from nicegui import app, ui

PACKAGE = Path(__file__).parent.parent

ASSETS = next(folder for folder in (PACKAGE / 'assets', PACKAGE.parent / 'assets') if folder.is_dir())
"""In an installed package beside the code, in a checkout beside the package."""

ICON = ASSETS / 'icon.svg'

VIEWPORT = 'width=device-width, initial-scale=1, viewport-fit=cover, interactive-widget=resizes-content'
"""On phones: use the whole screen, and keep the composer above the keyboard."""

HEAD = """
    <script src="/assets/theme.js?v={version}"></script>
    <script src="/assets/room.js?v={version}" defer></script>
    <link rel="stylesheet" href="/assets/theme.css?v={version}">
    <link rel="stylesheet" href="/assets/prose.css?v={version}">
"""


def dress() -> None:
    """Serve the assets, and link them from the head of every page."""
    app.add_static_files('/assets', ASSETS)
    contents = b''.join(path.read_bytes() for path in sorted(ASSETS.glob('*.*')))
    ui.add_head_html(HEAD.format(version=hashlib.sha256(contents).hexdigest()[:12]), shared=True)
