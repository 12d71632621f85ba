"""The styles of NiceGUI's pages, as one file that its scripts leave as it is."""

import re
from pathlib import Path

import nicegui

STATIC = Path(nicegui.__file__).parent / 'static'

LAYERS = {
    'quasar': 'quasar.unimportant.prod.css',
    'quasar_importants': 'quasar.important.prod.css',
    'nicegui': 'nicegui.css',
}
"""The files that a page imports, by the layers into which it does, in their order."""

CARD_RULE = re.compile(r'([^{}]*\.q-card>div[^{}]*)\{')


def nicegui_styles() -> str:
    """Return all of them, with the rules of cards as NiceGUI's script makes them in each page.

    It looks for them in styles whose address names Quasar: a page goes through two thousand rules, and the
    browser through all styles once more. Its fonts are not there: they take 310 KB for our icons. Can go when
    NiceGUI delivers the styles that it means.
    """
    sheets = {layer: (STATIC / name).read_text(encoding='utf-8') for layer, name in LAYERS.items()}
    sheets['quasar'] = CARD_RULE.sub(r'.nicegui-card-tight\1{', sheets['quasar'])
    return ''.join(f'@layer {layer} {{\n{text}\n}}\n' for layer, text in sheets.items())
