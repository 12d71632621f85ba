"""The bytes of attachments and generated files: blobs, which are files named by their SHA-256."""

import base64
import binascii
import hashlib
import logging
import re
from collections.abc import Awaitable, Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, Protocol, TypeGuard

from pydantic_ai import BinaryContent

from chat.conversation.content.attachments import (
    Attachment,
    attached_file,
    checked_content,
    media_type_of,
    safe_name,
)
from chat.conversation.storage import StoredFile
from chat.store.filesystem.disk import Disk, DiskThread
from chat.store.tinydb_storage.tables import Json

log = logging.getLogger(__name__)

MAX_INLINE_BYTES = 1024
"""Bytes up to which content stays in the JSON."""

_SHA256_PATTERN = re.compile('[0-9a-f]{64}')

MEDIA_TYPE_BYTES = 4096
"""Bytes at the beginning of a file that tell what it is."""


class BlobContents(Protocol):
    """What puts the bytes of blobs into messages, and takes them out again."""

    def externalize(self, node: Any) -> Any:
        """Replace long binary content in a JSON value by blobs."""
        ...

    def inline(self, node: Any) -> Any:
        """Replace the blobs in a JSON value by their content; a missing blob has none."""
        ...


class BlobStore:
    """The folder of all blobs. What is named by no conversation is removed by a `BlobCollector`.

    Blocks, except for `path`; for the disk thread only.
    """

    def __init__(self, folder: Path, *, disk: Disk | None = None) -> None:
        self.folder = folder
        self._disk = disk or Disk()
        self._pinned: set[str] = set()
        """Blobs that were stored before a file could name them."""

    def path(self, sha256: str) -> Path | None:
        """Return the path of an existing blob; `None` for anything else, so that no name leads elsewhere."""
        return self.folder / sha256 if is_blob_name(sha256) else None

    def names(self) -> set[str]:
        """Return the names of all blobs."""
        return {path.name for path in self.folder.glob('*') if is_blob_name(path.name)}

    def externalize(self, node: Any) -> Any:
        """Replace long binary content in a JSON value by blobs, which are on the disk when this returns.

        Raises:
            OSError: If one could not be stored.
        """
        return externalized(node, self._put_if_long)

    def _put_if_long(self, content: bytes) -> str | None:
        if len(content) > MAX_INLINE_BYTES:
            return self.put(content)
        self._pinned.discard(blob_name(content))
        return None

    def inline(self, node: Any) -> Any:
        """Replace the blobs in a JSON value by their content; a missing blob has none."""
        return inlined(node, self.read)

    def put(self, content: bytes) -> str:
        """Store a blob so that it lasts; return its name.

        Raises:
            OSError: If it could not be stored.
        """
        name = blob_name(content)
        path = self.folder / name
        if path.is_file() and path.stat().st_size == len(content):
            self._disk.sync_folder(self.folder)  # the process that stored it may have died before its sync
        else:
            self._disk.replace(path, content)
        self._pinned.discard(name)
        return name

    def pin(self, content: bytes) -> str:
        """Store a blob that nobody names yet: nothing removes it until somebody does, or Parlour ends.

        Raises:
            OSError: If it could not be stored.
        """
        self._pinned.add(name := self.put(content))
        return name

    def unpin(self, names: Iterable[str]) -> None:
        """Have these blobs last as long as a file names them."""
        self._pinned.difference_update(names)

    def remove(self, names: Iterable[str]) -> int:
        """Remove these blobs for good; return how many were there.

        Raises:
            OSError: If one could not be removed.
        """
        unheld = set(names) - self._pinned
        paths = [path for name in unheld if (path := self.path(name)) and path.exists()]
        for path in paths:
            self._disk.unlink(path)
        if paths:
            self._disk.sync_folder(self.folder)
        return len(paths)

    def read(self, name: str) -> bytes:
        """Return the content of a blob; nothing if it is not there."""
        try:
            path = self.path(name)
            return path.read_bytes() if path else b''
        except OSError as error:
            log.warning('The blob %s cannot be read: %s', name, error.strerror)
            return b''


def externalized(node: Any, put: Callable[[bytes], str | None]) -> Any:
    """Return a JSON value with binary content replaced by the names of blobs.

    Args:
        node: The value.
        put: Stores content; returns the name of its blob, or `None` for what is to stay where it is.
    """
    if _is_array(node):
        return [externalized(item, put) for item in node]
    if not _is_object(node):
        return node
    if node.get('kind') != 'binary':
        return {key: externalized(value, put) for key, value in node.items()}
    content = _content(node.get('data'))
    if (name := put(content or b'')) is not None:
        return {**node, 'data': '', 'blob': name}
    # a name that a message brings with it gives no access to a stored blob
    return {key: value for key, value in node.items() if key != 'blob'}


def inlined(node: Any, read: Callable[[str], bytes]) -> Any:
    """Return a JSON value with blobs replaced by their content; `read` returns that of a name."""
    if _is_array(node):
        return [inlined(item, read) for item in node]
    if not _is_object(node):
        return node
    name = node.get('blob')
    if node.get('kind') != 'binary' or not isinstance(name, str):
        return {key: inlined(value, read) for key, value in node.items()}
    data = base64.urlsafe_b64encode(read(name)).decode()
    return {**{key: value for key, value in node.items() if key != 'blob'}, 'data': data}


def is_missing(content: BinaryContent) -> bool:
    """Return whether the bytes of an attachment are gone. One that never had any looks the same."""
    return not content.data


def with_blob_names(message: Json) -> Json:
    """Return the JSON of a message of a checkpoint with its files named: their bytes were left out there."""
    metadata = message.get('metadata')
    known = metadata.get('files') if _is_object(metadata) else None
    if not _is_array(known):
        return message
    names = iter([each.get('blob') if _is_object(each) else None for each in known])
    return {**message, 'parts': _named(message.get('parts'), names)}


def _named(node: Any, names: Iterator[Any]) -> Any:
    if _is_array(node):
        return [_named(item, names) for item in node]
    if not _is_object(node):
        return node
    if node.get('kind') == 'binary':
        name = next(names, None)
        return node if node.get('data') or not isinstance(name, str) else {**node, 'blob': name}
    return {key: _named(value, names) for key, value in node.items()}


def is_blob_name(text: str) -> bool:
    """Return whether a blob could have this name."""
    return _SHA256_PATTERN.fullmatch(text) is not None


def blob_name(content: bytes) -> str:
    """Return the name of the blob with this content."""
    return hashlib.sha256(content).hexdigest()


def _content(data: object) -> bytes | None:
    """Decode URL-safe base64; `None` for anything that would not encode to the same text again."""
    if not isinstance(data, str):
        return None
    try:
        content = base64.urlsafe_b64decode(data)
    except (binascii.Error, ValueError):
        return None
    return content if base64.urlsafe_b64encode(content).decode() == data else None


def _is_array(value: Any) -> TypeGuard[list[Any]]:
    return isinstance(value, list)


def _is_object(value: Any) -> TypeGuard[Json]:
    return isinstance(value, dict)


class AttachmentStore:
    """Files as blobs; for the event loop only."""

    def __init__(
        self,
        blobs: BlobStore,
        *,
        disk_thread: DiskThread,
        collect: Callable[[set[str]], Awaitable[None]],
    ) -> None:
        """`collect` removes those of some blobs that no file names."""
        self._blobs = blobs
        self._disk_thread = disk_thread
        self._collect = collect

    async def save(self, name: str, content: bytes, *, for_prompt: bool = True) -> Attachment:
        """Store a file; until it is named by a conversation or by what is unsent, it lasts to the next start.

        Raises:
            AttachmentRefused: If it is too large, or of a kind that no model is sent.
            OSError: If it could not be stored.
        """
        return await self._disk_thread.run(self._save, safe_name(name), content, for_prompt)

    async def read(self, attachments: Iterable[Attachment]) -> dict[Attachment, BinaryContent]:
        """Return the files with their bytes, as they are and not as somebody says they are.

        Raises:
            AttachmentMissing: If one is not there.
        """
        wanted = list(attachments)  # mostly none; then nothing waits for the disk
        return await self._disk_thread.run(self._read, wanted) if wanted else {}

    async def get(self, blob: str) -> StoredFile | None:
        """Return the bytes and the type of a file; `None` if there is no such file."""
        return await self._disk_thread.run(stored_file, self._blobs, blob)

    async def discard(self, blobs: Iterable[str]) -> None:
        """Erase those of these files that no conversation and no draft names."""
        unwanted = {*blobs}
        await self._disk_thread.run(self._blobs.unpin, unwanted)
        await self._collect(unwanted)

    def _save(self, name: str, content: bytes, for_prompt: bool) -> Attachment:
        media_type = media_type_of(content) or ''
        if for_prompt:
            content, media_type = checked_content(name, content)
        return Attachment(blob=self._blobs.pin(content), name=name, media_type=media_type, size=len(content))

    def _read(self, attachments: list[Attachment]) -> dict[Attachment, BinaryContent]:
        return dict(attached_file(said, self._blobs.read(said.blob)) for said in attachments)


def stored_file(blobs: BlobStore, blob: str) -> StoredFile | None:
    """Return the bytes and the type of a blob; `None` if there is none, or it has no such name."""
    path = blobs.path(blob)
    if path is None or not path.is_file():
        return None
    with path.open('rb') as file:
        media_type = media_type_of(file.read(MEDIA_TYPE_BYTES), is_whole=False)
    return StoredFile(media_type=media_type, size=path.stat().st_size, content=path)
