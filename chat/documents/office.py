"""Word, PowerPoint, Excel and Outlook files, as the packages of the extra `documents` read them.

Pictures, macros and links in them are left alone. Blocks; for the process of its own.
"""

import csv
import io
import re
import zipfile
from collections.abc import Iterable, Iterator
from datetime import datetime, time
from importlib import import_module
from typing import Any

from chat.documents.kinds import SHEETS_MEDIA_TYPE
from chat.documents.pieces import Pieces, Unreadable, checked_archive, labelled
from chat.documents.plain import html_text

PAGE_BREAK = '<hr class="page" />'

_STYLES = """br[type='page'] => hr.page"""

_LAID_OUT_BREAK = re.compile(rb'<w:lastRenderedPageBreak\s*/>')
"""Where a page began when Word showed the document last; also behind each break that was asked for."""

_ASKED_BREAK = re.compile(rb'<w:br\s+w:type="page"\s*/>')

MAX_SHEET_ROWS = 200_000


def word(content: bytes) -> Pieces:
    """Return the pages of a Word document, where it says where they begin."""
    mammoth = import_module('mammoth')  # of the extra, as all packages here; it has no types
    html: str = mammoth.convert_to_html(
        io.BytesIO(_with_page_breaks(content)), style_map=_STYLES, convert_image=_no_picture
    ).value
    pages = html.split(PAGE_BREAK)
    texts = (html_text(page) for page in pages)
    return Pieces(len(pages), labelled('page', texts) if len(pages) > 1 else (('', text) for text in texts))


def _no_picture(_: object) -> list[object]:
    return []


def _with_page_breaks(content: bytes) -> bytes:
    """Return a document whose pages, as Word has laid them out, are divided by breaks that readers see."""
    with checked_archive(content) as archive:
        members = {name: archive.read(name) for name in archive.namelist() if _is_text_of_word(name)}
    body = members.get('word/document.xml', b'')
    if _LAID_OUT_BREAK.search(body):
        body = _LAID_OUT_BREAK.sub(b'<w:br w:type="page"/>', _ASKED_BREAK.sub(b'', body))
        members['word/document.xml'] = body
    return _archive_of(members)


def _is_text_of_word(name: str) -> bool:
    return name.endswith(('.xml', '.rels')) and not name.startswith('word/theme')


def _archive_of(members: dict[str, bytes]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, 'w', zipfile.ZIP_STORED) as archive:
        for name, member in members.items():
            archive.writestr(name, member)
    return packed.getvalue()


def slides(content: bytes) -> Pieces:
    """Return the slides of a presentation, with what is noted for who speaks."""
    import pptx

    checked_archive(content).close()
    shown = [*pptx.Presentation(io.BytesIO(content)).slides]
    return Pieces(len(shown), labelled('slide', map(_slide_text, shown)))


def _slide_text(slide: Any) -> str:
    texts = [text for shape in slide.shapes for text in _shape_texts(shape)]
    notes = slide.notes_slide.notes_text_frame if slide.has_notes_slide else None
    if notes is not None and notes.text.strip():
        texts.append(f'Notes: {notes.text}')
    return '\n\n'.join(text.strip() for text in texts if text.strip())


def _shape_texts(shape: Any) -> Iterator[str]:
    if shape.has_text_frame:
        title = shape.is_placeholder and shape.placeholder_format.idx == 0
        yield f'# {shape.text_frame.text}' if title else shape.text_frame.text
    elif getattr(shape, 'has_table', False):
        yield '\n'.join(' | '.join(cell.text for cell in row.cells) for row in shape.table.rows)
    elif getattr(shape, 'has_chart', False):
        yield _chart_text(shape.chart)
    elif hasattr(shape, 'shapes'):
        for inner in shape.shapes:
            yield from _shape_texts(inner)


def _chart_text(chart: Any) -> str:
    """Return the numbers of a chart, which may be several kinds of charts on top of one another."""
    return '\n'.join(_plot_text(chart.plots, place) for place in range(len(chart.plots)))


def _plot_text(plots: Any, place: int) -> str:
    try:
        plot = plots[place]
        rows = [['', *map(str, plot.categories)]]
        rows += [[str(series.name), *map(_cell, series.values)] for series in plot.series]
    except (ValueError, LookupError, AttributeError):  # python-pptx 1.0.2 knows none in 3-D, nor of stocks
        return '[This chart cannot be read.]'
    return '\n'.join(' | '.join(row) for row in rows)


def sheets(content: bytes, media_type: str) -> Pieces:
    """Return the sheets of a workbook as comma-separated values; of a formula what it gave last."""
    import python_calamine

    if media_type == SHEETS_MEDIA_TYPE:
        checked_archive(content).close()
    try:
        book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(content))
    except python_calamine.PasswordError:
        raise Unreadable('protected') from None
    names = book.sheet_names
    return Pieces(len(names), ((f'Sheet: {name}', _rows_text(_rows_of(book, name))) for name in names))


def _rows_of(book: Any, name: str) -> Iterable[list[Any]]:
    sheet = book.get_sheet_by_name(name)
    return sheet.to_python(skip_empty_area=True, nrows=MAX_SHEET_ROWS)


def _rows_text(rows: Iterable[list[Any]]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator='\n')
    for row in rows:
        cells = [_cell(value) for value in row]
        while cells and not cells[-1]:
            cells.pop()
        writer.writerow(cells)
    return text.getvalue()


def _cell(value: object) -> str:
    match value:
        case None:
            return ''
        case float() if value.is_integer():
            return str(int(value))
        case datetime() if value.time() == time():
            return value.date().isoformat()
        case _:
            return str(value)


def outlook(content: bytes) -> Pieces:
    """Return a message that Outlook has saved."""
    import oxmsg

    message = oxmsg.Message.load(io.BytesIO(content))
    heads = {
        'From': message.sender or '',
        'To': ', '.join(f'{each.name} <{each.email_address}>' for each in message.recipients),
        'Date': str(message.sent_date or ''),
        'Subject': message.subject or '',
        'Attachments': ', '.join(each.file_name or 'unnamed' for each in message.attachments),
    }
    head = '\n'.join(f'{name}: {value}' for name, value in heads.items() if value)
    body = message.body or html_text(message.html_body or '')
    return Pieces(1, [('', f'{head}\n\n{body}')])
