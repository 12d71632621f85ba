"""A link as a QR code, for the page and for the terminal."""

from io import StringIO

import segno

QUIET_ZONE_MODULES = 3
"""Light modules around the code; some cameras find none without them."""


def qr_svg(link: str) -> str:
    """Return an image that fills its container: dark on transparent, so it needs a light background."""
    return _code(link).svg_inline(border=QUIET_ZONE_MODULES, omitsize=True)


def qr_text(link: str) -> str:
    """Return the code as lines of block characters, drawn in light, since most terminals are dark."""
    lines = StringIO()
    _code(link).terminal(lines, border=QUIET_ZONE_MODULES, compact=True)
    return lines.getvalue().rstrip('\n')


def _code(link: str) -> segno.QRCode:
    return segno.make(link, error='m', micro=False)
