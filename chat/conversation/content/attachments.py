"""Attachments: files that belong to prompts; their types, sizes and names."""

import codecs
import hashlib
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from types import MappingProxyType
from typing import Any, TypeAlias

from pydantic_ai import BinaryContent

from chat.documents.kinds import KINDS, document_type_of, refusal_of
from chat.encodings import decode_text
from chat.errors import AttachmentMissing, AttachmentRefused

MAX_ATTACHMENT_BYTES = 20_000_000
"""Bytes of a file, or of all files of a prompt: they are sent again with each prompt that follows."""

MAX_TEXT_BYTES = 1_000_000
"""Bytes of a text, which is some 250,000 tokens."""

MAX_ATTACHMENTS = 10
"""Files of one prompt."""

UNSUPPORTED_MESSAGE = (
    "{name} can't be attached. Attach images, PDF, Office documents, ebooks, e-mails, web pages or text."
)
TOO_LARGE_MESSAGE = '{name} is too large: {size} ({kind}: up to {limit}).'

TEXT_MEDIA_TYPE = 'text/plain'

SIZE_UNITS = (('GB', 10**9), ('MB', 10**6), ('KB', 10**3))
"""With their bytes, the largest first."""

MAX_NAME_LENGTH = 120
"""Characters; the end of a longer name stays, for it says the kind of the file."""

_SIGNATURES = {
    b'\x89PNG\r\n\x1a\n': 'image/png',
    b'\xff\xd8\xff': 'image/jpeg',
    b'GIF87a': 'image/gif',
    b'GIF89a': 'image/gif',
}
_WEBP_PATTERN = re.compile(rb'RIFF....WEBP', re.DOTALL)
_AVIF_PATTERN = re.compile(rb'....ftypavi[fs]', re.DOTALL)
AVIF_MEDIA_TYPE = 'image/avif'
"""Browsers show it, and no model is sent it."""

_CONTROL_CHARACTERS = re.compile(r'[\x00-\x08\x0e-\x1a\x1c-\x1f]')
"""What no text has in it; an escape may begin a colour of a terminal."""
_UNSAFE_CHARACTERS = re.compile(r'[\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069/\\]')
"""What has no place in the name of a file, or would have it read in another order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    """What is known of a file without its bytes, which are kept under their SHA-256."""

    blob: str
    """The SHA-256 of the bytes, in hexadecimal."""
    name: str
    media_type: str
    size: int
    """In bytes."""
    count: int = 0
    """Of a document its pages, slides, sheets or chapters; 0 if they are not known."""
    tokens: int = 0
    """About how many the text has that a model is given; 0 if that is not known."""
    percent: int = 100
    """How much of the text this is."""

    @property
    def is_image(self) -> bool:
        return self.media_type.startswith('image/')

    def for_page(self) -> dict[str, Any]:
        """Return what a page is told of it."""
        return {**asdict(self), 'about': self.about}

    @property
    def about(self) -> str:
        """Return what a person is told beside its name: "Word, 3 pages, about 1,200 tokens"."""
        kind = KINDS.get(self.media_type)
        said = [kind.name] if kind else []
        if kind and kind.unit and self.count:
            said.append(f'{self.count:,} {kind.unit}{"s" * (self.count != 1)}')
        if not (kind and self.tokens):
            said.append(format_size(self.size))
        if self.tokens:
            part = f'the model gets the first {self.percent}%: ' if self.percent < 100 else ''
            said.append(f'{part}about {float(f"{self.tokens:.2g}"):,.0f} tokens')
        return ', '.join(said)


AttachedFiles: TypeAlias = Mapping[Attachment, BinaryContent]
"""The files of a prompt with their bytes, in order."""

NO_ATTACHMENTS: AttachedFiles = MappingProxyType({})


def media_type_of(content: bytes, *, is_whole: bool = True) -> str | None:
    """Return the type of these bytes, whatever their name says; `None` if that cannot be attached.

    Text is UTF-8, as `text_as_utf8` makes it. What a browser could run, such as HTML and SVG, is text here,
    and what is in an archive, as in documents of Office, only the whole of it says.

    Args:
        content: The bytes of a file, or the first of them.
        is_whole: Whether they are all; else a character may be cut off at the end.
    """
    for signature, media_type in _SIGNATURES.items():
        if content.startswith(signature):
            return media_type
    if _WEBP_PATTERN.match(content):
        return 'image/webp'
    if _AVIF_PATTERN.match(content):
        return AVIF_MEDIA_TYPE
    if document := document_type_of('', content):
        return document
    try:
        text = codecs.getincrementaldecoder('utf-8')().decode(content, final=is_whole)
    except UnicodeDecodeError:
        return None
    return None if _CONTROL_CHARACTERS.search(text) else TEXT_MEDIA_TYPE


def attachable_type_of(name: str, content: bytes) -> str | None:
    """Return the type of a file with this name; `None` if no model is given such."""
    media_type = document_type_of(name, content) or media_type_of(content)
    return None if media_type == AVIF_MEDIA_TYPE else media_type


def is_picture(content: bytes) -> bool:
    """Return whether these bytes are an image that a browser shows, and not a text that looks like one."""
    return (media_type_of(content) or '').startswith('image/')


def text_as_utf8(content: bytes) -> bytes:
    """Return text of any encoding in UTF-8, and all else as it is. For a thread: it may take a second."""
    is_known = content.startswith((b'%PDF-', *_SIGNATURES)) or _WEBP_PATTERN.match(content)
    if is_known or len(content) > 4 * MAX_TEXT_BYTES:
        return content
    text = decode_text(content)
    return content if text is None else text.encode()


def validate_size(name: str, size: int, *, media_type: str | None = None) -> None:
    """Refuse what is too large.

    Raises:
        AttachmentRefused: With the most that would do.
    """
    most = MAX_TEXT_BYTES if media_type == TEXT_MEDIA_TYPE else MAX_ATTACHMENT_BYTES
    if size > most:
        kind = 'text files' if media_type == TEXT_MEDIA_TYPE else 'files'
        raise AttachmentRefused(
            TOO_LARGE_MESSAGE.format(name=name, size=format_size(size), kind=kind, limit=format_size(most))
        )


def checked_content(name: str, content: bytes) -> tuple[bytes, str]:
    """Return the bytes to store, and their type. For a thread, as `text_as_utf8`.

    Raises:
        AttachmentRefused: If the file is too large or empty, or of a kind that no model is sent.
    """
    if refusal := refusal_of(name, content):
        raise AttachmentRefused(refusal)
    if document_type_of(name, content) is None:
        content = text_as_utf8(content)
    media_type = attachable_type_of(name, content)
    if media_type is None:
        raise AttachmentRefused(UNSUPPORTED_MESSAGE.format(name=name))
    if not content:
        raise AttachmentRefused(f'{name} is empty.')
    validate_size(name, len(content), media_type=media_type)
    return content, media_type


def attached_file(said: Attachment, content: bytes) -> tuple[Attachment, BinaryContent]:
    """Return a stored file as it is, whatever is said of it but for its name and the length of its text.

    Raises:
        AttachmentMissing: If there are no bytes, or such as cannot be attached.
    """
    name, blob = safe_name(said.name), hashlib.sha256(content).hexdigest()
    media_type = attachable_type_of(name, content)
    if not content or media_type is None:
        raise attachment_missing(said)
    attachment = replace(said, blob=blob, name=name, media_type=media_type, size=len(content))
    file = BinaryContent(content, media_type=media_type, identifier=name)
    return attachment, BinaryContent.narrow_type(file)


def attachment_missing(attachment: Attachment) -> AttachmentMissing:
    """Return what is said of a file that is not there, and of one that is none of the visitor's."""
    return AttachmentMissing(f'{safe_name(attachment.name)} is not there any more. Attach it again.')


def safe_name(name: str) -> str:
    """Return the name of a file without folders and without what could mislead."""
    visible = ' '.join(_UNSAFE_CHARACTERS.sub(' ', name).split())
    return visible[-MAX_NAME_LENGTH:].lstrip() or 'file'


def format_size(size: int) -> str:
    """Return a number of bytes as a person reads it."""
    if size < 1e3:
        return f'{size} B'
    unit, factor = next((unit, factor) for unit, factor in SIZE_UNITS if size >= factor)
    return f'{float(f"{size / factor:.3g}"):g} {unit}'  # three digits, and never an exponent
