"""Kinds of documents and pictures that can be read, told by their bytes, or else by their name."""

import re
from dataclasses import dataclass

PDF_MEDIA_TYPE = 'application/pdf'
HTML_MEDIA_TYPE = 'text/html'
EMAIL_MEDIA_TYPE = 'message/rfc822'
EPUB_MEDIA_TYPE = 'application/epub+zip'
OUTLOOK_MEDIA_TYPE = 'application/vnd.ms-outlook'
WORD_MEDIA_TYPE = 'application/vnd.openxmlformats-officedocument.wordprocessingml.document'
SLIDES_MEDIA_TYPE = 'application/vnd.openxmlformats-officedocument.presentationml.presentation'
SHEETS_MEDIA_TYPE = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet'
OLD_SHEETS_MEDIA_TYPE = 'application/vnd.ms-excel'
OPEN_SHEETS_MEDIA_TYPE = 'application/vnd.oasis.opendocument.spreadsheet'


@dataclass(frozen=True, slots=True)
class DocumentKind:
    """A kind of document, in the words of people."""

    name: str
    unit: str = ''
    """What it consists of, such as pages; '' if of nothing that is counted."""


KINDS = {
    PDF_MEDIA_TYPE: DocumentKind('PDF', 'page'),
    WORD_MEDIA_TYPE: DocumentKind('Word', 'page'),
    SLIDES_MEDIA_TYPE: DocumentKind('PowerPoint', 'slide'),
    SHEETS_MEDIA_TYPE: DocumentKind('Excel', 'sheet'),
    OLD_SHEETS_MEDIA_TYPE: DocumentKind('Excel', 'sheet'),
    OPEN_SHEETS_MEDIA_TYPE: DocumentKind('Spreadsheet', 'sheet'),
    EPUB_MEDIA_TYPE: DocumentKind('Ebook', 'chapter'),
    HTML_MEDIA_TYPE: DocumentKind('Web page'),
    EMAIL_MEDIA_TYPE: DocumentKind('Email'),
    OUTLOOK_MEDIA_TYPE: DocumentKind('Email'),
}
"""By media type, the documents of which a model is given the text."""

_ZIP_SIGNATURE = b'PK\x03\x04'
_OLE_SIGNATURE = b'\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1'
"""At the beginning of what Microsoft's programs wrote before they wrote archives."""

_ZIP_DIRECTORY_END = b'PK\x05\x06'

_ZIP_MEMBERS = {
    b'word/document.xml': WORD_MEDIA_TYPE,
    b'ppt/presentation.xml': SLIDES_MEDIA_TYPE,
    b'xl/workbook.': SHEETS_MEDIA_TYPE,
    b'META-INF/container.xml': EPUB_MEDIA_TYPE,
}
_OLE_STREAMS = {
    '__substg1.0_': OUTLOOK_MEDIA_TYPE,
    'Workbook': OLD_SHEETS_MEDIA_TYPE,
}
_OLD_OFFICE_STREAMS = {
    'EncryptedPackage': '{name} is protected by a password. Save it without one first.',
    'WordDocument': '{name} is in the format of Word before 2007. Save it as .docx first.',
    'PowerPoint Document': '{name} is in the format of PowerPoint before 2007. Save it as .pptx first.',
}
"""By what stands in them, files that are not read, and what helps."""

_HTML_PATTERN = re.compile(rb'\s*(?:\xef\xbb\xbf)?\s*<(?:!doctype html|html|\?xml|!--)', re.IGNORECASE)
_EMAIL_PATTERN = re.compile(rb'[A-Za-z-]+:[^\n]*\n')
_HEIF_PATTERN = re.compile(rb'....ftyp(?:heic|heix|heim|heis|hevc|hevx|mif1|msf1|avif|avis)', re.DOTALL)
_TIFF_SIGNATURES = (b'II*\0', b'MM\0*', b'II+\0', b'MM\0+')

EXIF_BYTES = 200_000
"""Bytes at the beginning of a picture in which it says how the camera was held."""


def document_type_of(name: str, content: bytes) -> str | None:
    """Return the media type of a document; `None` if this is none, or none that can be read."""
    if content.startswith(b'%PDF-'):
        return PDF_MEDIA_TYPE
    if content.startswith(_ZIP_SIGNATURE):
        return _type_of_archive(content)
    if content.startswith(_OLE_SIGNATURE):
        return next((kind for stream, kind in _OLE_STREAMS.items() if _has_stream(content, stream)), None)
    ending = name.lower().rpartition('.')[2]
    if ending in ('html', 'htm', 'xhtml') and _HTML_PATTERN.match(content):
        return HTML_MEDIA_TYPE
    return EMAIL_MEDIA_TYPE if ending == 'eml' and _EMAIL_PATTERN.match(content) else None


def _type_of_archive(content: bytes) -> str | None:
    end = content.rfind(_ZIP_DIRECTORY_END)
    if end < 0:
        return None
    directory = content[int.from_bytes(content[end + 16 : end + 20], 'little') : end]
    if b'mimetypeapplication/vnd.oasis.opendocument.spreadsheet' in content[:150]:
        return OPEN_SHEETS_MEDIA_TYPE
    return next((kind for member, kind in _ZIP_MEMBERS.items() if member in directory), None)


def _has_stream(content: bytes, name: str) -> bool:
    return name.encode('utf-16-le') in content


def refusal_of(name: str, content: bytes) -> str | None:
    """Return why such a document is not read, and what helps; `None` if nothing is known against it."""
    if not content.startswith(_OLE_SIGNATURE):
        return None
    found = (words for stream, words in _OLD_OFFICE_STREAMS.items() if _has_stream(content, stream))
    return next((words.format(name=name) for words in found), None)


def goes_as_text(media_type: str) -> bool:
    """Return whether every model is given the text of such a document in its place."""
    return media_type in KINDS and media_type != PDF_MEDIA_TYPE


def is_foreign_picture(content: bytes) -> bool:
    """Return whether this is a picture of a kind that models do not read: HEIC, AVIF or TIFF."""
    return bool(_HEIF_PATTERN.match(content)) or content.startswith(_TIFF_SIGNATURES)


def may_be_turned(content: bytes) -> bool:
    """Return whether this is a photo that may say that it was taken with the camera turned."""
    return content.startswith(b'\xff\xd8\xff') and b'Exif\0\0' in content[:EXIF_BYTES]


def estimated_tokens(text: str) -> int:
    """Return about how many tokens a text has: one for four letters, more for other scripts."""
    return -(-len(text.encode('utf-8', 'replace')) // 4)
