"""What can be attached is told by its bytes, and refused with a sentence."""

import pytest

from chat.conversation.attachment import LARGEST, LARGEST_TEXT, as_text, check_size, media_type_of
from chat.errors import AttachmentRefused

PNG = b'\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR'


@pytest.mark.parametrize(
    ('content', 'media_type'),
    [
        (PNG, 'image/png'),
        (b'\xff\xd8\xff\xe0\x00\x10JFIF', 'image/jpeg'),
        (b'GIF89a\x01\x00', 'image/gif'),
        (b'RIFF\x24\x00\x00\x00WEBPVP8 ', 'image/webp'),
        (b'%PDF-1.7\n%\xe2\xe3', 'application/pdf'),
        ('Grüße, 世界 🙂'.encode(), 'text/plain'),
        (b'\xef\xbb\xbfwith a mark', 'text/plain'),
        (b'\x1b[31mred\x1b[0m\r\n\tindented', 'text/plain'),
        (b'<svg onload="alert(1)"/>', 'text/plain'),
        (b'<!doctype html><script>alert(1)</script>', 'text/plain'),
        (b'PK\x03\x04zip', None),
        (b'\x7fELF\x02', None),
        (b'caf\xe9', None),
        (b'RIFF\x24\x00\x00\x00WAVEfmt ', None),
    ],
)
def test_the_bytes_say_what_it_is(content: bytes, media_type: str | None) -> None:
    assert media_type_of(content) == media_type


def test_the_beginning_of_a_text_may_end_inside_a_character() -> None:
    beginning = 'Grüße 世'.encode()[:-1]
    assert media_type_of(beginning) is None
    assert media_type_of(beginning, is_whole=False) == 'text/plain'


@pytest.mark.parametrize('encoding', ['utf-16', 'utf-16-le', 'utf-16-be'])
def test_text_in_utf_16_becomes_utf_8(encoding: str) -> None:
    mark = {'utf-16-le': b'\xff\xfe', 'utf-16-be': b'\xfe\xff'}.get(encoding, b'')
    assert as_text(mark + 'Grüße 🙂'.encode(encoding)).decode() == 'Grüße 🙂'
    assert as_text(PNG) == PNG


def test_what_is_too_large_is_refused_with_the_most_that_would_do() -> None:
    check_size('cat.png', LARGEST, media_type='image/png')
    with pytest.raises(AttachmentRefused, match=r'cat\.png has 20 MB, the most for a file is 20 MB'):
        check_size('cat.png', LARGEST + 1, media_type='image/png')
    with pytest.raises(AttachmentRefused, match='the most for a text is 1 MB'):
        check_size('log.txt', LARGEST_TEXT + 1, media_type='text/plain')
