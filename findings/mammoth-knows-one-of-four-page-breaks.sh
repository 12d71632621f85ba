#!/usr/bin/env bash
# mammoth 1.13.0: of the four ways in which a Word document says that a page ends, one reaches the HTML, and only with
# a style map: an explicit break (`w:br` of type page). A paragraph that begins a page (`w:pageBreakBefore`, what a
# heading style of most reports has), a section that begins on the next page (the default of `w:sectPr`), and the
# places where Word itself broke the pages when it saved (`w:lastRenderedPageBreak`) vanish without a message.
#
# Who wants page marks in the text therefore has to read them from `word/document.xml`.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check mammoth==1.13.0 2>/dev/null
cd "$folder"
cat >look.py <<'PYTHON'
import io
import sys
import zipfile
from importlib.metadata import version

import mammoth

OPC = 'http://schemas.openxmlformats.org/package/2006'
OFFICE = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships'
WORD = 'http://schemas.openxmlformats.org/wordprocessingml/2006/main'
MAIN = 'application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml'
TYPES = f"""<Types xmlns="{OPC}/content-types">
<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>
<Override PartName="/word/document.xml" ContentType="{MAIN}"/></Types>"""
RELATIONS = f"""<Relationships xmlns="{OPC}/relationships">
<Relationship Id="d" Type="{OFFICE}/officeDocument" Target="word/document.xml"/></Relationships>"""

FIRST, SECOND = '<w:r><w:t>one</w:t></w:r>', '<w:r><w:t>two</w:t></w:r>'
BREAKS = {
    'an explicit break': f'<w:p>{FIRST}<w:r><w:br w:type="page"/></w:r>{SECOND}</w:p>',
    'where Word broke the page': f'<w:p>{FIRST}<w:r><w:lastRenderedPageBreak/><w:t>two</w:t></w:r></w:p>',
    'a paragraph that begins one': f'<w:p>{FIRST}</w:p><w:p><w:pPr><w:pageBreakBefore/></w:pPr>{SECOND}</w:p>',
    'a section on the next page': (
        f'<w:p><w:pPr><w:sectPr><w:type w:val="nextPage"/></w:sectPr></w:pPr>{FIRST}</w:p><w:p>{SECOND}</w:p>'
    ),
}


def document(body: str) -> io.BytesIO:
    file = io.BytesIO()
    with zipfile.ZipFile(file, 'w') as parts:
        parts.writestr('[Content_Types].xml', TYPES)
        parts.writestr('_rels/.rels', RELATIONS)
        parts.writestr(
            'word/document.xml', f'<w:document xmlns:w="{WORD}"><w:body>{body}</w:body></w:document>'
        )
    file.seek(0)
    return file


print(f'Python {sys.version.split()[0]}, mammoth {version("mammoth")}')
kept = []
for name, body in BREAKS.items():
    result = mammoth.convert_to_html(document(body), style_map="br[type='page'] => hr")
    assert 'one' in result.value
    assert 'two' in result.value
    print(f'{name:28} {result.value:32} messages: {len(result.messages)}')
    assert not result.messages
    if '<hr' in result.value:
        kept.append(name)
assert kept == ['an explicit break']
PYTHON
"$folder/venv/bin/python" look.py
