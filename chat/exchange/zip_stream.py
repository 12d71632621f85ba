"""A zip archive that is written while it is sent: nothing of it is kept.

`zipfile` writes to what cannot be rewound since Python 3.5: sizes follow the bytes. That is all there is to
it, so it needs no package.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import closing
from io import RawIOBase
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

from chat.conversation.storage import StoredFile

PIECE_BYTES = 256 * 1024
"""Bytes of a file that are read at once."""


_EPOCH = (1980, 1, 1, 0, 0, 0)
"""The time of every file, so that the same chats make the same archive."""


class _Outbox(RawIOBase):
    """Takes what `zipfile` writes, until it is sent."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, piece: bytes | bytearray | memoryview, /) -> int:  # pyright: ignore[reportIncompatibleMethodOverride]  # any buffer
        self._pieces.append(bytes(piece))
        return len(piece)

    def taken(self) -> bytes:
        """Return what was written since the last time."""
        pieces, self._pieces = self._pieces, []
        return b''.join(pieces)


class ZipStream:
    """Writes one archive; what is to be sent after each step comes out of `taken`."""

    def __init__(self) -> None:
        self._outbox = _Outbox()
        self._archive = ZipFile(self._outbox, 'w', ZIP_DEFLATED)

    async def add(
        self, name: str, content: AsyncIterator[bytes], *, size: int | None = None
    ) -> AsyncIterator[bytes]:
        """Write a file, and yield what is to be sent; compressing is done in a thread.

        Args:
            name: Its path in the archive.
            content: Its bytes in pieces.
            size: Set for files that are compressed already, such as pictures: how many bytes they have.
        """
        info = ZipInfo(name, _EPOCH)
        info.compress_type = ZIP_DEFLATED if size is None else ZIP_STORED
        info.external_attr = 0o600 << 16
        # an unknown size is taken to be small, and a file of more than 2 GB would fail at its end
        with self._archive.open(info, 'w', force_zip64=size is None or size > 1_000_000_000) as target:
            async for piece in content:
                await asyncio.to_thread(target.write, piece)
                if data := self._outbox.taken():
                    yield data
        if data := self._outbox.taken():
            yield data

    async def close(self) -> bytes:
        """End the archive; return what is to be sent last: its list of files, which takes its time."""
        await asyncio.to_thread(self._archive.close)
        return self._outbox.taken()


async def bytes_of(file: StoredFile) -> AsyncIterator[bytes]:
    """Yield the bytes of a stored file in pieces."""
    if not isinstance(file.content, Path):
        async for piece in file.content:
            yield piece
        return
    with closing(await asyncio.to_thread(file.content.open, 'rb')) as stream:
        while piece := await asyncio.to_thread(stream.read, PIECE_BYTES):
            yield piece
