"""Files to attach, small ones that are what they seem."""

import hashlib
import struct
import zlib
from collections.abc import Collection

from pydantic_ai import BinaryContent

from chat.conversation.content.attachments import Attachment


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


def written_pdf(*texts: str, unreadable: Collection[int] = ()) -> bytes:
    """A PDF with pages of one line of text that a program can read, but for those with these numbers."""
    places = [4 + 2 * number for number in range(len(texts))]
    kids = ' '.join(f'{place} 0 R' for place in places)
    objects = [
        '<</Type/Catalog/Pages 2 0 R>>',
        f'<</Type/Pages/Kids[{kids}]/Count {len(texts)}>>',
        '<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>',
    ]
    for number, (place, text) in enumerate(zip(places, texts, strict=True), 1):
        stream = f'BT /F1 12 Tf 20 50 Td ({text}) Tj ET'
        packing = '/Filter/Unknown' if number in unreadable else ''
        objects += [
            f'<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 100]/Contents {place + 1} 0 R'
            '/Resources<</Font<</F1 3 0 R>>>>>>',
            f'<</Length {len(stream)}{packing}>>stream\n{stream}\nendstream',
        ]
    body, begins = '%PDF-1.4\n', list[int]()
    for number, each in enumerate(objects, 1):
        begins.append(len(body))
        body += f'{number} 0 obj{each}endobj\n'
    table = ''.join(f'{begin:010} 00000 n \n' for begin in begins)
    size = len(objects) + 1
    end = f'trailer<</Size {size}/Root 1 0 R>>\nstartxref\n{len(body)}\n%%EOF'
    return f'{body}xref\n0 {size}\n0000000000 65535 f \n{table}{end}'.encode()
