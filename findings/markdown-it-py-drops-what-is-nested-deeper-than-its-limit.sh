#!/usr/bin/env bash
# markdown-it-py 4: what is nested deeper than `maxNesting` is left out of the HTML, without an error and without a sign.
#
# The limit guards the parser against deep recursion; one would expect the deeper text to stay as plain text, as it does
# for inline markup. Of blocks, the content vanishes: a list of 40 levels, which people do paste from outlines and from
# logs, keeps 9 of its items with the preset "commonmark", whose limit is 20.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check markdown-it-py==4.1.0 2>/dev/null
"$folder/venv/bin/python" - <<'PYTHON'
from importlib.metadata import version

from markdown_it import MarkdownIt

LEVELS = 40
outline = '\n'.join(f'{"  " * level}- item{level:02}' for level in range(LEVELS))
quotes = '\n'.join(f'{"> " * level}quote{level:02}\n{"> " * level}' for level in range(1, LEVELS))
print('markdown-it-py', version('markdown-it-py'))
found = {}
for preset in ('commonmark', 'js-default'):
    parser = MarkdownIt(preset)
    html = parser.render(outline)
    kept = sum(f'item{level:02}' in html for level in range(LEVELS))
    quoted = sum(f'quote{level:02}' in parser.render(quotes) for level in range(1, LEVELS))
    found[preset] = kept, quoted
    print(f'{preset}: maxNesting {parser.options["maxNesting"]}, {kept} of {LEVELS} items, {quoted} of {LEVELS - 1} quotes')
assert found['commonmark'][0] < LEVELS, found
assert found['commonmark'][1] < LEVELS - 1, found
assert found['js-default'][0] == LEVELS, found
PYTHON
