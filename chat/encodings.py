"""Detect the encoding of a text: decode it in each known encoding, and take the likeliest text."""

import codecs
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

BOM_ENCODINGS = {
    codecs.BOM_UTF8: 'utf-8',
    codecs.BOM_UTF32_LE: 'utf-32-le',
    codecs.BOM_UTF32_BE: 'utf-32-be',
    codecs.BOM_UTF16_LE: 'utf-16-le',
    codecs.BOM_UTF16_BE: 'utf-16-be',
}
"""By the mark at the beginning; the longer ones first."""

SINGLE_BYTE_ENCODINGS = ('cp1252', 'cp1250', 'cp1251', 'cp1253', 'koi8-r', 'mac-roman', 'cp850', 'cp866')
MULTI_BYTE_ENCODINGS = ('cp932', 'gb18030', 'big5', 'euc-kr', 'euc-jp')
"""Of Windows, of older Unix and Mac, of DOS; of what fits equally well, the first."""

_CONTROL_BYTES = re.compile(rb'[\x00-\x08\x0e-\x1a\x1c-\x1f]')
"""Bytes that no text has in it, in an encoding of these."""

_BEYOND_ASCII = re.compile(r'[^\x00-\x7f]')

_CHARSET = re.compile(rb'charset\s*=\s*["\']?([\w-]+)', re.IGNORECASE | re.ASCII)

_SEVEN_BIT_CHARSET = re.compile(r'(cs)?iso-?2022|hz', re.IGNORECASE)
"""Matches the name of an encoding whose bytes are valid in UTF-8 too, where they are something else."""

CHARSET_BYTES = 2048
"""Bytes at the beginning of HTML in which it says its encoding."""

MAX_SAMPLE_LENGTH = 5_000
"""Characters that are enough to tell encodings apart."""

UTF16_ZERO_RATIO = 0.3
"""The share of zeros among every other byte from which on text is in UTF-16."""

COMMON_SYMBOLS = frozenset(
    '„“”‘’–—…«»€°§£×·•¿¡©®™²³½´¨\xa0、。「」，！？：；・（）'  # noqa: RUF001  # what is meant
    '的一是不了在人有我他这中大来上个国到说们为子和你地出道也时年得就那要下以生会自着去之过家学对可里后小么心多天而能好都然没日于起还发成事'
    '這個們來說時對國會為麼沒過後學發經點還進問請內檔於與從'
)
"""Signs and characters that stand in texts more often than in what is none."""

SYMBOLS_OUTSIDE_WORDS = frozenset('€°§£×·•¿¡©®³²½´¨')  # noqa: RUF001

SCRIPT_SCORES = {
    'HIRAGANA': 3.0,
    'KATAKANA': 2.0,
    'HANGUL': 1.2,
    'CJK': 0.8,
    'LATIN': 1.0,
    'CYRILLIC': 1.0,
    'GREEK': 1.0,
}
"""How much a character of a script says for an encoding, by the first word of its Unicode name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DecodedText:
    """A text, and how it stands in bytes."""

    text: str
    encoding: str
    mark: bytes = b''
    """The mark of the encoding at the beginning, which is no part of the text."""

    def encode(self, text: str) -> bytes:
        """Return another text as this one stood in bytes.

        Raises:
            UnicodeEncodeError: If the encoding lacks a character of it.
        """
        return self.mark + text.encode(self.encoding)


def decode_text(content: bytes) -> str | None:
    """Return the text in these bytes; `None` if they are no text in any encoding that is known here."""
    decoded = decode(content)
    return decoded.text if decoded else None


def decode(content: bytes) -> DecodedText | None:
    """Return the text in these bytes with its encoding; `None` as `decode_text` does."""
    for mark, encoding in BOM_ENCODINGS.items():
        if content.startswith(mark):
            return _decoded(encoding, content, mark)
    if decoded := _decoded('utf-8', content):
        return decoded if '\0' not in decoded.text else _utf16_without_bom(content)
    if b'\0' in content:
        return _utf16_without_bom(content)
    if _CONTROL_BYTES.search(content):
        return None
    found = [
        decoded
        for encoding in (*SINGLE_BYTE_ENCODINGS, *MULTI_BYTE_ENCODINGS)
        if (decoded := _decoded(encoding, content))
    ]
    likelihoods = [_likelihood(decoded.text) for decoded in found]
    best = max(likelihoods, default=-1.0)
    return found[likelihoods.index(best)] if best > 0 else None


def decode_marked_up(content: bytes, charset: str = '') -> str:
    """Return HTML, or the body of an e-mail, in the encoding that it says, or else in the likeliest."""
    said = _CHARSET.search(content[:CHARSET_BYTES])
    name = charset or (said[1].decode('ascii') if said else '')
    encodings = ('utf-8-sig', name or 'ascii')
    for encoding in reversed(encodings) if _SEVEN_BIT_CHARSET.match(name) else encodings:
        try:
            return content.decode(encoding)
        except (UnicodeError, LookupError):
            continue
    return decode_text(content) or content.decode('utf-8', 'replace')


def _decoded(encoding: str, content: bytes, mark: bytes = b'') -> DecodedText | None:
    try:
        text = content[len(mark) :].decode(encoding)
    except UnicodeError:
        return None
    return DecodedText(text=text, encoding=encoding, mark=mark)


def _utf16_without_bom(content: bytes) -> DecodedText | None:
    """Return text in UTF-16 that does not say so; `None` if it is none."""
    sample = content[:MAX_SAMPLE_LENGTH]
    for encoding, zeros in (('utf-16-le', sample[1::2]), ('utf-16-be', sample[::2])):
        if len(content) % 2 == 0 and zeros.count(0) > UTF16_ZERO_RATIO * len(zeros):
            decoded = _decoded(encoding, content)
            return decoded if decoded and not _CONTROL_BYTES.search(decoded.text.encode()) else None
    return None


def _likelihood(text: str) -> float:
    """Return how much a text is like language: the mean score of its characters beyond ASCII."""
    scores = list(_scores(text))
    return sum(scores) / len(scores) if scores else 0.0


def _scores(text: str) -> Iterator[float]:
    for found in islice(_BEYOND_ASCII.finditer(text), MAX_SAMPLE_LENGTH):
        place = found.start()
        yield _score(text[place - 1] if place else ' ', text[place])


def _score(before: str, character: str) -> float:
    if character in COMMON_SYMBOLS:
        return -1.0 if character in SYMBOLS_OUTSIDE_WORDS and before.isalpha() else 1.5
    name = unicodedata.name(character, 'NONE')
    script = name.partition(' ')[0]
    if not character.isalpha() or script not in SCRIPT_SCORES:
        return -3.0
    if before.isalpha():
        if before.islower() and character.isupper():
            return -2.0
        if script == 'LATIN' and before > '\x7f':
            return -0.5  # two letters with accents hardly stand side by side
        if _script(before) != script and {_script(before), script} != {'HIRAGANA', 'CJK'}:
            return SCRIPT_SCORES[script] - 1.5
    return SCRIPT_SCORES[script]


def _script(character: str) -> str:
    return unicodedata.name(character, 'NONE').partition(' ')[0]
