"""PDF, web pages, e-mails and ebooks, which are read without the extra `documents`.

Links in them are not followed and scripts not run. Blocks; for the process of its own.
"""

import io
import posixpath
from collections.abc import Iterator
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import TYPE_CHECKING
from urllib.parse import unquote
from xml.etree import ElementTree
from zipfile import ZipFile

from chat.documents.pieces import Pieces, Unreadable, checked_archive, labelled
from chat.encodings import decode_marked_up
from chat.html_text import HtmlReader

if TYPE_CHECKING:
    from pypdf import PageObject

MAX_HTML_LENGTH = 20_000_000
"""Characters of text that are read of one page of HTML."""


def pdf(content: bytes) -> Pieces:
    """Return the pages of a PDF."""
    import pypdf.errors  # here: it takes 12 MB

    try:
        reader = pypdf.PdfReader(io.BytesIO(content))
        if reader.is_encrypted and not reader.decrypt(''):
            raise Unreadable('protected')
        count = len(reader.pages)
    except pypdf.errors.DependencyError:  # an encryption that it cannot undo
        raise Unreadable('protected') from None
    return Pieces(count, map(_page, range(1, count + 1), reader.pages))


def _page(number: int, page: 'PageObject') -> tuple[str, str]:
    """Return the label and the text of a page; one that is damaged must not lose the others."""
    try:
        return f'Page {number}', page.extract_text()
    except MemoryError:
        raise
    except Exception:  # noqa: BLE001  # pypdf raises errors of many kinds
        return f'Page {number} cannot be read', ''


def html(content: bytes) -> Pieces:
    """Return the text of a web page."""
    reader = HtmlReader('', MAX_HTML_LENGTH)
    text = reader.read(decode_marked_up(content))
    return Pieces(1, [('', f'{reader.title}\n\n{text}' if text and reader.title else text)])


def html_text(source: str) -> str:
    """Return the text of HTML as Markdown."""
    return HtmlReader('', MAX_HTML_LENGTH).read(source)


def email(content: bytes) -> Pieces:
    """Return an e-mail: who wrote to whom and when, what, and the names of what was attached."""
    message = message_from_bytes(content, policy=policy.default.clone(max_line_length=0))
    names = ('From', 'To', 'Cc', 'Date', 'Subject')
    head = [f'{name}: {value}' for name in names if (value := _header(message, name))]
    attached = [part.get_filename() or part.get_content_type() for part in message.iter_attachments()]
    if attached:
        head.append(f'Attachments: {", ".join(attached)}')
    return Pieces(1, [('', '\n'.join(head) + '\n\n' + _body_text(message))])


def _header(message: EmailMessage, name: str) -> str:
    try:
        return ' '.join(str(message.get(name, '')).split())
    except (ValueError, IndexError):  # of a header that nobody should have sent
        return ''


def _body_text(message: EmailMessage) -> str:
    body = message.get_body(preferencelist=('plain', 'html'))
    if body is None:
        return ''
    payload = body.get_payload(decode=True)
    text = decode_marked_up(
        payload if isinstance(payload, bytes) else b'', body.get_content_charset('') or ''
    )
    return html_text(text) if body.get_content_subtype() == 'html' else text


def epub(content: bytes) -> Pieces:
    """Return the chapters of an ebook, in the order in which they are read."""
    archive = checked_archive(content)
    if 'META-INF/encryption.xml' in archive.namelist() and 'META-INF/rights.xml' in archive.namelist():
        raise Unreadable('protected')
    chapters = _chapter_names(archive)
    return Pieces(len(chapters), labelled('chapter', _chapter_texts(archive, chapters)))


def _chapter_names(archive: ZipFile) -> list[str]:
    """Return the members with the chapters, as the package document lists them."""
    container = ElementTree.fromstring(archive.read('META-INF/container.xml'))  # noqa: S314  # reads no entity from outside; see SECURITY.md
    package_name = next(each.get('full-path', '') for each in container.iter() if _is(each, 'rootfile'))
    package = ElementTree.fromstring(archive.read(package_name))  # noqa: S314
    folder = posixpath.dirname(package_name)
    addresses = {each.get('id'): each.get('href', '') for each in package.iter() if _is(each, 'item')}
    listed = [addresses.get(each.get('idref'), '') for each in package.iter() if _is(each, 'itemref')]
    members = [posixpath.normpath(posixpath.join(folder, unquote(address))) for address in listed if address]
    there = set(archive.namelist())
    return [member for member in members if member in there]


def _chapter_texts(archive: ZipFile, names: list[str]) -> Iterator[str]:
    return (html_text(decode_marked_up(archive.read(name))) for name in names)


def _is(element: ElementTree.Element, name: str) -> bool:
    return element.tag.rpartition('}')[2] == name
