"""DocumentReader: text of documents, and upright pictures, read in processes of their own, within limits."""

import asyncio
import base64
import json
import logging
import os
import sys
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Annotated, TypeAlias

from pydantic import BaseModel, Field, TypeAdapter, ValidationError

from chat.documents.pieces import DocumentText, Problem
from chat.errors import AttachmentRefused

log = logging.getLogger(__name__)

MAX_MEMORY_BYTES = 512 * 1024**2
"""Bytes that reading one file may take, all code of the process included."""

READ_TIMEOUT = 60.0
"""Seconds for one file."""

MAX_PROCESSES = 2
"""Files that are read at a time; others wait."""

MAX_ANSWER_BYTES = 150_000_000
"""Bytes that a process may say: the pages of a scan as pictures."""

MAX_KEPT_LENGTH = 8_000_000
"""Characters of all texts that are kept, so that a document is read once for many answers."""

SENTENCES: dict[Problem, str] = {
    'damaged': "{name} can't be read: it is damaged, or not what its name says. Save it again first.",
    'protected': '{name} is protected by a password. Save it without one first.',
    'bomb': '{name} is too large once it is unpacked. Attach a smaller part of it.',
    'memory': '{name} needs more than 512 MB of memory to be read. Attach a smaller part of it.',
    'time': '{name} takes more than 60 seconds to be read. Attach a smaller part of it.',
    'packages': 'Reading {name} needs more packages. Install them with: pip install "parlour[documents]"',
    'empty': '{name} has no text that can be read. Attach its pages as pictures.',
}
"""Why a file cannot be read, and what helps."""


class _TextAnswer(BaseModel):
    text: str
    count: int
    percent: int


class _PicturesAnswer(BaseModel):
    pictures: Annotated[list[str], Field(max_length=100)]
    count: int


class _ProblemAnswer(BaseModel):
    problem: Problem
    detail: str = ''


_Answer: TypeAlias = _TextAnswer | _PicturesAnswer | _ProblemAnswer

_ANSWER: TypeAdapter[_Answer] = TypeAdapter(_Answer)


@dataclass(frozen=True, slots=True)
class UprightPictures:
    """What became of a picture."""

    contents: Sequence[bytes]
    """Nothing if it can stay as it is."""
    count: int
    """Pages of the whole file; there may be more than are here."""


class DocumentReader:
    """Reads files of others, one a process. For the event loop only."""

    def __init__(
        self,
        *,
        memory: int = MAX_MEMORY_BYTES,
        timeout: float = READ_TIMEOUT,
        options: Sequence[str] = (),
    ) -> None:
        """Make a reader with limits of bytes and seconds; `options` are those of Python itself."""
        self._memory = memory
        self._timeout = timeout
        self._options = options
        self._slots = asyncio.Semaphore(MAX_PROCESSES)
        self._kept: OrderedDict[str, DocumentText | Problem] = OrderedDict()
        """By media type and SHA-256, what was read last, and why others were not."""

    async def text_of(
        self, name: str, media_type: str, content: bytes, *, is_new: bool = False
    ) -> DocumentText:
        """Return the text of a document; read once for as long as it is kept.

        Args:
            name: What it is called.
            media_type: What it is.
            content: Its bytes.
            is_new: Whether somebody attaches it, for whom it is tried again if it could not be read: packages
                may have been installed, or the computer has less to do now.

        Raises:
            AttachmentRefused: If it cannot be read, or there is no text in it.
        """
        digest = await asyncio.to_thread(lambda: sha256(content).hexdigest())
        key = f'{media_type} {digest}'
        found = self._kept.get(key)
        if found is None or (is_new and isinstance(found, str)):
            found = await self._text_or_problem(media_type, content)
        self._keep(key, found)
        if isinstance(found, str):
            raise AttachmentRefused(SENTENCES[found].format(name=name))
        return found

    async def _text_or_problem(self, media_type: str, content: bytes) -> DocumentText | Problem:
        match await self._ask(media_type, content):
            case _TextAnswer(text='') | _PicturesAnswer():
                return 'empty'
            case _TextAnswer() as read:
                return DocumentText(text=read.text, count=read.count, percent=read.percent)
            case _ProblemAnswer(problem=problem):
                return problem

    def _keep(self, key: str, found: DocumentText | Problem) -> None:
        self._kept[key] = found
        self._kept.move_to_end(key)
        while (
            sum(len(each.text) for each in self._kept.values() if not isinstance(each, str)) > MAX_KEPT_LENGTH
        ):
            self._kept.popitem(last=False)

    async def upright(self, name: str, content: bytes) -> UprightPictures:
        """Return a photo turned as its camera was held.

        Raises:
            AttachmentRefused: If it cannot be read.
        """
        return await self._pictures(name, 'upright', content)

    async def readable(self, name: str, content: bytes) -> UprightPictures:
        """Return a HEIC, AVIF or TIFF as pictures that models read.

        Raises:
            AttachmentRefused: If it cannot be read.
        """
        return await self._pictures(name, 'readable', content)

    async def _pictures(self, name: str, kind: str, content: bytes) -> UprightPictures:
        answer = await self._ask(kind, content)
        if isinstance(answer, _PicturesAnswer):
            contents = await asyncio.to_thread(lambda: [base64.b64decode(each) for each in answer.pictures])
            return UprightPictures(contents, answer.count)
        problem = answer.problem if isinstance(answer, _ProblemAnswer) else 'damaged'
        raise AttachmentRefused(SENTENCES[problem].format(name=name))

    async def _ask(self, kind: str, content: bytes) -> _Answer:
        async with self._slots:
            try:
                async with asyncio.timeout(self._timeout):
                    return await self._run(kind, content)
            except TimeoutError:
                log.info('A file took too long to be read (%s)', kind)
                return _ProblemAnswer(problem='time')

    async def _run(self, kind: str, content: bytes) -> _Answer:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, *self._options, '-P', '-B', '-m', 'chat.documents', kind, str(self._memory)),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            env=_environment(),
            start_new_session=True,  # Ctrl-C at the terminal is for us
        )
        assert process.stdin is not None  # noqa: S101  # both are pipes
        assert process.stdout is not None  # noqa: S101
        try:
            said, _ = await asyncio.gather(_read(process.stdout), _write(process.stdin, content))
            if said:
                await process.wait()
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
        return await asyncio.to_thread(_parsed, said, process.returncode)


async def _write(stdin: asyncio.StreamWriter, content: bytes) -> None:
    try:
        stdin.write(content)
        await stdin.drain()
        stdin.close()
        await stdin.wait_closed()
    except ConnectionError:
        pass  # it has ended before it had all: what it said tells why


async def _read(stdout: asyncio.StreamReader) -> bytes:
    said = bytearray()
    while len(said) <= MAX_ANSWER_BYTES and (piece := await stdout.read(1 << 20)):
        said += piece
    return bytes(said) if len(said) <= MAX_ANSWER_BYTES else b''


def _parsed(said: bytes, status: int | None) -> _Answer:
    try:
        answer = _ANSWER.validate_python(json.loads(said))
    except (ValueError, ValidationError):  # it was ended from outside, or has run out of memory in C or Rust
        log.info('A process that read a file ended with %s', status)
        return _ProblemAnswer(problem='memory')
    if isinstance(answer, _ProblemAnswer):
        log.info('A file could not be read: %s %s', answer.problem, answer.detail)
    return answer


def _environment() -> dict[str, str]:
    """Return what the process needs to find its code: no key of ours is in it."""
    kept = {name: os.environ[name] for name in ('SYSTEMROOT', 'PATH', 'LANG') if name in os.environ}
    return {**kept, 'PYTHONPATH': str(Path(__file__).parents[2]), 'PYTHONUTF8': '1'}
