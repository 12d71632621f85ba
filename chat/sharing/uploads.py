"""Uploads of guests: they may attach only their own files, within a quota of unsent ones."""

from collections import defaultdict
from collections.abc import Callable, Generator, Iterable
from contextlib import contextmanager
from dataclasses import dataclass
from time import monotonic

from chat.errors import UploadQuotaExceeded
from chat.sharing.access import Guest, Visitor

SECONDS_PER_HOUR = 3600.0
"""Seconds after which an upload no longer counts, sent or not."""

MAX_PENDING_FILES = 20
"""Unsent files of one browser: twice what a prompt can have."""

MAX_PENDING_BYTES = 100_000_000
"""Bytes of the unsent files of one browser."""


@dataclass(eq=False, slots=True)
class Upload:
    """A file that was uploaded, or is being uploaded."""

    begun_at: float
    size: int
    """In bytes; while it is being uploaded, the most that may arrive."""
    blob: str = ''
    """Its SHA-256, once it is stored."""
    is_sent: bool = False


class Uploads:
    """Tracks the uploads of each guest's browser since the start; the owner's are not counted."""

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self._clock = clock
        self._by_session: defaultdict[str, list[Upload]] = defaultdict(list)
        """By session, until it ends."""

    @contextmanager
    def reserve(self, visitor: Visitor, size: int) -> Generator[Upload]:
        """Reserve quota for a file while it is uploaded; released if the block fails.

        Raises:
            UploadQuotaExceeded: If the visitor has too many unsent uploads.
        """
        upload = Upload(self._clock(), size)
        if not isinstance(visitor, Guest):
            yield upload
            return
        theirs = self._by_session[visitor.session_id]
        self._check(theirs, size)
        theirs.append(upload)
        try:
            yield upload
        except BaseException:
            theirs.remove(upload)
            raise

    def blobs(self, visitor: Visitor) -> set[str]:
        """Return the files that this browser has uploaded."""
        return {upload.blob for upload in self._of(visitor) if upload.blob}

    def mark_sent(self, visitor: Visitor, blobs: Iterable[str]) -> None:
        """Mark files as sent: they no longer count."""
        sent = set(blobs)
        for upload in self._of(visitor):
            upload.is_sent |= upload.blob in sent

    def forget(self, session_id: str) -> None:
        """Forget what a browser has uploaded, since its session has ended."""
        self._by_session.pop(session_id, None)

    def _of(self, visitor: Visitor) -> list[Upload]:
        return self._by_session.get(visitor.session_id, [])

    def _check(self, theirs: list[Upload], size: int) -> None:
        since = self._clock() - SECONDS_PER_HOUR
        draft = [upload for upload in theirs if not upload.is_sent and upload.begun_at > since]
        if len(draft) >= MAX_PENDING_FILES or sum(upload.size for upload in draft) + size > MAX_PENDING_BYTES:
            raise UploadQuotaExceeded
