"""The text of a PDF, for a model that takes no PDF."""

import asyncio
import hashlib
import io
import logging

import pypdf

log = logging.getLogger(__name__)
logging.getLogger('pypdf').setLevel(logging.ERROR)  # it warns of each small fault of a file

EXTRACTION_TIMEOUT = 30
"""Seconds for one file."""

MAX_TEXT_LENGTH = 400_000
"""Characters, some 100,000 tokens."""


class PdfTextCache:
    """Texts of files, each found once for as long as their conversation is open."""

    def __init__(self) -> None:
        self._texts: dict[str, str] = {}

    async def text_of(self, content: bytes) -> str:
        """The text in a file; '' if there is none, as in a picture of a page, or if it cannot be read."""
        key = hashlib.sha256(content).hexdigest()
        if key not in self._texts:
            try:
                async with asyncio.timeout(EXTRACTION_TIMEOUT):
                    self._texts[key] = await asyncio.to_thread(extract_text, content)
            except TimeoutError:
                log.info('A PDF took too long to be read')
                self._texts[key] = ''
        return self._texts[key]


def extract_text(content: bytes) -> str:
    """The text of all pages, no more than `MAX_TEXT_LENGTH`; for a thread, it may take seconds."""
    texts: list[str] = []
    try:
        for page in pypdf.PdfReader(io.BytesIO(content)).pages:
            texts.append(page.extract_text())
            if sum(map(len, texts)) > MAX_TEXT_LENGTH:
                break
    except Exception as error:  # noqa: BLE001  # a file from anywhere; what was found before it broke is kept
        log.info('A PDF could not be read to its end: %s', type(error).__name__)
    return '\n\n'.join(text.strip() for text in texts if text.strip())[:MAX_TEXT_LENGTH]
