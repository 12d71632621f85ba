"""Documents to attach, made here: small ones that are what they seem."""

import base64
import io
import zipfile
import zlib
from datetime import date
from email.message import EmailMessage
from importlib import import_module
from typing import Any

WORD_NAMESPACE = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'


def archive(members: dict[str, str | bytes]) -> bytes:
    """An archive with these members."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, 'w', zipfile.ZIP_DEFLATED) as file:
        for name, content in members.items():
            file.writestr(name, content)
    return packed.getvalue()


def members_of(packed: bytes) -> dict[str, bytes]:
    """What is in an archive."""
    with zipfile.ZipFile(io.BytesIO(packed)) as file:
        return {name: file.read(name) for name in file.namelist()}


def word_file(body: str, doctype: str = '') -> bytes:
    """A Word document with this XML in its body."""
    types = 'application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml'
    relation = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument'
    return archive(
        {
            '[Content_Types].xml': '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
            f'<Override PartName="/word/document.xml" ContentType="{types}"/></Types>',
            '_rels/.rels': '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
            f'<Relationship Id="r1" Type="{relation}" Target="word/document.xml"/></Relationships>',
            'word/document.xml': f'<?xml version="1.0"?>{doctype}<w:document {WORD_NAMESPACE}>'
            f'<w:body>{body}</w:body></w:document>',
        }
    )


def paragraph(text: str, *, before: str = '') -> str:
    """A paragraph of Word, with more before its text."""
    return f'<w:p><w:r>{before}<w:t>{text}</w:t></w:r></w:p>'


LAID_OUT_BREAK = '<w:lastRenderedPageBreak/>'

REPORT = word_file(
    paragraph('Apples were plentiful.') + '<w:tbl><w:tr><w:tc><w:p><w:r><w:t>Fruit</w:t></w:r></w:p></w:tc>'
    '<w:tc><w:p><w:r><w:t>Tons</w:t></w:r></w:p></w:tc></w:tr></w:tbl>'
    + '<w:p><w:r><w:br w:type="page"/></w:r></w:p>'
    + paragraph('Pears are late. Grüße', before=LAID_OUT_BREAK)
)
"""Two pages, of which Word has said both that the second was asked for, and that it began there."""


def presentation() -> bytes:
    """Two slides: a list with notes, and a table with a chart below it."""
    from pptx import Presentation
    from pptx.enum.chart import XL_CHART_TYPE
    from pptx.util import Inches

    made = Presentation()
    first = made.slides.add_slide(made.slide_layouts[1])
    assert first.shapes.title
    first.shapes.title.text = 'Plan'
    first.placeholders[1].text = 'Buy ladders'  # pyright: ignore[reportAttributeAccessIssue]  # has text
    notes = first.notes_slide.notes_text_frame
    assert notes
    notes.text = 'Speak slowly'
    second = made.slides.add_slide(made.slide_layouts[6])
    at = Inches(1)
    table = second.shapes.add_table(1, 2, at, at, at, at).table
    table.cell(0, 0).text, table.cell(0, 1).text = 'May', '340 boxes'
    numbers: Any = import_module('pptx.chart.data').CategoryChartData()  # its types are wrong
    numbers.categories = ['North', 'South']
    numbers.add_series('Sales', (1, 2))
    second.shapes.add_chart(XL_CHART_TYPE.PIE, at, at, at, at, numbers)
    packed = io.BytesIO()
    made.save(packed)
    return packed.getvalue()


def workbook() -> bytes:
    """A sheet with a date, a number and a formula, and an empty one."""
    packed = io.BytesIO()
    with import_module('xlsxwriter').Workbook(packed) as book:  # of python-pptx; it has no types
        sheet = book.add_worksheet('Costs')
        sheet.write_row(0, 0, ['Item, new', 'Price', 'When'])
        sheet.write_row(1, 0, ['Ladder', 49.5])
        day, style = date(2026, 3, 1), book.add_format({'num_format': 'yyyy-mm-dd'})
        sheet.write_datetime(1, 2, day, style)
        sheet.write_formula(2, 1, '=SUM(B2:B2)', value=50)
        book.add_worksheet('Empty')
    return packed.getvalue()


def mail() -> bytes:
    """An e-mail with a picture from the web that would tell who opens it, and a file."""
    message = EmailMessage()
    message['From'], message['To'] = 'Ada <ada@example.org>', 'Bob <bob@example.org>'
    message['Subject'] = 'Ernte – Grüße'  # noqa: RUF001
    message.set_content(
        '<p>The <b>ladders</b> came.</p><img src="http://127.0.0.1:9/seen.gif">', subtype='html'
    )
    message.add_attachment(b'a;b', maintype='text', subtype='csv', filename='list.csv')
    return bytes(message)


def ebook(chapters: dict[str, str]) -> bytes:
    """An ebook whose chapters are read in this order, and listed in another."""
    items = ''.join(f'<item id="{name}" href="{name}.xhtml"/>' for name in reversed(chapters))
    spine = ''.join(f'<itemref idref="{name}"/>' for name in chapters)
    return archive(
        {
            'mimetype': 'application/epub+zip',
            'META-INF/container.xml': '<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container">'
            '<rootfiles><rootfile full-path="text/book.opf"/></rootfiles></container>',
            'text/book.opf': '<package xmlns="http://www.idpf.org/2007/opf">'
            f'<manifest>{items}</manifest><spine>{spine}</spine></package>',
            **{f'text/{name}.xhtml': f'<html><body>{text}</body></html>' for name, text in chapters.items()},
        }
    )


def scan(pages: int) -> bytes:
    """A TIFF with pages of rising width."""
    from PIL import Image

    first, *more = (Image.new('L', (20 + page, 10), 200) for page in range(pages))
    packed = io.BytesIO()
    first.save(packed, 'TIFF', save_all=True, append_images=more)
    return packed.getvalue()


HEIC = zlib.decompress(
    base64.b64decode(
        'eNpjYGCQSSupLMhIzUxmAILczDRDEDs3MzGNgYGxNje1JJEBAhQzUnKKoGyGgszkEgY0oJSZkw82xMWBgREIgYBxIYQGAikgVs7M'
        'zEsD80CiokBOKhOUl1GWbAhi8hVkluTClfzNLCgqANJ3MwuS84F0GVCZMyMzSGgCWJHcB4Y/f3/8YGDgZ04A6pBwYORh/P8fpIAZ'
        'pIIZhOR2MTkkAiW1nBgZ0WQWKDSyTnv1ZNnOHRwZBgpAIWYQwaCYBFTO5sJ4sPhAJ9AS4eT8nKK85JwKoCgvA1sDUEgks7ggFeoz'
        'ByjWSM5JLICyQY5XgNIgwPT///8HIBqIBQoyKzJBgswcHBxASiKzIBcWyMBwY21kYmZtAYVnbkoiKJDFNBjXRzz78mr///7r/z9d'
        '/iS3iq9Sau4HAIPEVmE='
    )
)
"""A picture of a telephone in one colour, 64 pixels wide and 32 high; Pillow itself cannot write one."""


def photo(kind: str, *, orientation: int = 1, size: tuple[int, int] = (40, 20)) -> bytes:
    """A picture wider than high, in the colours of a photo, which says how the camera was held."""
    from PIL import Image

    image = Image.new('RGB', size, (200, 90, 40))
    exif = Image.Exif()
    exif[0x0112] = orientation
    packed = io.BytesIO()
    image.save(packed, kind, exif=exif)
    return packed.getvalue()
