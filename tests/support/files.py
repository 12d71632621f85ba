"""Files to attach, small ones that are what they seem."""

import hashlib
import struct
import zlib

from pydantic_ai import BinaryContent

from chat.conversation.attachments import Attachment


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


def written_pdf(text: str) -> bytes:
    """A PDF of one page with a line of text that a program can read."""
    stream = f'BT /F1 12 Tf 20 50 Td ({text}) Tj ET'
    objects = [
        '<</Type/Catalog/Pages 2 0 R>>',
        '<</Type/Pages/Kids[3 0 R]/Count 1>>',
        '<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 100]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>',
        f'<</Length {len(stream)}>>stream\n{stream}\nendstream',
        '<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>',
    ]
    body, places = '%PDF-1.4\n', list[int]()
    for number, each in enumerate(objects, 1):
        places.append(len(body))
        body += f'{number} 0 obj{each}endobj\n'
    table = ''.join(f'{place:010} 00000 n \n' for place in places)
    end = f'trailer<</Size 6/Root 1 0 R>>\nstartxref\n{len(body)}\n%%EOF'
    return f'{body}xref\n0 6\n0000000000 65535 f \n{table}{end}'.encode()
