"""What can be attached is told by its bytes, and refused with a sentence."""

import pytest

from chat.conversation.content.attachments import (
    MAX_ATTACHMENT_BYTES,
    MAX_TEXT_BYTES,
    media_type_of,
    text_as_utf8,
    validate_size,
)
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
    assert text_as_utf8(mark + 'Grüße 🙂'.encode(encoding)).decode() == 'Grüße 🙂'
    assert text_as_utf8(PNG) == PNG


WRITTEN = {
    'a table of Excel': ('cp1252', 'Straße;Größe\r\nMüllerweg;1,5 €\r\n'),
    'a price in the end': ('cp1252', 'a;b;c\n' * 5000 + '5 €\n'),
    'quotation marks': ('cp1252', 'It’s a “test” – ok'),  # noqa: RUF001  # as Word writes it
    'French': ('latin-1', 'Nom;Prénom\nFrançois;Élodie\n'),
    'Spanish': ('latin-1', 'señor, niño, años'),
    'Polish': ('cp1250', 'Zażółć gęślą jaźń'),
    'Greek': ('cp1253', 'Καλημέρα κόσμε, τι κάνετε;'),
    'Russian': ('cp1251', 'Привет, как дела? Это текст на русском языке.'),
    'Russian of a Unix': ('koi8-r', 'Привет, как дела? Это текст на русском языке.'),
    'an old Mac': ('mac-roman', 'Straße;Größe\rMüllerweg;1,5 €\r'),
    'DOS': ('cp850', 'Straße;Größe\r\nMüllerweg'),
    'Japanese': ('cp932', '名前,住所\n山田,東京\n'),
    'Japanese sentences': ('cp932', 'これは日本語のテキストファイルです。表の内容を見てください。'),
    'Japanese of a Unix': ('euc-jp', 'これは日本語のテキストファイルです。表の内容を見てください。'),
    'Chinese': ('gb18030', '这是一个中文文本文件，请看表格的内容。'),  # noqa: RUF001
    'Chinese of Taiwan': ('big5', '這是一個中文文字檔案，請看表格的內容。'),  # noqa: RUF001
    'Korean': ('cp949', '이것은 한국어 텍스트 파일입니다.'),
    'UTF-16 without a mark': ('utf-16-le', 'Grüße aus Köln'),
    'UTF-8 with a mark': ('utf-8-sig', 'Grüße aus Köln'),
    'UTF-32': ('utf-32', 'Grüße aus Köln'),
}


@pytest.mark.parametrize('what', WRITTEN)
def test_text_of_other_systems_is_read(what: str) -> None:
    encoding, text = WRITTEN[what]
    assert text_as_utf8(text.encode(encoding)).decode() == text


@pytest.mark.parametrize('content', [bytes(range(256)) * 20, b'PK\x03\x04\x14\0', b'\0' * 100])
def test_what_is_no_text_stays_as_it_is(content: bytes) -> None:
    assert text_as_utf8(content) == content


def test_what_is_too_large_is_refused_with_the_most_that_would_do() -> None:
    validate_size('cat.png', MAX_ATTACHMENT_BYTES, media_type='image/png')
    with pytest.raises(AttachmentRefused, match=r'cat\.png is too large: 20 MB \(files: up to 20 MB\)'):
        validate_size('cat.png', MAX_ATTACHMENT_BYTES + 1, media_type='image/png')
    validate_size('log.txt', MAX_TEXT_BYTES, media_type='text/plain')
    with pytest.raises(AttachmentRefused, match=r'\(text files: up to 1 MB\)'):
        validate_size('log.txt', MAX_TEXT_BYTES + 1, media_type='text/plain')
