"""What a phone is told to put Parlour on its home screen."""

import json
import re
import struct

import pytest

from chat.asset_files import ASSETS
from chat.ui.theme import HOME_SCREEN_HEAD

MANIFEST = json.loads((ASSETS / 'manifest.webmanifest').read_text())
TOUCH = {'src': 'icons/apple-touch-180.png', 'sizes': '180x180'}


def size_of(png: bytes) -> str:
    """Width and height, as the beginning of a PNG says: https://www.w3.org/TR/png-3/#11IHDR."""
    assert png.startswith(b'\x89PNG\r\n\x1a\n')
    width, height = struct.unpack('>II', png[16:24])
    return f'{width}x{height}'


def test_what_the_page_links_is_there() -> None:
    links = re.findall(r'href="{prefix}/assets/([^"]+)"', HOME_SCREEN_HEAD)
    assert links == ['manifest.webmanifest', 'icons/apple-touch-180.png']
    assert all((ASSETS / link).is_file() for link in links)


@pytest.mark.parametrize('icon', [*MANIFEST['icons'], TOUCH], ids=lambda icon: icon['src'])
def test_icons_are_as_large_as_the_manifest_says(icon: dict[str, str]) -> None:
    path = ASSETS / icon['src']
    assert size_of(path.read_bytes()) == icon['sizes']


def test_a_browser_offers_to_install_it() -> None:
    """The least that browsers ask for: https://web.dev/articles/install-criteria."""
    assert MANIFEST['name'] == 'Parlour'
    assert (MANIFEST['start_url'], MANIFEST['display']) == ('../', 'standalone')
    assert {'192x192', '512x512'} <= {icon['sizes'] for icon in MANIFEST['icons']}
    assert 'maskable' in {icon.get('purpose') for icon in MANIFEST['icons']}
