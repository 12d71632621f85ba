"""What a file becomes by a call of a tool that writes: its bytes, and the difference to what it is."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from chat.agent.tools.open_folder import digest
from chat.encodings import DecodedText, decode
from chat.errors import FolderRefused
from chat.file_difference import FileDifference, difference_of

MAX_WRITTEN_BYTES = 1_000_000
"""Bytes of a file that is written; nobody can look through more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FileEdit:
    """What a file becomes."""

    content: bytes
    difference: FileDifference


def edit_of(
    before: bytes | None, tool: str, arguments: Mapping[str, Any], *, folder: str, path: str
) -> FileEdit:
    """Return what becomes of a file by this call; `before` is `None` if it is not there.

    The file keeps its encoding, its mark and the way in which its lines end.

    Raises:
        FolderRefused: If it cannot be done.
    """
    old = decoded(before or b'', path)
    if tool == 'write_file':
        text = _with_breaks_of(old.text, str(arguments['content']))
    elif before is None:
        raise FolderRefused(f'There is no “{path}”.')
    else:
        text = _replaced(old.text, str(arguments['old_text']), str(arguments['new_text']), path)
    if before and old.encode(old.text) != before:
        raise FolderRefused(f'The encoding of “{path}” is not certain, so writing it might spoil it.')
    content = _encoded(old, text, path)
    if content == before:
        raise FolderRefused(f'“{path}” has exactly this content already.')
    if len(content) > MAX_WRITTEN_BYTES:
        raise FolderRefused(f'Files of more than {MAX_WRITTEN_BYTES:,} bytes are not written.')
    digests = ('' if before is None else digest(before), digest(content))
    return FileEdit(
        content=content, difference=difference_of(old.text, text, folder=folder, path=path, digests=digests)
    )


def decoded(content: bytes, path: str) -> DecodedText:
    """Return the text of a file.

    Raises:
        FolderRefused: If it is none.
    """
    if (text := decode(content)) is None:
        raise FolderRefused(f'“{path}” is no text but {len(content):,} bytes of something else.')
    return text


def _replaced(text: str, old: str, new: str, path: str) -> str:
    """Return a text with one piece replaced; models know only lines that end as those of Unix do."""
    if old not in text:
        old = _with_breaks_of(text, old)
    count = text.count(old) if old else 0
    if count != 1:
        how_often = f'{count:,} times' if count else 'nowhere'
        raise FolderRefused(
            f'“old_text” is {how_often} in “{path}”, and must be there exactly once. '
            'Read the file again, and give whole lines with those around them.'
        )
    return text.replace(old, _with_breaks_of(text, new))


def _with_breaks_of(text: str, other: str) -> str:
    """Return another text with its lines ending as most of this one do."""
    breaks = text.count('\r\n')
    return other.replace('\r\n', '\n').replace('\n', '\r\n') if breaks * 2 > text.count('\n') else other


def _encoded(old: DecodedText, text: str, path: str) -> bytes:
    try:
        return old.encode(text)
    except UnicodeEncodeError as error:
        character = f'U+{ord(error.object[error.start]):04X}'
        raise FolderRefused(
            f'“{path}” is in {old.encoding}, which lacks the character {character}. Write it without that.'
        ) from error
