"""Files to attach, small ones that are what they seem."""

import hashlib
import struct
import zlib

from pydantic_ai import BinaryContent

from chat.conversation.attachment import Attachment


def png(width: int = 4, height: int = 3, shade: int = 120) -> bytes:
    """A picture in one colour that every browser shows."""
    rows = (b'\0' + bytes((shade, 90, 160)) * width) * height
    header = struct.pack('>IIBBBBB', width, height, 8, 2, 0, 0, 0)
    chunks = ((b'IHDR', header), (b'IDAT', zlib.compress(rows)), (b'IEND', b''))
    return b'\x89PNG\r\n\x1a\n' + b''.join(
        struct.pack('>I', len(data)) + kind + data + struct.pack('>I', zlib.crc32(kind + data))
        for kind, data in chunks
    )


PDF = b'%PDF-1.4\n' + b'%nothing to see here\n' * 80


def attached(name: str, media_type: str, content: bytes) -> dict[Attachment, BinaryContent]:
    """A file as it is sent with a prompt."""
    blob = hashlib.sha256(content).hexdigest()
    file = BinaryContent(content, media_type=media_type, identifier=name)
    attachment = Attachment(blob=blob, name=name, media_type=media_type, size=len(content))
    return {attachment: BinaryContent.narrow_type(file)}
